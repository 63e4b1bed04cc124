// The outlines that tell a status apart without colour, as path texts: drawn alike in SVG and on a canvas (also in a worker).
export const STATUSES = ['none', 'open', 'due_soon', 'overdue'];
export const SIZE = { none: 15, open: 24, due_soon: 30, overdue: 34 };
export const RANK = { none: 0, open: 1, due_soon: 2, overdue: 3 };
export const CLASS_SIZE = [16, 22, 26, 30, 34]; // the more, the larger: the second cue of a measure's classes

/** Return the worst of some statuses. */
export const worst = (statuses) => [...statuses].reduce((bad, status) => (RANK[status] > RANK[bad] ? status : bad), 'none');

export const circle = (size, r = size / 2 - 1) => `M${size / 2 - r} ${size / 2}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

const square = (size) => {
  const side = size - 12;
  return `M6 2h${side}a4 4 0 0 1 4 4v${side}a4 4 0 0 1-4 4h${-side}a4 4 0 0 1-4-4v${-side}a4 4 0 0 1 4-4z`;
};

/** Return the outline of a status in a box of a size: circle, square, triangle, diamond. */
export function outlineOf(status, size) {
  const c = size / 2;
  if (status === 'open') return square(size);
  if (status === 'due_soon') return `M${c} 1 ${size - 0.5} ${size - 2}H0.5z`;
  if (status === 'overdue') return `M${c} 0 ${size} ${c} ${c} ${size} 0 ${c}z`;
  return circle(size);
}

/** Return how low the count stands inside an outline. */
export const countLine = (status, size) => (status === 'due_soon' ? size * 0.76 : size / 2 + 4.4);

export const PLATE = 'M17 1 33 12V36H1V12z'; // the roofed plate of a unit's seat, 34 × 38
export const DROP = 'M13 33C9 26 1 21 1 13a12 12 0 0 1 24 0c0 8-8 13-12 20z'; // an issue, 26 × 34

export const clusterSize = (count) => (count > 999 ? 56 : count > 99 ? 50 : count > 9 ? 44 : 38);
export const clusterRoof = (size) => `M${size / 2} 4 ${size - 4} ${size / 2 - 4}V${size - 4}H4V${size / 2 - 4}z`;

/** Return the outline of a cluster: things with a seat under a roof, areas and lines in a square, places in a ring. */
export function clusterOutline(kind, size) {
  if (kind === 'units') return clusterRoof(size);
  if (kind !== 'zones' && kind !== 'segments') return circle(size, size / 2 - 3);
  const side = size - 18;
  return `M9 4h${side}a5 5 0 0 1 5 5v${side}a5 5 0 0 1-5 5h${-side}a5 5 0 0 1-5-5v${-side}a5 5 0 0 1 5-5z`;
}

/** Return a count short enough for a symbol: 7, 99+, 1.2k, 35k. */
export function shortCount(count) {
  if (count < 1000) return String(count);
  const thousands = count / 1000;
  return thousands < 10 ? `${Math.floor(thousands * 10) / 10}k` : thousands < 1000 ? `${Math.floor(thousands)}k` : `${Math.floor(thousands / 100) / 10}M`;
}

/** Return a measured value short enough for a symbol. */
export function shortValue(value) {
  if (value === null || value === undefined) return '';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return shortCount(Math.round(value));
  return String(Math.round(value * 10) / 10);
}
