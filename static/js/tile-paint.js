// Painting the areas and lines of one tile on a canvas: one path per look, worst on top, patterns as the second cue.
import { EXTENT } from './tile-decode.js';
import { RANK } from './figures.js';
import { TILING, isWanted, stepOf } from './ramps.js';

const OFTEN = 500;
const HOLLOW = 100;
const VALUE = 10;
const BARE = 8; // a measure is asked, the thing has none
const NEUTRAL = 9; // another layer is being measured
const WEIGHT = { none: 2.5, open: 5, due_soon: 6, overdue: 7 };
const OUTLINE = { none: 1, open: 2, due_soon: 2.5, overdue: 3 };
const STATUS_OF = Object.keys(RANK);
const CLASS_WEIGHT = [2.5, 4, 5.5, 7, 8.5];

/** Return the look of a thing as a number: the higher, the later drawn; -1 where it is filtered out. */
export function lookOf(kind, props, scale) {
  if (!isWanted(props, scale)) return -1;
  if (kind === 'zones' && TILING.has(props.kind) && !scale.single) return HOLLOW + RANK[props.status ?? 'none'];
  if (scale.mode === 'status') return RANK[props.status ?? 'none'];
  if (scale.mode === 'neutral') return NEUTRAL;
  const step = stepOf(props, scale);
  return step < 0 ? BARE : VALUE + 2 * step + (props.status === 'overdue' ? 1 : 0);
}

function trace(path, shape, k) {
  for (const part of shape.parts) {
    path.moveTo(part[0] * k, part[1] * k);
    for (let i = 2; i < part.length; i += 2) path.lineTo(part[i] * k, part[i + 1] * k);
    if (shape.type === 3) path.closePath();
  }
}

function* batches(tile, kind, scale, k) {
  const found = new Map();
  let n = 0;
  for (const shape of tile.shapes) {
    const look = lookOf(kind, shape.props, scale);
    n += 1;
    if (n % OFTEN === 0) yield;
    if (look < 0) continue;
    const paths = found.get(look) ?? found.set(look, []).get(look);
    if (paths.length === 0 || paths.at(-1).count >= OFTEN) paths.push({ path: new Path2D(), count: 0 });
    const last = paths.at(-1);
    trace(last.path, shape, k);
    last.count += 1;
  }
  return [...found].sort(([a], [b]) => a - b);
}

function areaLook(look, brush) {
  const { colours, scale, patterns, far } = brush;
  if (look >= HOLLOW) return { lines: [[colours[STATUS_OF[look - HOLLOW]], 2.5, [12, 4, 2, 4], 0.85]] };
  if (look >= VALUE) {
    const step = (look - VALUE) >> 1;
    const halo = look % 2 ? [[colours.casing, 7, [], 0.9], [colours.overdue, 3.5, [], 1]] : [];
    return { fill: patterns[`ramp-${step}`], lines: [...halo, [colours.edge, halo.length ? 0.8 : 1, [], far ? 0.25 : 0.55]] };
  }
  if (look === BARE || look === NEUTRAL) return { fill: look === BARE ? patterns.bare : null, lines: [[colours.neutral, 1, look === BARE ? [3, 3] : [], 0.5]] };
  const status = STATUS_OF[look];
  const line = status === 'due_soon' ? colours.due_soon_line || colours.due_soon : colours[status];
  return { fill: patterns[status], lines: [[line, OUTLINE[status] * (far ? 0.8 : 1), status === 'due_soon' ? [8, 4] : [], far && status === 'none' ? 0.45 : 0.9]], scale };
}

function lineLook(look, { colours, far }) {
  const thin = far ? 0.6 : 1;
  if (look >= VALUE) {
    const step = (look - VALUE) >> 1;
    const weight = CLASS_WEIGHT[step] * thin;
    const halo = look % 2 ? [[colours.casing, weight + 8, [], 0.9], [colours.overdue, weight + 5, [], 1]] : [];
    return { lines: [...halo, [colours.casing, weight + 3, [], 0.8], [colours.edge, weight + 1.2, [], 0.5], [colours.ramp[step], weight, [], 1]] };
  }
  if (look === BARE || look === NEUTRAL) return { lines: [[colours.neutral, 1.4, [], 0.4]] };
  const status = STATUS_OF[look];
  if (status === 'none') return { lines: [[colours.none, WEIGHT.none * thin, [], far ? 0.5 : 0.7]] };
  const dash = { due_soon: [14, 7], overdue: [2, 10] }[status] ?? [];
  const line = status === 'due_soon' ? colours.due_soon_line || colours.due_soon : colours[status];
  return { lines: [[colours.casing, (WEIGHT[status] + 3) * thin, [], 0.9], [line, WEIGHT[status] * thin, dash, 1]] };
}

function stroke(ctx, paths, [colour, weight, dash, alpha], dpr, butt) {
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour;
  ctx.lineWidth = weight * dpr;
  ctx.lineCap = butt ? 'butt' : 'round';
  ctx.setLineDash(dash.map((step) => step * dpr));
  for (const { path } of paths) ctx.stroke(path);
  ctx.globalAlpha = 1;
}

/** Paint a tile's areas or lines; `brush` = {colours, scale, patterns, far, dpr, side}. A generator that yields now and then. */
export function* paintTile(ctx, tile, kind, brush) {
  const k = (brush.side * brush.dpr) / EXTENT;
  const found = yield* batches(tile, kind, brush.scale, k);
  ctx.lineJoin = 'round';
  for (const [look, paths] of found) {
    const { fill, lines } = kind === 'segments' ? lineLook(look, brush) : areaLook(look, brush);
    if (fill) {
      ctx.fillStyle = fill;
      for (const { path } of paths) ctx.fill(path);
    }
    for (const line of lines) {
      stroke(ctx, paths, line, brush.dpr, look === RANK.due_soon);
      yield;
    }
  }
}
