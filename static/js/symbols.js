// How a status looks: colour, and always a second cue (shape for places, dashes for lines, hatching for areas).
import { s } from './dom.js';

export const STATUSES = ['none', 'open', 'due_soon', 'overdue'];
const WORST_FIRST = ['overdue', 'due_soon', 'open', 'none'];

export const COLOUR = { none: '#2f8f76', open: '#2466ab', due_soon: '#e3a008', overdue: '#b7311b' };
const INK = { none: '#ffffff', open: '#ffffff', due_soon: '#2b1d00', overdue: '#ffffff' };

/** Lines: the worse, the wider; due soon is dashed, overdue is dotted. */
export const LINE = {
  none: { color: COLOUR.none, weight: 2.5, opacity: 0.6, dashArray: null },
  open: { color: COLOUR.open, weight: 5, opacity: 0.9, dashArray: null },
  due_soon: { color: '#c98500', weight: 6, opacity: 1, dashArray: '14 7' },
  overdue: { color: COLOUR.overdue, weight: 7, opacity: 1, dashArray: '2 10' },
};

/** Areas: outline and hatch pattern (defined once in the page). */
export const AREA = {
  none: { color: '#2f8f76', weight: 1, opacity: 0.8, dashArray: null },
  open: { color: COLOUR.open, weight: 2, opacity: 1, dashArray: null },
  due_soon: { color: '#a86f00', weight: 2.5, opacity: 1, dashArray: '8 4' },
  overdue: { color: COLOUR.overdue, weight: 3, opacity: 1, dashArray: null },
};
export const hatch = (status) => `url(#hatch-${status})`;

/** Return the worst of some statuses. */
export function worst(statuses) {
  const seen = new Set(statuses);
  return WORST_FIRST.find((status) => seen.has(status)) ?? 'none';
}

function outline(status, size) {
  const c = size / 2;
  const line = { fill: COLOUR[status], stroke: '#ffffff', 'stroke-width': 2, 'stroke-linejoin': 'round' };
  if (status === 'open') return s('rect', { ...line, x: 2, y: 2, width: size - 4, height: size - 4, rx: 4 });
  if (status === 'due_soon') return s('path', { ...line, stroke: '#5c3d00', 'stroke-width': 1.6, d: `M${c} 1 ${size - 0.5} ${size - 2}H0.5z` });
  if (status === 'overdue') return s('path', { ...line, d: `M${c} 0 ${size} ${c} ${c} ${size} 0 ${c}z` });
  return s('circle', { ...line, cx: c, cy: c, r: c - 1 });
}

const SIZE = { none: 15, open: 24, due_soon: 30, overdue: 34 };

/** Draw the symbol of a place: shape by status, the number of open issues inside. */
export function placeSymbol(status, count, size = SIZE[status]) {
  const full = Math.max(24, SIZE[status]);
  const box = size < 20 ? full : size;
  const figure = s('svg', { width: size, height: size, viewBox: `0 0 ${box} ${box}` }, outline(status, box));
  if (count && size > 18) {
    const low = status === 'due_soon' ? size * 0.76 : size / 2 + 4.4;
    figure.append(s('text', { x: size / 2, y: low, fill: INK[status] }, count > 99 ? '99+' : count));
  }
  return figure;
}

/** Draw a unit's seat: a white plate with a roof, the status inside. */
export function unitSymbol(status, count) {
  const figure = s('svg', { width: 34, height: 38, viewBox: '0 0 34 38' });
  figure.append(s('path', { d: 'M17 1 33 12V36H1V12z', fill: '#ffffff', stroke: '#073f4c', 'stroke-width': 1.8, 'stroke-linejoin': 'round' }));
  const inner = placeSymbol(status, count, 22);
  inner.setAttribute('x', 6);
  inner.setAttribute('y', 12);
  figure.append(inner);
  return figure;
}

/** Draw a single issue: a drop whose head carries the status. */
export function issueSymbol(status) {
  const figure = s('svg', { width: 26, height: 34, viewBox: '0 0 26 34' });
  figure.append(s('path', { d: 'M13 33C9 26 1 21 1 13a12 12 0 0 1 24 0c0 8-8 13-12 20z', fill: '#ffffff', stroke: COLOUR[status], 'stroke-width': 2 }));
  const inner = placeSymbol(status, 0, 14);
  inner.setAttribute('x', 6);
  inner.setAttribute('y', 6);
  figure.append(inner);
  return figure;
}

/** Draw a cluster: how many things of a kind, and how bad the worst is; units stand under a roof, others in a ring. */
export function clusterSymbol(kind, status, count) {
  const size = count > 99 ? 50 : count > 9 ? 44 : 38;
  const figure = s('svg', { width: size, height: size, viewBox: `0 0 ${size} ${size}` });
  const c = size / 2;
  const line = { fill: '#ffffff', stroke: COLOUR[status], 'stroke-width': 4, 'stroke-linejoin': 'round' };
  const roof = `M${c} 4 ${size - 4} ${c - 4}V${size - 4}H4V${c - 4}z`;
  figure.append(kind === 'units' ? s('path', { ...line, d: roof, 'stroke-width': 3 }) : s('circle', { ...line, cx: c, cy: c, r: c - 3 }));
  const inner = placeSymbol(status, 0, 15);
  inner.setAttribute('x', c - 7.5);
  inner.setAttribute('y', 0);
  figure.append(s('text', { x: c, y: c + 6, fill: '#16262e' }, count), inner);
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

/** Fill of an area where the page carries no hatch patterns. */
export const hatchFill = (status) => ({ fill: true, fillColor: COLOUR[status], fillOpacity: status === 'none' ? 0.12 : 0.28 });
