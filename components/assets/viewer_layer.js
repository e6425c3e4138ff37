// What lies over the films: titles, overlays, outlines, cursor, tooltip. It lives inside Plotly's own
// container and follows Plotly's axes; coordinates inside a panel are film pixels.

const NUMBER_SIZE = 15; // pixels

class Layer {
  constructor(plot, data, theme) {
    this.plot = plot;
    this.data = data;
    this.owner = decodeRuns(data);
    this.outlines = new Map();
    this.root = html("div", "cs-layer");
    this.root.setAttribute("aria-hidden", "true"); // told in words beside the controls
    for (const name of ["background-color", "text-color", "primary-color", "font"]) {
      this.root.style.setProperty(`--st-${name}`, theme.getPropertyValue(`--st-${name}`));
    }
    this.root.append(this.buildFilter());
    this.panels = data.panels.map((panel) => this.buildPanel(panel));
    this.tip = html("div", "cs-tip");
    this.tip.hidden = true;
    this.root.append(this.tip);
    plot.append(this.root);
  }

  get isConnected() {
    return this.root.isConnected;
  }

  remove() {
    this.root.remove();
  }

  // Window and level act on the film of every panel through one filter.
  buildFilter() {
    const id = `cs-window-${Math.random().toString(36).slice(2)}`;
    const holder = svg("svg", { width: 0, height: 0 });
    const filter = svg("filter", { id, "color-interpolation-filters": "sRGB" });
    const transfer = svg("feComponentTransfer", {});
    this.transfers = ["R", "G", "B"].map((c) => svg(`feFunc${c}`, { type: "linear" }));
    transfer.append(...this.transfers);
    filter.append(transfer);
    holder.append(filter);
    this.filtered = `.st-key-${this.data.stage} .imagelayer image{filter:url(#${id})}`;
    this.sheet = holder.appendChild(html("style", ""));
    return holder;
  }

  buildPanel(panel) {
    const title = html("div", "cs-title");
    title.append(html("b", "", panel.title), html("span", "", panel.subtitle));
    const picture = svg("svg", { preserveAspectRatio: "none", class: "cs-panel" });
    picture.append(...this.buildOverlays(panel));
    const lines = {};
    for (const name of ["grid", "halo", "selected", "shade", "drawn", "hovered", "cross"]) {
      lines[name] = picture.appendChild(svg("path", { class: `cs-line cs-${name}`, d: "" }));
    }
    const label = picture.appendChild(svg("text", { class: "cs-number" }));
    const frame = html("div", "cs-frame");
    const [left, right] = this.data.letters ?? [];
    if (left) frame.append(html("i", "cs-left", left), html("i", "cs-right", right));
    if (panel.message) frame.append(html("p", "", panel.message));
    this.root.append(title, picture, frame);
    return { title, picture, frame, lines, label };
  }

