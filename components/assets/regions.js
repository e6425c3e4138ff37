// The table of regions. Hovering or choosing a row outlines its region in the viewer at once, through an
// event on the document; a choice is also reported to the server. A pick in the viewer marks its row.

const NONE = -1; // told in place of a part that was let go
const tables = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!tables.has(parentElement)) tables.set(parentElement, new RegionTable(parentElement));
  const table = tables.get(parentElement);
  table.update(data, (region) => setTriggerValue("picked", region));
  return () => {
    table.life.abort();
    table.sizer.disconnect();
    tables.delete(parentElement);
  };
}

class RegionTable {
  constructor(root) {
    this.box = root.querySelector(".cs-regions-scroll");
    this.life = new AbortController();
    this.sizer = new ResizeObserver(() => this.fit());
    this.sizer.observe(root);
    const listen = (target, type, handler) =>
      target.addEventListener(type, handler, { signal: this.life.signal });
    listen(this.box, "click", (event) => this.choose(regionOf(event)));
    listen(this.box, "pointerover", (event) => this.tell("hover", regionOf(event)));
    listen(this.box, "pointerleave", () => this.tell("hover", undefined));
    listen(this.box, "focusin", (event) => this.tell("hover", regionOf(event)));
    listen(this.box, "focusout", () => this.tell("hover", undefined));
    listen(document, "consilium-region", ({ detail }) => {
      if (detail.stage === this.stage && detail.what === "pick") this.mark(detail.region);
    });
  }

  update(data, pick) {
    this.stage = data.stage;
    this.pick = pick;
    // Written anew only when it changed: focus and scroll position stay.
    if (this.written !== data.table) {
      this.written = data.table;
      this.box.innerHTML = data.table; // escaped by components/figures/regions.py
    }
    this.mark(data.selected);
    this.fit();
  }

  // No row is cut at the lower edge: the box ends with the last one that fits whole.
  fit() {
    this.box.style.maxHeight = "";
    const { clientHeight: room, offsetHeight, scrollHeight, scrollTop } = this.box;
    if (scrollHeight <= room) return;
    const start = this.box.getBoundingClientRect().top - scrollTop;
    const ends = [...this.box.querySelectorAll("tr")].map((row) => row.getBoundingClientRect().bottom - start);
    const last = Math.max(0, ...ends.filter((end) => end <= room));
    if (last > 0) this.box.style.maxHeight = `${Math.ceil(last) + offsetHeight - room}px`;
  }

  choose(region) {
    if (region === undefined) return;
    const row = this.box.querySelector(`tr[data-player="${region}"]`);
    const held = row.querySelector("[aria-pressed=true]") !== null; // a second click lets it go
    this.mark(held ? undefined : region);
    this.tell("choose", held ? undefined : region);
    this.pick(held ? NONE : region);
  }

  tell(what, region) {
    const detail = { stage: this.stage, what, region };
    document.dispatchEvent(new CustomEvent("consilium-region", { detail }));
  }

  mark(region) {
    for (const row of this.box.querySelectorAll("tr[data-player]")) {
      const chosen = Number(row.dataset.player) === region;
      row.querySelector("button").setAttribute("aria-pressed", String(chosen));
      if (chosen) this.reveal(row);
    }
  }

  // Scrolls the table only, never the page.
  reveal(row) {
    const [box, at] = [this.box.getBoundingClientRect(), row.getBoundingClientRect()];
    const head = this.box.querySelector("thead").offsetHeight;
    if (at.top < box.top + head) this.box.scrollTop -= box.top + head - at.top;
    if (at.bottom > box.bottom) this.box.scrollTop += at.bottom - box.bottom;
  }
}

function regionOf(event) {
  const row = event.target.closest?.("tr[data-player]");
  return row ? Number(row.dataset.player) : undefined;
}
