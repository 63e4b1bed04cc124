// What lies over the tiles, un-clipped: marks and clusters, values on areas, and what is chosen, selected or pointed at.
import { EXTENT, shapesOf } from './tile-decode.js';
import { lookOf } from './tile-paint.js';
import { factsOf } from './tile-marks.js';
import { shortValue } from './figures.js';
import { isWanted } from './ramps.js';

export const SIDE = 512; // a tile on screen, in css pixels at its own zoom
const ROOM_FOR_VALUE = 34;

/** How the tile's units become css pixels of the view: {k, x, y} of its corner. */
export function place(tile, view) {
  const scale = 2 ** (view.zoom - 1 - tile.z);
  return { k: (SIDE * scale) / EXTENT, x: tile.x * SIDE * scale - view.x, y: tile.y * SIDE * scale - view.y };
}

const within = (x, y, view, room = 40) => x > -room && y > -room && x < view.w + room && y < view.h + room;

/** List the marks of the view with their place and look, the worst last (on top). */
export function layOut(tiles, view, style) {
  const laid = [];
  for (const tile of tiles) {
    const at = place(tile, view);
    const scale = style.scales[tile.kind];
    for (const mark of tile.marks) {
      const x = at.x + mark.x * at.k;
      const y = at.y + mark.y * at.k;
      if (!within(x, y, view) || (!mark.cluster && !isWanted(mark.props, scale))) continue;
      laid.push({ mark, x, y, facts: factsOf(mark, scale, view.zoom < 14.5) });
    }
  }
  return laid.sort((a, b) => a.facts.rank - b.facts.rank);
}

function strokeShape(ctx, shape, at, dpr) {
  const k = at.k * dpr;
  ctx.beginPath();
  for (const part of shape.parts) {
    const last = shape.type === 3 ? part.length : part.length - 2;
    for (let i = 0; i < last; i += 2) {
      const j = (i + 2) % part.length;
      const [x1, y1, x2, y2] = [part[i], part[i + 1], part[j], part[j + 1]];
      if ((x1 < 0 && x2 < 0) || (y1 < 0 && y2 < 0) || (x1 > EXTENT && x2 > EXTENT) || (y1 > EXTENT && y2 > EXTENT)) continue; // where the tile was cut
      ctx.moveTo(at.x * dpr + x1 * k, at.y * dpr + y1 * k);
      ctx.lineTo(at.x * dpr + x2 * k, at.y * dpr + y2 * k);
    }
  }
  ctx.stroke();
}

const MARKING = { selected: ['selected', 4], hovered: ['chosen', 3], chosen: ['chosen', 5] };

function ring(ctx, { facts, x, y }, colour, width, dpr) {
  const r = (Math.max(facts.w, facts.h) / 2) * facts.shrink + 5;
  const cy = y + (facts.h / 2 - facts.ay) * facts.shrink;
  ctx.beginPath();
  ctx.arc(x * dpr, cy * dpr, r * dpr, 0, 7);
  ctx.lineWidth = width * dpr;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

/** Mark what is chosen, selected and pointed at. `marks` = {chosen, hovered: {kind, code}, selected: {kind: Set}}. */
function drawMarked(ctx, tiles, laid, marks, view, { colours, dpr }) {
  const wanted = [...Object.entries(marks.selected ?? {}).flatMap(([kind, codes]) => [...codes].map((code) => ['selected', kind, code])),
    ...['hovered', 'chosen'].filter((how) => marks[how]).map((how) => [how, marks[how].kind, marks[how].code])];
  ctx.lineJoin = ctx.lineCap = 'round';
  ctx.setLineDash([]);
  const byCode = new Map(laid.filter((each) => !each.mark.cluster).map((each) => [`${each.mark.kind}/${each.mark.code}`, each]));
  for (const [how, kind, code] of wanted) {
    const [name, width] = MARKING[how];
    for (const tile of tiles) {
      if (tile.kind !== kind) continue;
      for (const shape of shapesOf(tile, code)) {
        for (const [colour, weight] of [[colours.casing, width + 4], [colours[name], width]]) {
          ctx.strokeStyle = colour;
          ctx.lineWidth = weight * dpr;
          strokeShape(ctx, shape, place(tile, view), dpr);
        }
      }
    }
    const laidOut = byCode.get(`${kind}/${code}`);
    if (laidOut) { ring(ctx, laidOut, colours.casing, width + 4, dpr); ring(ctx, laidOut, colours[name], width, dpr); }
  }
  return wanted.length;
}

/** Write the values on areas that have room for them: the second cue where colours are hard to tell apart. */
function drawValues(ctx, tiles, view, { colours, dpr, scales }) {
  ctx.font = `650 ${12 * dpr}px ${colours.font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 3 * dpr;
  let written = 0;
  for (const tile of tiles) {
    const scale = scales[tile.kind];
    if (tile.kind !== 'zones' || scale.mode !== 'value') continue;
    const at = place(tile, view);
    for (const { props, box } of tile.shapes) {
      if (!props.here || !props.value || (box[2] - box[0]) * at.k < ROOM_FOR_VALUE || (box[3] - box[1]) * at.k < 18 || lookOf('zones', props, scale) < 0) continue;
      const x = (at.x + ((box[0] + box[2]) / 2) * at.k) * dpr;
      const y = (at.y + ((box[1] + box[3]) / 2) * at.k) * dpr;
      ctx.strokeStyle = colours.casing;
      ctx.strokeText(shortValue(props.value), x, y);
      ctx.fillStyle = colours.label;
      ctx.fillText(shortValue(props.value), x, y);
      written += 1;
    }
  }
  ctx.textBaseline = 'alphabetic';
  return written;
}

/** Paint the overlay of a view; return the marks as they lie, for pointing at them, and whether nothing was painted at all. */
export function paintOverlay(ctx, tiles, view, style, stamps, marks) {
  const laid = layOut(tiles, view, style);
  const written = drawValues(ctx, tiles, view, style);
  for (const { facts, x, y } of laid) stamps.draw(ctx, facts, x * style.dpr, y * style.dpr);
  const marked = drawMarked(ctx, tiles, laid, marks, view, style);
  return { laid, isEmpty: !written && !laid.length && !marked };
}
