// Tables 1 and 2 of 0000.00003: reading order on synthetic pages. Usage: node simulate.mjs
import { prng } from '../prng.mjs';

const WIDTH = 516; // of the text block, points
const GUTTER = 14;
const LINE = 12;
const SPACE = 3;

/** Words of one line, ragged or justified, as boxes {x0, x1, y, id}. */
function line(random, x, width, y, next, ragged) {
  const words = [];
  let at = 0;
  for (;;) {
    const w = 6 + random() * 38;
    if (at + w > width) break;
    words.push({ x0: x + at, x1: x + at + w, y, id: next() });
    at += w + SPACE;
  }
  const slack = width - (at - SPACE);
  const share = ragged || words.length < 2 ? 0 : slack / (words.length - 1);
  words.forEach((word, i) => {
    word.x0 += share * i;
    word.x1 += share * i;
  });
  return words;
}

/** One page in true reading order; `shift` moves the right column down by a part of a line. */
function page(random, { wideTop, wideMiddle, shift, ragged, air }) {
  let id = 0;
  const next = () => id++;
  const boxes = [];
  const column = (WIDTH - GUTTER) / 2;
  const wide = (y, lines) => {
    for (let i = 0; i < lines; i++) boxes.push(...line(random, 0, WIDTH, y + i * LINE, next, ragged));
    return y + lines * LINE + air;
  };
  const columns = (y, lines) => {
    for (let i = 0; i < lines; i++) boxes.push(...line(random, 0, column, y + i * LINE, next, ragged));
    for (let i = 0; i < lines; i++)
      boxes.push(...line(random, column + GUTTER, column, y + shift + i * LINE, next, ragged));
    return y + lines * LINE + air;
  };
  let y = 0;
  if (wideTop) y = wide(y, 6);
  y = columns(y, wideMiddle ? 20 : 44);
  if (wideMiddle) {
    y = wide(y + shift, 8);
    y = columns(y, 16);
  }
  return boxes;
}

/** Rows from top to bottom, words from left to right: what a sort by position gives. */
function byRow(boxes) {
  return [...boxes].sort((a, b) => (Math.abs(a.y - b.y) < LINE / 2 ? a.x0 - b.x0 : a.y - b.y));
}

/** Recursive XY-cut: widest empty strip first, horizontal or vertical, until none is wide enough. */
function xyCut(boxes, minX = 9, minY = 6) {
  if (boxes.length < 2) return boxes;
  const gap = (key0, key1) => {
    const sorted = [...boxes].sort((a, b) => key0(a) - key0(b));
    let end = -Infinity;
    let best = { size: 0, at: 0 };
    for (const box of sorted) {
      const size = key0(box) - end;
      if (end > -Infinity && size > best.size) best = { size, at: key0(box) };
      end = Math.max(end, key1(box));
    }
    return best;
  };
  const horizontal = gap((b) => b.y, (b) => b.y + 9);
  const vertical = gap((b) => b.x0, (b) => b.x1);
  if (horizontal.size >= minY && horizontal.size >= vertical.size - 6) {
    return [...xyCut(boxes.filter((b) => b.y < horizontal.at), minX, minY), ...xyCut(boxes.filter((b) => b.y >= horizontal.at), minX, minY)];
  }
  if (vertical.size >= minX) {
    return [...xyCut(boxes.filter((b) => b.x0 < vertical.at), minX, minY), ...xyCut(boxes.filter((b) => b.x0 >= vertical.at), minX, minY)];
  }
  return byRow(boxes);
}

