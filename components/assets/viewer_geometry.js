// Regions as numbers and lines, and two helpers that make nodes. No state.

const ALL = -3; // in place of a region: every region

// Run-length code -> region of every input pixel, in row-major order.
function decodeRuns({ runs, grid }) {
  const owner = new Int32Array(grid[0] * grid[1]);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    owner.fill(runs[i], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
  return owner;
}

// Region under a point of the film, undefined where there is none.
function regionAt(owner, { grid: [columns, rows], frame: [left, top, width, height] }, x, y) {
  const column = Math.floor(((x - left) / width) * columns);
  const row = Math.floor(((y - top) / height) * rows);
  if (column < 0 || row < 0 || column >= columns || row >= rows) return undefined;
  const region = owner[row * columns + column];
  return region < 0 ? undefined : region;
}

// Border of one region, or of ALL, as horizontal and vertical runs in film pixels.
function outlinePath(owner, { grid: [columns, rows], frame: [left, top, width, height] }, region) {
  const at = (r, c) => (r < 0 || c < 0 || r >= rows || c >= columns ? -2 : owner[r * columns + c]);
  const differ = (a, b) => a !== b && (region === ALL || a === region || b === region);
  const x = (c) => left + (c * width) / columns;
  const y = (r) => top + (r * height) / rows;
  const parts = [];
  const trace = (lines, length, isBorder, segment) => {
    for (let i = 0; i <= lines; i++) {
      for (let j = 0, start = -1; j <= length; j++) {
        const border = j < length && isBorder(i, j);
        if (border && start < 0) start = j;
        if (!border && start >= 0) {
          parts.push(segment(i, start, j));
          start = -1;
        }
      }
    }
  };
  const above = (r, c) => differ(at(r - 1, c), at(r, c));
  const before = (c, r) => differ(at(r, c - 1), at(r, c));
  trace(rows, columns, above, (r, c0, c1) => `M${x(c0)} ${y(r)}H${x(c1)}`);
  trace(columns, rows, before, (c, r0, r1) => `M${x(c)} ${y(r0)}V${y(r1)}`);
  return parts.join("");
}

// The input pixel of a region that is nearest to its centre of gravity, in film pixels.
function middleOf(owner, { grid: [columns, rows], frame: [left, top, width, height] }, region) {
  const own = [];
  owner.forEach((player, at) => player === region && own.push([at % columns, Math.floor(at / columns)]));
  const mean = (k) => own.reduce((sum, place) => sum + place[k], 0) / own.length;
  const [c, r] = [mean(0), mean(1)];
  const away = (place) => (place[0] - c) ** 2 + (place[1] - r) ** 2;
  const nearest = own.reduce((best, place) => (away(place) < away(best) ? place : best));
  return [left + ((nearest[0] + 0.5) * width) / columns, top + ((nearest[1] + 0.5) * height) / rows];
}

function html(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
