// Lays overlays, titles, outlines, cursor and tooltip over the Plotly figure of the viewer, and runs
// the display controls. Nothing here asks the server, except that a picked region is reported.
// The overlay lives inside Plotly's own container, so it follows full screen and is dropped with it.

const SVG = "http://www.w3.org/2000/svg";
const ALL = -3; // in place of a region: every region
const CLICK_RADIUS = 4; // pixels between press and release that still count as a click
const viewers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.pick = (player) => setTriggerValue("picked", player);
  viewer.enlarge = (large) => setStateValue("large", large); // another figure: the one thing asked for
  viewer.update(data);
  return () => {
    viewer.dispose();
    viewers.delete(parentElement);
  };
}

function html(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.life = new AbortController();
    this.filter = `cs-window-${Math.random().toString(36).slice(2)}`;
    this.controls = root.querySelector(".cs-controls");
    this.size = root.appendChild(html("style", ""));
    this.listen(document, "consilium-region", ({ detail }) => this.follow(detail));
    this.listen(this.controls, "input", () => this.restyle());
    this.listen(this.control("large"), "change", ({ target }) => this.enlarge(target.checked));
    this.listen(this.controls.querySelector("button"), "click", () => this.reset());
  }

  listen(target, type, handler, options = {}) {
    target.addEventListener(type, handler, { signal: this.life.signal, ...options });
  }

  control(name) {
    return this.controls.querySelector(`[name=${name}]`);
  }

  update(data) {
    this.data = data;
    this.selected = data.selected ?? undefined;
    this.root.querySelector(".cs-summary").textContent = data.summary;
    // Written and escaped by components/figures/legend.py.
    this.root.querySelector(".cs-legend").innerHTML = data.legend;
    this.owner = decode(data);
    this.outlines = new Map();
    this.stage = document.querySelector(`.st-key-${data.stage}`);
    if (!this.watcher && this.stage) this.watch();
    this.control("fine").disabled = !data.panels.some((panel) => panel.overlays[1]);
    this.build();
  }

  // Plotly arrives late, and is mounted anew in full screen or on another film.
  watch() {
    this.watcher = new MutationObserver(() => this.attach());
    this.watcher.observe(this.stage, { childList: true, subtree: true });
    this.sizer = new ResizeObserver(() => this.resize());
    this.sizer.observe(this.stage);
    this.listen(this.stage, "pointermove", (event) => this.hover(event));
    this.listen(this.stage, "pointerleave", () => this.hover(null));
    this.listen(this.stage, "pointerdown", (event) => (this.pressed = event), { capture: true });
    this.listen(document, "pointerup", (event) => this.release(event), { capture: true });
    // A plain wheel scrolls the page; with Ctrl (or a pinch) it zooms the films.
    const wheel = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
    this.listen(this.stage, "wheel", wheel, { capture: true, passive: true });
  }

  dispose() {
    this.life.abort();
    this.watcher?.disconnect();
    this.sizer?.disconnect();
    this.layer?.remove();
    this.size.remove();
  }

  resize() {
    const [width, height] = this.data.film;
    const { rows, columns, spacing, side, top } = this.data;
    const panel = (this.stage.clientWidth - side) * ((1 - spacing[0] * (columns - 1)) / columns);
    const plots = (panel * (height / width) * rows) / (1 - spacing[1] * (rows - 1));
    const total = Math.round(plots + top + 4);
    this.size.textContent = `.st-key-${this.data.figure}{height:${total}px;flex:none}`;
  }

  attach() {
    const plot = this.stage?.querySelector(".js-plotly-plot");
    if (!plot?._fullLayout || !plot.on) return;
    if (plot === this.plot && this.layer?.isConnected) return;
    if (plot !== this.plot) {
      this.plot = plot;
      for (const name of ["relayouting", "relayout", "afterplot"]) {
        plot.on(`plotly_${name}`, () => this.place());
      }
    }
    this.build();
  }

  build() {
    this.layer?.remove();
    const home = this.stage?.querySelector(".js-plotly-plot");
    if (!home || home !== this.plot) return this.attach();
    this.layer = html("div", "cs-layer");
    this.layer.setAttribute("aria-hidden", "true");
    this.style = html("style", "");
    this.tip = html("div", "cs-tip");
    this.tip.hidden = true;
    this.layer.append(this.style, this.windowFilter());
    this.panels = this.data.panels.map((panel) => this.buildPanel(panel));
    this.layer.append(this.tip);
    const theme = getComputedStyle(this.root.querySelector(".cs-controls"));
    for (const name of ["--st-background-color", "--st-text-color", "--st-primary-color", "--st-font"]) {
      this.layer.style.setProperty(name, theme.getPropertyValue(name));
    }
    home.append(this.layer);
    this.resize();
    this.place();
    this.restyle();
    this.mark();
  }

  buildPanel(panel) {
    const [left, top, width, height] = this.data.frame;
    const [filmWidth, filmHeight] = this.data.film;
    const title = html("div", "cs-title");
    title.append(html("b", "", panel.title), html("span", "", panel.subtitle));
    const picture = svg("svg", { preserveAspectRatio: "none", class: "cs-panel" });
    const unseen = `M0 0H${filmWidth}V${filmHeight}H0ZM${left} ${top}v${height}h${width}v${-height}Z`;
    if (!panel.plain) {
      picture.append(svg("path", { d: unseen, class: "cs-unseen", "fill-rule": "evenodd" }));
    }
    panel.overlays.forEach((address, fine) => {
      if (!address) return;
      const image = { href: address, x: left, y: top, width, height, preserveAspectRatio: "none" };
      const kind = fine ? "cs-fine" : panel.overlays[1] ? "cs-regions cs-has-fine" : "cs-regions";
      picture.append(svg("image", { ...image, class: kind }));
    });
    const lines = {};
    for (const name of ["grid", "halo", "selected", "hovered", "cross"]) {
      lines[name] = svg("path", { class: `cs-line cs-${name}`, d: "" });
      picture.append(lines[name]);
    }
    const frame = html("div", "cs-frame");
    if (this.data.letters) {
      frame.append(html("i", "cs-left", this.data.letters[0]), html("i", "cs-right", this.data.letters[1]));
    }
    if (panel.message) frame.append(html("p", "", panel.message));
    this.layer.append(title, picture, frame);
    return { title, picture, frame, lines };
  }

  windowFilter() {
    const holder = svg("svg", { width: 0, height: 0 });
    const filter = svg("filter", { id: this.filter, "color-interpolation-filters": "sRGB" });
    const transfer = svg("feComponentTransfer", {});
    this.transfers = ["R", "G", "B"].map((c) => svg(`feFunc${c}`, { type: "linear" }));
    transfer.append(...this.transfers);
    filter.append(transfer);
    holder.append(filter);
    return holder;
  }

  // Axes of panel i as Plotly has drawn them just now.
  axes(i) {
    const layout = this.plot._fullLayout;
    const suffix = i ? String(i + 1) : "";
    const [x, y] = [layout[`xaxis${suffix}`], layout[`yaxis${suffix}`]];
    return {
      left: x._offset, top: y._offset, width: x._length, height: y._length,
      x0: x.range[0], x1: x.range[1], y0: y.range[1], y1: y.range[0],
    };
  }

  place() {
    if (!this.layer?.isConnected) return this.attach();
    this.panels.forEach((panel, i) => {
      const a = this.axes(i);
      const box = { left: a.left, top: a.top, width: a.width, height: a.height };
      for (const [name, value] of Object.entries(box)) {
        panel.picture.style[name] = panel.frame.style[name] = `${value}px`;
      }
      panel.picture.setAttribute("viewBox", [a.x0, a.y0, a.x1 - a.x0, a.y1 - a.y0].join(" "));
      panel.title.style.left = `${a.left}px`;
      panel.title.style.width = `${a.width}px`;
      panel.title.style.top = `${a.top - this.data.top}px`;
      panel.title.style.height = `${this.data.top - 6}px`;
    });
  }

  restyle() {
    const value = (name) => Number(this.control(name).value);
    for (const name of ["opacity", "window", "level"]) {
      this.control(name).parentElement.querySelector("output").textContent = `${value(name)} %`;
    }
    if (!this.layer) return;
    const sign = this.control("invert").checked ? -1 : 1;
    const slope = (sign * 100) / value("window");
    const intercept = 0.5 - (slope * value("level")) / 100;
    for (const transfer of this.transfers) {
      transfer.setAttribute("slope", slope);
      transfer.setAttribute("intercept", intercept);
    }
    const plain = sign === 1 && value("window") === 100 && value("level") === 50;
    const films = `.st-key-${this.data.stage} .imagelayer image`;
    this.style.textContent = plain ? "" : `${films}{filter:url(#${this.filter})}`;
    for (const node of [this.layer, this.root.querySelector(".cs-legend")]) {
      node.style.setProperty("--cs-opacity", value("opacity") / 100);
      node.classList.toggle("cs-show-fine", this.control("fine").checked);
    }
    this.layer.classList.toggle("cs-show-grid", this.control("outlines").checked);
    if (this.control("outlines").checked) this.draw("grid", ALL);
  }

  reset() {
    for (const input of this.controls.querySelectorAll("input:not([name=large])")) {
      input.value = input.defaultValue;
      input.checked = input.defaultChecked;
    }
    this.restyle();
  }

  mark() {
    this.draw("halo", this.selected);
    this.draw("selected", this.selected);
  }

  // What is hovered or chosen in the table of regions.
  follow({ stage, what, player }) {
    if (stage !== this.data?.stage || !this.layer) return;
    if (what === "hover") this.draw("hovered", player);
    if (what === "choose") this.selected = player;
    this.mark();
  }

  // Outline of one region (ALL, or none for undefined) in every panel.
  draw(name, player) {
    const d = player === undefined ? "" : this.outline(player);
    for (const panel of this.panels) panel.lines[name].setAttribute("d", d);
  }

  outline(player) {
    if (!this.outlines.has(player)) {
      this.outlines.set(player, outlinePath(this.owner, this.data, player));
    }
    return this.outlines.get(player);
  }

  // Where a pointer is: panel, film position, region under it.
  locate(event) {
    if (!this.layer?.isConnected) return null;
    const origin = this.layer.getBoundingClientRect();
    const [px, py] = [event.clientX - origin.left, event.clientY - origin.top];
    for (let i = 0; i < this.panels.length; i++) {
      const a = this.axes(i);
      const [u, v] = [(px - a.left) / a.width, (py - a.top) / a.height];
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
      const [x, y] = [a.x0 + u * (a.x1 - a.x0), a.y0 + v * (a.y1 - a.y0)];
      return { px, py, x, y, unit: (a.x1 - a.x0) / a.width, player: this.playerAt(x, y) };
    }
    return null;
  }

  playerAt(x, y) {
    const [left, top, width, height] = this.data.frame;
    const [columns, rows] = this.data.grid;
    const column = Math.floor(((x - left) / width) * columns);
    const row = Math.floor(((y - top) / height) * rows);
    if (column < 0 || row < 0 || column >= columns || row >= rows) return undefined;
    const player = this.owner[row * columns + column];
    return player < 0 ? undefined : player;
  }

  hover(event) {
    if (!this.panels) return;
    const at = event && !event.buttons ? this.locate(event) : null;
    const arm = at ? 7 * at.unit : 0;
    const cross = at
      ? `M${at.x - arm} ${at.y}h${2 * arm}M${at.x} ${at.y - arm}v${2 * arm}` : "";
    for (const panel of this.panels) panel.lines.cross.setAttribute("d", cross);
    if (at?.player !== this.hovered) {
      this.hovered = at?.player;
      this.draw("hovered", this.hovered);
      this.describe(this.hovered);
    }
    this.tip.hidden = at?.player === undefined;
    if (!this.tip.hidden) this.moveTip(at);
  }

  describe(player) {
    this.tip.replaceChildren();
    if (player === undefined) return;
    const head = html("b", "", this.data.names[player]);
    if (this.data.verdicts) head.append(html("em", "", this.data.verdicts[player]));
    this.tip.append(head);
    for (const method of this.data.methods) {
      const row = html("div", "");
      row.append(html("span", "", method.title), html("span", "", method.cells[player]));
      this.tip.append(row);
    }
  }

  moveTip(at) {
    const [w, h] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const room = this.layer.getBoundingClientRect();
    const left = at.px + 16 + w > room.width ? at.px - 16 - w : at.px + 16;
    const top = at.py + 16 + h > room.height ? at.py - 16 - h : at.py + 16;
    this.tip.style.transform = `translate(${Math.max(0, left)}px,${top}px)`;
  }

  release(event) {
    const from = this.pressed;
    this.pressed = null;
    if (!from || event.button !== 0 || event.target.closest?.(".modebar")) return;
    if (Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > CLICK_RADIUS) return;
    const player = this.locate(event)?.player;
    if (player === undefined || player === this.selected) return;
    this.selected = player;
    this.mark();
    this.pick(player);
    const detail = { stage: this.data.stage, what: "pick", player };
    document.dispatchEvent(new CustomEvent("consilium-region", { detail }));
  }
}