  // Dark where the model did not look, then the overlays: regions, and a finer map if there is one.
  buildOverlays({ plain, overlays }) {
    if (plain) return [];
    const [x, y, width, height] = this.data.frame;
    const [filmWidth, filmHeight] = this.data.film;
    const unseen = `M0 0H${filmWidth}V${filmHeight}H0ZM${x} ${y}v${height}h${width}v${-height}Z`;
    const nodes = [svg("path", { d: unseen, class: "cs-unseen", "fill-rule": "evenodd" })];
    const place = { x, y, width, height, preserveAspectRatio: "none" };
    const [regions, fine] = overlays;
    const kind = fine ? "cs-regions cs-has-fine" : "cs-regions";
    if (regions) nodes.push(svg("image", { ...place, href: regions, class: kind }));
    if (fine) nodes.push(svg("image", { ...place, href: fine, class: "cs-fine" }));
    return nodes;
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

  // After every zoom, pan and resize.
  place() {
    this.panels.forEach(({ title, picture, frame, label }, i) => {
      const { x0, x1, y0, y1, ...box } = this.axes(i);
      for (const [side, pixels] of Object.entries(box)) {
        picture.style[side] = frame.style[side] = `${pixels}px`;
      }
      picture.setAttribute("viewBox", [x0, y0, x1 - x0, y1 - y0].join(" "));
      label.setAttribute("font-size", (NUMBER_SIZE * (x1 - x0)) / box.width);
      title.style.left = `${box.left}px`;
      title.style.width = `${box.width}px`;
      title.style.top = `${box.top - this.data.top}px`;
      title.style.height = `${this.data.top - 6}px`;
    });
  }

  setWindow({ slope, intercept }) {
    for (const transfer of this.transfers) {
      transfer.setAttribute("slope", slope);
      transfer.setAttribute("intercept", intercept);
    }
    this.sheet.textContent = slope === 1 && intercept === 0 ? "" : this.filtered;
  }

  // Draw a region (ALL, or none for undefined) with one of the lines, in every panel.
  outline(line, region) {
    if (region !== undefined && !this.outlines.has(region)) {
      this.outlines.set(region, outlinePath(this.owner, this.data, region));
    }
    const path = region === undefined ? "" : this.outlines.get(region);
    for (const panel of this.panels) panel.lines[line].setAttribute("d", path);
  }

  // The number that tells a region from others of the same place, on the region itself.
  number(region) {
    const text = this.data.names[region]?.match(/ (\d+)$/)?.[1] ?? "";
    const [x, y] = text ? middleOf(this.owner, this.data, region) : [0, 0];
    for (const { label } of this.panels) {
      label.textContent = text;
      label.setAttribute("x", x);
      label.setAttribute("y", y);
    }
  }

  // An area in every panel, corners in film pixels; none for an empty one.
  draw(corners) {
    const path = corners.length > 1 ? `M${corners.map((c) => c.join(" ")).join("L")}Z` : "";
    for (const { lines } of this.panels) {
      lines.shade.setAttribute("d", path);
      lines.drawn.setAttribute("d", path);
    }
  }

  // The panel under a pointer, undefined where there is none.
  panelAt(event) {
    const at = this.panels.findIndex(({ picture }) => {
      const box = picture.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      return x >= 0 && y >= 0 && x < box.width && y < box.height;
    });
    return at < 0 ? undefined : at;
  }

  // Where a pointer is on the film of a panel, at its edge when it has left it.
  filmPoint(event, panel) {
    const [a, origin] = [this.axes(panel), this.root.getBoundingClientRect()];
    const [width, height] = this.data.film;
    const within = (value, end) => Math.min(Math.max(value, 0), end);
    const x = a.x0 + ((event.clientX - origin.left - a.left) / a.width) * (a.x1 - a.x0);
    const y = a.y0 + ((event.clientY - origin.top - a.top) / a.height) * (a.y1 - a.y0);
    return [within(x, width), within(y, height)];
  }

  // Where a pointer is: on screen, on the film, and in which region; null outside the panels.
  locate(event) {
    const origin = this.root.getBoundingClientRect();
    const [px, py] = [event.clientX - origin.left, event.clientY - origin.top];
    for (let i = 0; i < this.panels.length; i++) {
      const a = this.axes(i);
      const [u, v] = [(px - a.left) / a.width, (py - a.top) / a.height];
      if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
      const [x, y] = [a.x0 + u * (a.x1 - a.x0), a.y0 + v * (a.y1 - a.y0)];
      const region = regionAt(this.owner, this.data, x, y);
      return { px, py, x, y, region, arm: (7 * (a.x1 - a.x0)) / a.width };
    }
    return null;
  }

  // A cross at the same place of every film, and the region under it in words.
  point(at) {
    const cross = at
      ? `M${at.x - at.arm} ${at.y}h${2 * at.arm}M${at.x} ${at.y - at.arm}v${2 * at.arm}`
      : "";
    for (const panel of this.panels) panel.lines.cross.setAttribute("d", cross);
    if (at?.region !== this.pointed) {
      this.pointed = at?.region;
      this.outline("hovered", this.pointed);
      this.describe(this.pointed);
    }
    this.tip.hidden = at?.region === undefined;
    if (!this.tip.hidden) this.moveTip(at);
  }

  describe(region) {
    this.tip.replaceChildren();
    if (region === undefined) return;
    const head = html("b", "", this.data.names[region]);
    if (this.data.verdicts) head.append(html("em", "", this.data.verdicts[region]));
    this.tip.append(head);
    for (const method of this.data.methods) {
      const row = html("div", "");
      row.append(html("span", "", method.title), html("span", "", method.cells[region]));
      this.tip.append(row);
    }
  }

  moveTip({ px, py }) {
    const [width, height] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const room = this.root.getBoundingClientRect();
    const left = px + 16 + width > room.width ? px - 16 - width : px + 16;
    const top = py + 16 + height > room.height ? py - 16 - height : py + 16;
    this.tip.style.transform = `translate(${Math.max(0, left)}px,${Math.max(0, top)}px)`;
  }
}
