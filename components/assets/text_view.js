// The text in columns. Hovering a part marks it in every column and shows all methods' values; a click picks it.
// The table of parts is told through an event on the document, and tells this view likewise.

const views = new WeakMap();
const GAP = 14; // pixels between the pointer and the tip

export default function ({ data, parentElement, setTriggerValue }) {
  if (!views.has(parentElement)) views.set(parentElement, new TextView(parentElement));
  const view = views.get(parentElement);
  view.update(data, (part) => setTriggerValue("picked", part));
  return () => {
    view.life.abort();
    views.delete(parentElement);
  };
}

class TextView {
  constructor(root) {
    this.box = root.querySelector(".cs-texts-box");
    this.legend = root.querySelector(".cs-legend");
    this.summary = root.querySelector(".cs-summary");
    this.tip = root.querySelector(".cs-text-tip");
    this.life = new AbortController();
    const listen = (target, type, handler) =>
      target.addEventListener(type, handler, { signal: this.life.signal });
    listen(this.box, "pointermove", (event) => this.point(event));
    listen(this.box, "pointerleave", () => this.point(null));
    listen(this.box, "click", (event) => this.choose(partOf(event)));
    listen(document, "consilium-region", ({ detail }) => this.follow(detail));
  }

  update(data, pick) {
    this.stage = data.stage;
    this.tips = data.tips;
    this.pick = pick;
    this.summary.textContent = data.summary;
    if (this.written !== data.html) {
      this.written = data.html;
      this.box.innerHTML = data.html; // escaped by components/figures/tokens.py
      this.legend.innerHTML = data.legend;
    }
    this.mark("cs-picked", data.selected ?? undefined);
  }

  point(event) {
    const part = event ? partOf(event) : undefined;
    this.mark("cs-hovered", part);
    this.tip.hidden = part === undefined;
    if (part === undefined) return;
    if (this.shown !== part) {
      this.shown = part;
      this.tip.innerHTML = this.tips[part]; // escaped likewise
    }
    const { innerWidth, innerHeight } = window;
    const { offsetWidth, offsetHeight } = this.tip;
    const left = Math.min(event.clientX + GAP, innerWidth - offsetWidth - GAP);
    const below = event.clientY + GAP + offsetHeight < innerHeight;
    const top = below ? event.clientY + GAP : event.clientY - GAP - offsetHeight;
    this.tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  choose(part) {
    if (part === undefined) return;
    const again = part === this.picked;
    this.mark("cs-picked", again ? undefined : part);
    this.pick(again ? -1 : part);
    const detail = { stage: this.stage, what: "pick", region: this.picked };
    document.dispatchEvent(new CustomEvent("consilium-region", { detail }));
  }

  follow({ stage, what, region }) {
    if (stage !== this.stage) return;
    if (what === "hover") this.mark("cs-hovered", region);
    if (what !== "choose") return;
    this.mark("cs-picked", region);
  }

  mark(name, part) {
    for (const word of this.box.querySelectorAll(`.${name}`)) word.classList.remove(name);
    if (name === "cs-picked") this.picked = part;
    if (part === undefined) return;
    for (const word of this.box.querySelectorAll(`[data-player="${part}"]`)) word.classList.add(name);
  }
}

function partOf(event) {
  const word = event.target.closest?.("[data-player]");
  return word ? Number(word.dataset.player) : undefined;
}