// Run-length code -> region of every input pixel.
function decode({ runs, grid }) {
  const owner = new Int32Array(grid[0] * grid[1]);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    owner.fill(runs[i], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
  return owner;
}

// Border of one region, or of ALL, as horizontal and vertical runs in film pixels.
function outlinePath(owner, { grid: [columns, rows], frame: [left, top, width, height] }, player) {
  const at = (r, c) => (r < 0 || c < 0 || r >= rows || c >= columns ? -2 : owner[r * columns + c]);
  const differ = (a, b) => a !== b && (player === ALL || a === player || b === player);
  const x = (c) => left + (c * width) / columns;
  const y = (r) => top + (r * height) / rows;
  const parts = [];
  const trace = (lines, length, border, segment) => {
    for (let i = 0; i <= lines; i++) {
      for (let j = 0, start = -1; j <= length; j++) {
        const edge = j < length && border(i, j);
        if (edge && start < 0) start = j;
        if (!edge && start >= 0) {
          parts.push(segment(i, start, j));
          start = -1;
        }
      }
    }
  };
  trace(rows, columns, (r, c) => differ(at(r - 1, c), at(r, c)), (r, c0, c1) => `M${x(c0)} ${y(r)}H${x(c1)}`);
  trace(columns, rows, (c, r) => differ(at(r, c - 1), at(r, c)), (c, r0, r1) => `M${x(c)} ${y(r0)}V${y(r1)}`);
  return parts.join("");
}
