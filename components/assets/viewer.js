// Runs the display controls and the picking of regions on the viewer's Plotly figure. Nothing here asks the
// server, except that a picked region and the wish for larger panels are reported.

const NONE = -1; // told in place of a region that was let go
const MARGIN = 84; // pixels of the window that larger panels leave free: the page's head and a border
const CLICK_RADIUS = 4; // pixels between press and release that still count as a click
const viewers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.report = (region) => setTriggerValue("picked", region);
  viewer.drew = (corners) => setStateValue("drawn", corners);
  viewer.enlarge = (large) => setStateValue("large", large); // takes another figure
  viewer.update(data);
  return () => {
    viewer.dispose();
    viewers.delete(parentElement);
  };
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.life = new AbortController();
    this.size = root.appendChild(html("style", ""));
    this.controls = root.querySelector(".cs-controls");
    this.legend = root.querySelector(".cs-legend");
    this.pencil = new Pencil(this, this.controls);
    this.listen(this.controls, "input", () => this.restyle());
    this.listen(this.control("large"), "change", ({ target }) => {
      this.enlarge(target.checked);
      if (target.checked) this.stage?.scrollIntoView({ block: "start", behavior: "smooth" });
    });
    this.listen(this.control("reset"), "click", () => this.reset());
    this.listen(document, "consilium-region", ({ detail }) => this.follow(detail));
  }

  listen(target, type, handler, options = {}) {
    target.addEventListener(type, handler, { signal: this.life.signal, ...options });
  }

  // Whether the focus is at something of this viewer.
  owns(node) {
    return this.controls.contains(node) || Boolean(this.stage?.contains(node));
  }

  control(name) {
    return this.controls.querySelector(`[name=${name}]`);
  }

  update(data) {
    this.data = data;
    this.selected = data.selected ?? undefined;
    this.root.querySelector(".cs-summary").textContent = data.summary;
    this.legend.innerHTML = data.legend; // written and escaped by components/figures/legend.py
    this.control("outlines").disabled = !data.names.length; // the film is not cut yet
    this.control("fine").disabled = !data.panels.some((panel) => panel.overlays[1]);
    this.control("large").checked = data.rows > 1;
    if (!this.watcher) this.watch();
    this.build();
    this.pencil.follow(data.drawn);
  }

  // Plotly arrives late, and is mounted anew for another film or layout, or when the page above it changes.
  watch() {
    this.watcher = new MutationObserver(() => this.attach());
    const page = this.root.closest(".stMain") ?? document.body;
    this.watcher.observe(page, { childList: true, subtree: true });
    this.sizer = new ResizeObserver(() => this.resize());
    this.listen(document, "pointerup", (event) => this.release(event), { capture: true });
  }

  enter(stage) {
    this.stage = stage;
    this.sizer.disconnect();
    this.sizer.observe(stage);
    this.pencil.enter(stage); // before the other listeners: it may keep a press for itself
    this.listen(stage, "pointermove", (event) => this.hover(event));
    this.listen(stage, "pointerleave", () => this.layer?.point(null));
    this.listen(stage, "pointerdown", (event) => (this.pressed = event), { capture: true });
    // A plain wheel scrolls the page; with Ctrl (or a pinch) it zooms the films.
    const wheel = (event) => event.ctrlKey || event.metaKey || event.stopPropagation();
    this.listen(stage, "wheel", wheel, { capture: true, passive: true });
  }

  dispose() {
    this.life.abort();
    this.watcher?.disconnect();
    this.sizer?.disconnect();
    this.layer?.remove();
    this.size.remove();
  }

  attach() {
    const stage = document.querySelector(`.st-key-${this.data.stage}`);
    if (stage && stage !== this.stage) this.enter(stage);
    const plot = stage?.querySelector(".js-plotly-plot");
    if (!plot?._fullLayout || !plot.on) return; // not drawn yet
    if (plot === this.plot && this.layer?.isConnected) return;
    if (plot !== this.plot) {
      this.plot = plot;
      for (const event of ["relayouting", "relayout", "afterplot"]) {
        plot.on(`plotly_${event}`, () => this.place());
      }
    }
    this.build();
  }

  build() {
    this.layer?.remove();
    if (!this.plot?.isConnected) return this.attach();
    this.layer = new Layer(this.plot, this.data, getComputedStyle(this.controls));
    this.resize();
    this.place();
    this.restyle();
    this.mark();
    this.pencil.show();
  }

  // The height that gives every panel the shape of the film at the page's width; two rows of larger
  // panels fit into the window, so that no panel is out of sight.
  resize() {
    const { rows, columns, spacing, side, top, film } = this.data;
    const panel = (this.stage.clientWidth - side) * ((1 - spacing[0] * (columns - 1)) / columns);
    const plots = (panel * (film[1] / film[0]) * rows) / (1 - spacing[1] * (rows - 1));
    const room = rows > 1 ? window.innerHeight - MARGIN : Infinity;
    const total = Math.round(Math.min(plots + top + 4, room));
    this.size.textContent = `.st-key-${this.data.figure}{height:${total}px;flex:none}`;
  }

  place() {
    if (this.layer?.isConnected) this.layer.place();
    else this.attach();
  }

  restyle() {
    const value = (name) => Number(this.control(name).value);
    for (const name of ["opacity", "window", "level"]) {
      this.control(name).parentElement.querySelector("output").textContent = `${value(name)} %`;
    }
    if (!this.layer) return;
    const slope = ((this.control("invert").checked ? -1 : 1) * 100) / value("window");
    this.layer.setWindow({ slope, intercept: 0.5 - (slope * value("level")) / 100 });
    this.layer.outline("grid", this.control("outlines").checked ? ALL : undefined);
    for (const node of [this.layer.root, this.legend]) {
      node.style.setProperty("--cs-opacity", value("opacity") / 100);
      node.classList.toggle("cs-show-fine", this.control("fine").checked);
    }
  }

  reset() {
    for (const input of this.controls.querySelectorAll("input:not([name=large])")) {
      input.value = input.defaultValue;
      input.checked = input.defaultChecked;
    }
    this.restyle();
  }

  mark() {
    this.layer?.outline("halo", this.selected);
    this.layer?.outline("selected", this.selected);
    this.layer?.number(this.selected);
  }

  // What is hovered or chosen in the table of regions.
  follow({ stage, what, region }) {
    if (stage !== this.data?.stage) return;
    if (what === "hover") this.layer?.outline("hovered", region);
    if (what !== "choose") return;
    this.selected = region;
    this.mark();
  }

  hover(event) {
    if (this.layer?.isConnected) this.layer.point(event.buttons ? null : this.layer.locate(event));
  }

  // A press and release at one place picks the region there.
  release(event) {
    const from = this.pressed;
    this.pressed = null;
    if (!from || event.button !== 0 || !this.layer?.isConnected) return;
    const moved = Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY);
    const picked = moved > CLICK_RADIUS ? undefined : this.layer.locate(event)?.region;
    if (picked === undefined) return;
    const region = picked === this.selected ? undefined : picked; // a second click lets it go
    this.selected = region;
    this.mark();
    this.report(region ?? NONE);
    const detail = { stage: this.data.stage, what: "pick", region };
    document.dispatchEvent(new CustomEvent("consilium-region", { detail }));
  }
}
