// An area drawn on the films: a box or a free shape with the pointer, a box with the keys. Corners are film
// pixels. One area at a time; it is shown in every panel until it is cleared.

const FEWEST_PIXELS = 6; // across, on screen: less is a click
const NEXT_CORNER = 3; // pixels on screen between corners of a free shape
const MOST_CORNERS = 240;
const STEP = 0.02; // of the film, one press of an arrow key
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NOTES = {
  box: "Drag over the film; or arrow keys move a box, with Shift they change its size, Enter takes it. Escape ends.",
  lasso: "Drag around an area of the film. Escape ends.",
};

const DRAWN = {
  true: "Area drawn. Ask the model about it below.",
  false: "Area drawn. The model can be asked about it below once the methods have answered.",
};

class Pencil {
  constructor(viewer, controls) {
    this.viewer = viewer;
    this.buttons = Object.fromEntries(
      ["box", "lasso", "clear", "ask"].map((name) => [name, controls.querySelector(`[name=${name}]`)]),
    );
    this.note = controls.querySelector(".cs-draw-note");
    this.corners = [];
    for (const mode of ["box", "lasso"]) {
      viewer.listen(this.buttons[mode], "click", () => this.turn(this.mode === mode ? null : mode));
    }
    viewer.listen(this.buttons.clear, "click", () => this.finish([]));
    viewer.listen(this.buttons.ask, "click", () => {
      document.querySelector(`.st-key-${viewer.data.ask}`)?.scrollIntoView({ block: "center", behavior: "smooth" });
    });
    viewer.listen(document, "keydown", (event) => this.type(event));
    viewer.listen(document, "pointermove", (event) => this.move(event), { capture: true });
    viewer.listen(document, "pointerup", (event) => this.lift(event), { capture: true });
    viewer.listen(document, "pointercancel", () => this.drop());
  }

  // Plotly pans at mousedown; while an area is drawn it must not hear of it.
  enter(stage) {
    const silence = (event) => this.mode && !event.target.closest?.(".modebar") && this.keep(event);
    for (const type of ["mousedown", "touchstart"]) {
      this.viewer.listen(stage, type, silence, { capture: true, passive: false });
    }
    this.viewer.listen(stage, "pointerdown", (event) => this.press(event), { capture: true });
  }

  keep(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  turn(mode) {
    this.mode = mode;
    this.draft = this.from = null;
    for (const name of ["box", "lasso"]) {
      this.buttons[name].setAttribute("aria-pressed", String(name === mode));
    }
    this.viewer.stage?.classList.toggle("cs-drawing", Boolean(mode));
    this.show();
  }

  // What the server knows; an area that is being drawn now is not disturbed.
  follow(corners) {
    this.corners = corners ?? [];
    if (this.viewer.data.closed && this.mode) this.turn(null);
    this.show();
  }

  show() {
    const { asks, closed } = this.viewer.data;
    this.buttons.clear.disabled = !this.corners.length;
    this.buttons.box.disabled = this.buttons.lasso.disabled = Boolean(closed);
    this.buttons.ask.hidden = !asks || !this.corners.length || Boolean(this.mode);
    this.say(this.mode ? NOTES[this.mode] : closed || (this.corners.length ? DRAWN[asks] : ""));
    this.viewer.layer?.draw(this.draft ?? this.corners);
  }

  // Said anew only when it changes: a screen reader reads every change aloud.
  say(words) {
    if (this.note.textContent !== words) this.note.textContent = words;
  }

  finish(corners) {
    this.corners = corners;
    this.turn(null);
    this.viewer.drew(corners);
  }

  drop() {
    this.draft = this.from = null;
    this.show();
  }

  press(event) {
    const panel = this.mode && event.button === 0 ? this.viewer.layer?.panelAt(event) : undefined;
    if (panel === undefined) return;
    this.keep(event);
    this.from = { panel, screen: [event.clientX, event.clientY] };
    this.from.film = this.viewer.layer.filmPoint(event, panel);
    this.last = this.from.screen;
    this.reach = 0;
    this.draft = [this.from.film];
  }

  move(event) {
    if (!this.from || !this.viewer.layer?.isConnected) return;
    this.keep(event);
    const away = ([x, y]) => Math.hypot(event.clientX - x, event.clientY - y);
    this.reach = Math.max(this.reach, away(this.from.screen));
    const here = this.viewer.layer.filmPoint(event, this.from.panel);
    if (this.mode === "box") this.draft = boxBetween(this.from.film, here);
    else if (away(this.last) >= NEXT_CORNER) {
      this.draft.push(here);
      this.last = [event.clientX, event.clientY];
    }
    this.show();
  }

  lift(event) {
    if (!this.from) return;
    this.keep(event);
    const drawn = this.reach >= FEWEST_PIXELS && this.draft.length > 2 ? this.draft : null;
    if (drawn) this.finish(thinned(drawn));
    else this.drop();
  }

  type(event) {
    if (event.key === "Escape") return this.escape();
    if (this.mode !== "box" || this.from || !this.buttons.box.matches(":focus")) return;
    if (event.key === "Enter" && this.draft) {
      event.preventDefault();
      this.finish(this.draft);
    } else if (KEYS[event.key]) {
      event.preventDefault();
      this.push(KEYS[event.key], event.shiftKey);
    }
  }

  // The first press sets a box of a quarter of the film's sides in its middle.
  push([dx, dy], resize) {
    const [left, top, width, height] = this.viewer.data.frame;
    const box = this.draft ?? boxBetween(
      [left + 0.375 * width, top + 0.375 * height], [left + 0.625 * width, top + 0.625 * height],
    );
    let [[x0, y0], , [x1, y1]] = box;
    [x1, y1] = [x1 + dx * STEP * width, y1 + dy * STEP * height];
    if (!resize) [x0, y0] = [x0 + dx * STEP * width, y0 + dy * STEP * height];
    const fits = x0 >= left && y0 >= top && x1 <= left + width && y1 <= top + height;
    const holds = x1 - x0 >= STEP * width && y1 - y0 >= STEP * height;
    this.draft = fits && holds ? boxBetween([x0, y0], [x1, y1]) : box;
    this.show();
  }

  // Ends drawing; a second time, with the focus here or nowhere, clears the area.
  escape() {
    const { activeElement: focus, body } = document;
    const here = focus === body || this.viewer.owns(focus);
    if (this.mode) this.turn(null);
    else if (here && this.corners.length) this.finish([]);
  }
}

function boxBetween([xa, ya], [xb, yb]) {
  const [x0, x1, y0, y1] = [Math.min(xa, xb), Math.max(xa, xb), Math.min(ya, yb), Math.max(ya, yb)];
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}

// Every n-th corner, so that a long shape stays a short message; to a tenth of a film pixel.
function thinned(corners) {
  const every = Math.ceil(corners.length / MOST_CORNERS);
  const round = (value) => Math.round(10 * value) / 10;
  return corners.filter((_, i) => i % every === 0).map((corner) => corner.map(round));
}
