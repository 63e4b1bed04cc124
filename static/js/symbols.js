// How things look as SVG: colour, and always a second cue (shape for places, dashes for lines, hatching for areas).
import { s } from './dom.js';
import { CLASS_SIZE, DROP, PLATE, SIZE, STATUSES, circle, clusterOutline, clusterSize, countLine, outlineOf, shortCount, shortValue, worst } from './figures.js';
import { inkOn } from './ramps.js';

export { STATUSES, worst };

const token = (name, fallback) => `var(--map-${name}, ${fallback})`;
export const COLOUR = { none: token('none', '#2f8f76'), open: token('open', '#2466ab'), due_soon: token('due-soon', '#e3a008'), overdue: token('overdue', '#b7311b') };
const INK = { none: token('on-none', '#ffffff'), open: token('on-open', '#ffffff'), due_soon: token('on-due-soon', '#2b1d00'), overdue: token('on-overdue', '#ffffff') };
const CASING = token('casing', '#ffffff');
const PLATE_FILL = token('plate', '#ffffff');
const TEXT = token('label', '#16262e');
const DUE_LINE = token('due-soon-line', '#a86f00');

/** Lines: the worse, the wider; due soon is dashed, overdue is dotted. */
export const LINE = {
  none: { color: COLOUR.none, weight: 2.5, opacity: 0.7, dashArray: null },
  open: { color: COLOUR.open, weight: 5, opacity: 0.95, dashArray: null },
  due_soon: { color: DUE_LINE, weight: 6, opacity: 1, dashArray: '14 7' },
  overdue: { color: COLOUR.overdue, weight: 7, opacity: 1, dashArray: '2 10' },
};

/** Areas: outline and hatch pattern (defined once in the page). */
export const AREA = {
  none: { color: COLOUR.none, weight: 1, opacity: 0.8, dashArray: null },
  open: { color: COLOUR.open, weight: 2, opacity: 1, dashArray: null },
  due_soon: { color: DUE_LINE, weight: 2.5, opacity: 1, dashArray: '8 4' },
  overdue: { color: COLOUR.overdue, weight: 3, opacity: 1, dashArray: null },
};
export const hatch = (status) => `url(#hatch-${status})`;

function outline(status, size) {
  const line = { fill: COLOUR[status], stroke: CASING, 'stroke-width': 2, 'stroke-linejoin': 'round', d: outlineOf(status, size) };
  return s('path', status === 'due_soon' ? { ...line, stroke: token('due-soon-edge', '#5c3d00'), 'stroke-width': 1.6 } : line);
}

/** Draw the symbol of a place: shape by status, the number of open issues inside. */
export function placeSymbol(status, count, size = SIZE[status]) {
  const full = Math.max(24, SIZE[status]);
  const box = size < 20 ? full : size;
  const figure = s('svg', { width: size, height: size, viewBox: `0 0 ${box} ${box}` }, outline(status, box));
  if (count && size > 18) figure.append(s('text', { x: size / 2, y: countLine(status, size), fill: INK[status] }, count > 99 ? '99+' : count));
  return figure;
}

/** Draw a place coloured by a measure: `look` = {step, colour, late}; the larger the class, the larger; the value inside; a ring where a limit has passed. */
export function valueSymbol({ step, colour, late, quiet }, value, size = CLASS_SIZE[step] ?? 14) {
  const box = size + 12;
  const figure = s('svg', { width: box, height: box, viewBox: `-6 -6 ${box} ${box}` });
  if (late) {
    figure.append(s('path', { d: circle(size, size / 2 + 3.5), fill: 'none', stroke: CASING, 'stroke-width': 5 }),
      s('path', { d: circle(size, size / 2 + 3.5), fill: 'none', stroke: COLOUR.overdue, 'stroke-width': 2.6 }));
  }
  const bare = step < 0;
  figure.append(s('path', { d: circle(size), fill: quiet ? token('neutral', '#6b7a82') : bare ? PLATE_FILL : colour, stroke: bare && !quiet ? token('neutral', '#6b7a82') : step < 2 && !quiet ? token('edge', '#16262e') : CASING, 'stroke-width': step < 2 && !quiet ? 1.2 : 2 }));
  const said = bare ? '–' : shortValue(value);
  if (!quiet && (size > 18 || bare)) figure.append(s('text', { x: size / 2, y: size / 2 + 4.2, fill: bare ? TEXT : inkOn(colour), style: said.length > 3 ? 'font-size:10px' : '' }, said));
  return figure;
}

