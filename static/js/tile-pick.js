// What lies under a finger: marks first, then lines, then areas from small to large.
import { EXTENT } from './tile-decode.js';
import { SIDE } from './tile-overlay.js';
import { lookOf } from './tile-paint.js';

const MOST = 12;
const HOLLOW = 100;

/** Return the square of the distance from (x, y) to the nearest edge of a flat part. */
function apart(part, x, y, closed) {
  let best = Infinity;
  const last = closed ? part.length : part.length - 2;
  for (let i = 0; i < last; i += 2) {
    const j = (i + 2) % part.length;
    const dx = part[j] - part[i];
    const dy = part[j + 1] - part[i + 1];
    const along = Math.max(0, Math.min(1, ((x - part[i]) * dx + (y - part[i + 1]) * dy) / (dx * dx + dy * dy || 1)));
    best = Math.min(best, (x - part[i] - along * dx) ** 2 + (y - part[i + 1] - along * dy) ** 2);
  }
  return best;
}

/** Tell whether (x, y) lies inside the rings (even-odd). */
export function contains(parts, x, y) {
  let odd = false;
  for (const part of parts) {
    for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
      if ((part[i + 1] > y) !== (part[j + 1] > y) && x < ((part[j] - part[i]) * (y - part[i + 1])) / (part[j + 1] - part[i + 1]) + part[i]) odd = !odd;
    }
  }
  return odd;
}

const said = (shape, more) => ({ kind: shape.kind, code: shape.code, props: shape.props, ...more });

function onMark({ mark, facts, x, y }, px, py, tolerance) {
  const w = facts.w * facts.shrink;
  const h = facts.h * facts.shrink;
  const left = x - facts.ax * facts.shrink;
  const top = y - facts.ay * facts.shrink;
  const dx = Math.max(left - px, 0, px - left - w);
  const dy = Math.max(top - py, 0, py - top - h);
  return dx * dx + dy * dy <= tolerance * tolerance ? { ...said(mark, { cluster: Boolean(mark.cluster) }), far: Math.hypot(px - x, py - y - (facts.h / 2 - facts.ay)) } : null;
}

function inTile(tile, spot, tolerance, scale) {
  const worldSide = SIDE * 2 ** (spot.zoom - 1 - tile.z);
  const x = (spot.x / worldSide - tile.x) * EXTENT;
  const y = (spot.y / worldSide - tile.y) * EXTENT;
  if (x < 0 || y < 0 || x >= EXTENT || y >= EXTENT) return [];
  const reach = (tolerance * EXTENT) / worldSide;
  const found = [];
  for (const shape of tile.shapes) {
    const { box } = shape;
    if (x < box[0] - reach || x > box[2] + reach || y < box[1] - reach || y > box[3] + reach) continue;
    const look = lookOf(tile.kind, shape.props, scale);
    if (look < 0) continue;
    if (shape.type === 3 && look < HOLLOW) {
      if (contains(shape.parts, x, y)) found.push(said(shape, { size: shape.size, group: 2 }));
    } else if (shape.parts.some((part) => apart(part, x, y, shape.type === 3) <= reach * reach)) found.push(said(shape, { size: shape.size, group: shape.type === 3 ? 3 : 1 }));
  }
  return found;
}

const once = (hits) => {
  const seen = new Set();
  return hits.filter(({ kind, code, cluster }) => cluster || (!seen.has(`${kind}/${code}`) && seen.add(`${kind}/${code}`)));
};

/** Return what lies at a spot {x, y, zoom} (world pixels), best first; `laid` are the marks of `view`. */
export function pick(tiles, laid, view, spot, tolerance, scales) {
  const factor = 2 ** (view.zoom - spot.zoom);
  const marks = laid.map((each) => onMark(each, spot.x * factor - view.x, spot.y * factor - view.y, tolerance)).filter(Boolean)
    .sort((a, b) => a.far - b.far).map((hit) => ({ ...hit, group: 0 }));
  const shapes = tiles.flatMap((tile) => inTile(tile, spot, tolerance, scales[tile.kind])).sort((a, b) => a.group - b.group || a.size - b.size);
  return once([...marks, ...shapes]).slice(0, MOST);
}
