// Arithmetic about drawn outlines: areas, lengths, steps in metres and where an outline crosses itself. Rings are [[lon, lat], …].
const A = 6378137;
const E2 = 0.00669437999014;
const MOST_FAULTS = 12;
const DEGREES = 1e9;

/** Metres per degree of longitude and latitude at a latitude (WGS 84 ellipsoid). */
export function scale(lat) {
  const rad = (lat * Math.PI) / 180;
  const w = Math.sqrt(1 - E2 * Math.sin(rad) ** 2);
  return [(Math.PI / 180) * (A / w) * Math.cos(rad), (Math.PI / 180) * A * (1 - E2) / w ** 3];
}

/** Round a spot to the nine decimals that are stored. */
export const stored = ([lon, lat]) => [Math.round(lon * DEGREES) / DEGREES, Math.round(lat * DEGREES) / DEGREES];

/** Metres between two spots of one city. */
export function distance(a, b) {
  const [mx, my] = scale((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * mx, (b[1] - a[1]) * my);
}

/** The spot so many metres to the east and north. */
export function moved([lon, lat], east, north) {
  const [mx, my] = scale(lat);
  return stored([lon + east / mx, lat + north / my]);
}

/** Length of a line in metres; of a ring where `closed`. */
export function lengthOf(spots, closed = false) {
  let sum = 0;
  for (let i = 1; i < spots.length; i += 1) sum += distance(spots[i - 1], spots[i]);
  return closed && spots.length > 2 ? sum + distance(spots.at(-1), spots[0]) : sum;
}

/** Area of one ring in square metres (plane through its first corner; exact enough for zones within a city). */
export function ringArea(ring) {
  if (ring.length < 3) return 0;
  const [lon0, lat0] = ring[0];
  const [mx, my] = scale(lat0);
  let twice = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[(i + 1) % ring.length];
    twice += (x1 - lon0) * mx * (y2 - lat0) * my - (x2 - lon0) * mx * (y1 - lat0) * my;
  }
  return Math.abs(twice) / 2;
}

const polygonsOf = (geometry) => (geometry.type === 'MultiPolygon' ? geometry.coordinates : geometry.type === 'Polygon' ? [geometry.coordinates] : []);

/** Area of a Polygon or MultiPolygon geometry in square metres; holes are taken off. */
export function area(geometry) {
  return polygonsOf(geometry).reduce((sum, rings) => sum + rings.reduce((part, ring, index) => part + (index ? -1 : 1) * ringArea(ring), 0), 0);
}

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
const crossing = (a, b, c, d) => side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;

function meeting(a, b, c, d) {
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
  const share = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / (ux * vy - uy * vx);
  return [a[0] + share * ux, a[1] + share * uy];
}

/** The places where a ring (or, not `closed`, a line) crosses itself; at most a dozen. */
export function faults(spots, closed = true) {
  const open = closed && spots.length > 1 && String(spots[0]) === String(spots.at(-1)) ? spots.slice(0, -1) : spots;
  const n = open.length;
  const edges = closed ? n : n - 1;
  const order = Array.from({ length: Math.max(0, edges) }, (_, i) => i);
  const low = (i) => Math.min(open[i][0], open[(i + 1) % n][0]);
  const high = (i) => Math.max(open[i][0], open[(i + 1) % n][0]);
  order.sort((i, j) => low(i) - low(j));
  const found = [];
  for (let p = 0; p < order.length; p += 1) {
    const i = order[p];
    for (let q = p + 1; q < order.length && low(order[q]) <= high(i); q += 1) {
      const j = order[q];
      if (Math.abs(i - j) < 2 || (closed && Math.abs(i - j) === n - 1)) continue;
      const [a, b, c, d] = [open[i], open[(i + 1) % n], open[j], open[(j + 1) % n]];
      if (crossing(a, b, c, d)) found.push(meeting(a, b, c, d));
      if (found.length >= MOST_FAULTS) return found;
    }
  }
  return found;
}

/** Tell whether a spot lies inside a Polygon or MultiPolygon geometry (even-odd). */
export function holds(geometry, [x, y]) {
  let odd = false;
  for (const ring of polygonsOf(geometry).flat()) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if ((yi > y) !== (yj > y) && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
  }
  return odd;
}

/** A spot that surely is in the middle of things: the middle of the geometry's box. */
export function middle(geometry) {
  const flat = geometry.coordinates.flat(Infinity);
  const [lons, lats] = [flat.filter((_, i) => i % 2 === 0), flat.filter((_, i) => i % 2)];
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}

/** A spot inside a Polygon or MultiPolygon: the middle of its widest stretch half-way up; for a number to stand on. */
export function inner(geometry) {
  const [, y] = middle(geometry);
  const cuts = [];
  for (const ring of polygonsOf(geometry).flat()) {
    for (let i = 1; i < ring.length; i += 1) {
      const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
      if ((y1 > y) !== (y2 > y)) cuts.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  cuts.sort((a, b) => a - b);
  let best = [middle(geometry)[0], 0];
  for (let i = 0; i + 1 < cuts.length; i += 2) if (cuts[i + 1] - cuts[i] > best[1]) best = [(cuts[i] + cuts[i + 1]) / 2, cuts[i + 1] - cuts[i]];
  return [best[0], y];
}