/** Draw a unit's seat: a plate with a roof, the status (or another symbol) inside. */
export function unitSymbol(status, count, inside = placeSymbol(status, count, 22)) {
  const figure = s('svg', { width: 34, height: 38, viewBox: '0 0 34 38' });
  figure.append(s('path', { d: PLATE, fill: PLATE_FILL, stroke: token('edge', '#073f4c'), 'stroke-width': 1.8, 'stroke-linejoin': 'round' }));
  inside.setAttribute('x', 17 - inside.getAttribute('width') / 2);
  inside.setAttribute('y', 23 - inside.getAttribute('height') / 2);
  figure.append(inside);
  return figure;
}

/** Draw a single issue: a drop whose head carries the status. */
export function issueSymbol(status) {
  const figure = s('svg', { width: 26, height: 34, viewBox: '0 0 26 34' });
  figure.append(s('path', { d: DROP, fill: PLATE_FILL, stroke: COLOUR[status], 'stroke-width': 2 }));
  const inner = placeSymbol(status, 0, 14);
  inner.setAttribute('x', 6);
  inner.setAttribute('y', 6);
  figure.append(inner);
  return figure;
}

/** Draw a cluster: how many things of a kind, and how bad the worst is; units stand under a roof, others in a ring. */
export function clusterSymbol(kind, status, count) {
  const size = clusterSize(count);
  const figure = s('svg', { width: size, height: size, viewBox: `0 0 ${size} ${size}` });
  const c = size / 2;
  figure.append(s('path', { fill: PLATE_FILL, stroke: COLOUR[status], 'stroke-width': kind === 'units' ? 3 : 4, 'stroke-linejoin': 'round', d: clusterOutline(kind, size) }));
  const inner = placeSymbol(status, 0, 15);
  inner.setAttribute('x', c - 7.5);
  inner.setAttribute('y', 0);
  figure.append(s('text', { x: c, y: c + 6, fill: TEXT }, shortCount(count)), inner);
  return figure;
}

const lineSwatch = (status) => {
  const { color, weight, dashArray } = LINE[status];
  const line = s('path', { d: 'M1 8H25', stroke: color, 'stroke-width': weight * 0.8, 'stroke-linecap': dashArray ? 'butt' : 'round' });
  if (status === 'due_soon') line.setAttribute('stroke-dasharray', '9 5');
  if (status === 'overdue') { line.setAttribute('stroke-dasharray', '0.1 8'); line.setAttribute('stroke-linecap', 'round'); }
  return s('svg', { width: 26, height: 16, viewBox: '0 0 26 16' }, line);
};

const areaSwatch = (status) => s('svg', { width: 22, height: 16, viewBox: '0 0 22 16' },
  s('rect', { x: 1.5, y: 1.5, width: 19, height: 13, fill: hatch(status), stroke: AREA[status].color, 'stroke-width': AREA[status].weight }));

/** Draw the legend's sample of a layer and status. */
export function swatch(kind, status) {
  if (kind === 'segments') return lineSwatch(status);
  if (kind === 'zones') return areaSwatch(status);
  return placeSymbol(status, 0, 14);
}

export const CLASS_WEIGHT = [2.5, 4, 5.5, 7, 8.5]; // lines of a measure's classes: the more, the wider

/** Draw the legend's sample of a measure's class. */
export function classSwatch(kind, step, colour) {
  if (kind === 'segments') return s('svg', { width: 40, height: 18, viewBox: '0 0 40 18' }, s('path', { d: 'M2 9H38', stroke: token('edge', '#16262e'), 'stroke-opacity': 0.45, 'stroke-width': CLASS_WEIGHT[step] + 1.4 }), s('path', { d: 'M2 9H38', stroke: colour, 'stroke-width': CLASS_WEIGHT[step] }));
  if (kind === 'zones') return s('svg', { width: 40, height: 18, viewBox: '0 0 40 18' }, s('rect', { x: 1, y: 1, width: 38, height: 16, fill: `url(#ramp-${step})`, stroke: token('edge', '#16262e'), 'stroke-opacity': 0.5, 'stroke-width': 1 }));
  const size = Math.round(CLASS_SIZE[step] * 0.55);
  return s('svg', { width: 22, height: 20, viewBox: '0 0 22 20' }, s('circle', { cx: 11, cy: 10, r: size / 2, fill: colour, stroke: token('edge', '#16262e'), 'stroke-opacity': 0.6, 'stroke-width': 1 }));
}

/** Fill of an area where the page carries no hatch patterns. */
export const hatchFill = (status) => ({ fill: true, fillColor: COLOUR[status], fillOpacity: status === 'none' ? 0.12 : 0.28 });
