// The table of regions: hovering or choosing a row outlines its region in the viewer at once, through an
// event on the document; the choice is also reported to the server.

const tables = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cs-regions-scroll");
  let table = tables.get(parentElement);
  if (!table) tables.set(parentElement, (table = listen(root)));
  table.stage = data.stage;
  table.pick = (player) => setTriggerValue("picked", player);
  root.innerHTML = data.table; // written and escaped by components/figures/regions.py
  return () => {
    table.life.abort();
    tables.delete(parentElement);
  };
}

function listen(root) {
  const table = { life: new AbortController() };
  const signal = table.life.signal;
  const playerOf = (event) => {
    const row = event.target.closest?.("tr[data-player]");
    return row ? Number(row.dataset.player) : undefined;
  };
  const tell = (what, player) =>
    document.dispatchEvent(new CustomEvent("consilium-region", { detail: { stage: table.stage, what, player } }));
  const mark = (player) => {
    for (const row of root.querySelectorAll("tr[data-player]")) {
      const chosen = Number(row.dataset.player) === player;
      row.querySelector("button").setAttribute("aria-pressed", String(chosen));
    }
  };
  root.addEventListener("click", (event) => {
    const player = playerOf(event);
    if (player === undefined) return;
    mark(player);
    tell("pick", player);
    table.pick(player);
  }, { signal });
  root.addEventListener("pointerover", (event) => tell("hover", playerOf(event)), { signal });
  root.addEventListener("pointerleave", () => tell("hover", undefined), { signal });
  root.addEventListener("focusin", (event) => tell("hover", playerOf(event)), { signal });
  document.addEventListener("consilium-region", ({ detail }) => {
    if (detail.what === "picked" && detail.stage === table.stage) mark(detail.player);
  }, { signal });
  return table;
}