/** Gutter vote: rows vote for empty columns of the page, bands of wide rows split the page into zones. */
function gutterVote(boxes) {
  const rows = new Map();
  for (const box of boxes) {
    const key = Math.round(box.y / LINE);
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push(box);
  }
  const free = new Float64Array(WIDTH + 1);
  for (const row of rows.values()) {
    const taken = new Uint8Array(WIDTH + 1);
    for (const box of row) for (let x = Math.ceil(box.x0); x <= box.x1 && x <= WIDTH; x++) taken[x] = 1;
    for (let x = 0; x <= WIDTH; x++) if (!taken[x]) free[x]++;
  }
  let gutter = -1;
  for (let x = Math.round(WIDTH * 0.35); x <= WIDTH * 0.65; x++) if (gutter < 0 || free[x] > free[gutter]) gutter = x;
  if (free[gutter] < rows.size * 0.5) return byRow(boxes);
  // A wide row may be free at one end of the gutter by chance: take the whole strip of nearly as many votes.
  const most = free[gutter];
  let end = gutter;
  while (free[end + 1] >= 0.9 * most) end++;
  while (free[gutter - 1] >= 0.9 * most) gutter--;
  gutter = (gutter + end) / 2;
  const crosses = (row) =>
    row.some((b) => b.x0 < gutter && b.x1 > gutter) ||
    !row.every((b) => b.x1 <= gutter - GUTTER / 3 || b.x0 >= gutter + GUTTER / 3);
  const out = [];
  let zone = [];
  const flush = () => {
    out.push(...byRow(zone.filter((b) => b.x0 < gutter)), ...byRow(zone.filter((b) => b.x0 >= gutter)));
    zone = [];
  };
  for (const key of [...rows.keys()].sort((a, b) => a - b)) {
    const row = rows.get(key);
    if (crosses(row)) {
      flush();
      out.push(...byRow(row));
    } else zone.push(...row);
  }
  flush();
  return out;
}

/** Shares of the neighbours in true order that stay neighbours: all word pairs, and those across a line end. */
function kept(result) {
  const y = new Map(result.map((box) => [box.id, box]));
  const follows = new Set();
  for (let i = 1; i < result.length; i++) if (result[i].id === result[i - 1].id + 1) follows.add(result[i].id);
  let joins = 0;
  let hits = 0;
  for (let id = 1; id < result.length; id++) {
    if (y.get(id).x0 > y.get(id - 1).x0 && y.get(id).y === y.get(id - 1).y) continue;
    joins++;
    if (follows.has(id)) hits++;
  }
  return { pairs: follows.size / (result.length - 1), joins: hits / joins };
}

const layouts = {
  'two columns': {},
  'title above': { wideTop: true },
  'title, wide float': { wideTop: true, wideMiddle: true },
  'same, baselines 5 pt apart': { wideTop: true, wideMiddle: true, shift: 5 },
  'same, ragged right': { wideTop: true, wideMiddle: true, ragged: true },
  'same, no space around': { wideTop: true, wideMiddle: true, air: 0 },
};
console.log('Table 2: line joins kept (%), word pairs kept (%), pages without any error (%); 200 pages');
for (const [name, layout] of Object.entries(layouts)) {
  const random = prng(3);
  const sums = [0, 0, 0].map(() => ({ joins: 0, pairs: 0, clean: 0 }));
  for (let i = 0; i < 200; i++) {
    const boxes = page(random, { wideTop: false, wideMiddle: false, shift: 0, ragged: false, air: 10, ...layout });
    const shuffled = boxes.map((b) => [random(), b]).sort((a, b) => a[0] - b[0]).map(([, b]) => b);
    [byRow, xyCut, gutterVote].forEach((method, m) => {
      const share = kept(method(shuffled));
      sums[m].joins += share.joins;
      sums[m].pairs += share.pairs;
      if (share.pairs === 1) sums[m].clean++;
    });
  }
  const show = (s) => `${(s.joins / 2).toFixed(1)}/${(s.pairs / 2).toFixed(1)}/${(s.clean / 2).toFixed(0)}`;
  console.log(name.padEnd(30), ...sums.map(show));
}

console.log('\nTable 1: chance that one place is free in n lines of running text, and anywhere on 50 places');
for (const n of [2, 3, 5, 8, 12, 20]) {
  const g = 0.12;
  const here = g ** n;
  console.log(n, here.toExponential(1), (-Math.expm1(50 * Math.log1p(-here))).toExponential(1));
}
