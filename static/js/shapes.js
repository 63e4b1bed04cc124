// Arithmetic about drawn rings: area in square metres and where the outline crosses itself. Rings are [[lon, lat], …].
const A = 6378137;
const E2 = 0.00669437999014;

/** Metres per degree of longitude and latitude at a latitude (WGS 84 ellipsoid). */
function scale(lat) {
  const rad = (lat * Math.PI) / 180;
  const w = Math.sqrt(1 - E2 * Math.sin(rad) ** 2);
  return [(Math.PI / 180) * (A / w) * Math.cos(rad), (Math.PI / 180) * A * (1 - E2) / w ** 3];
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

/** Area of a Polygon or MultiPolygon geometry in square metres; holes are taken off. */
export function area(geometry) {
  const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
  return parts.reduce((sum, rings) => sum + rings.reduce((part, ring, index) => part + (index ? -1 : 1) * ringArea(ring), 0), 0);
}

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

function cross(a, b, c, d) {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Tell whether a ring crosses itself. */
export function crossesItself(ring) {
  const open = ring.length > 1 && String(ring[0]) === String(ring.at(-1)) ? ring.slice(0, -1) : ring;
  const n = open.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 2; j < n; j += 1) {
      if (i === 0 && j === n - 1) continue;
      if (cross(open[i], open[(i + 1) % n], open[j], open[(j + 1) % n])) return true;
    }
  }
  return false;
}

/** Say what is wrong with a geometry: a text key, or '' where nothing is. */
export function fault(geometry) {
  const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
  if (parts.some((rings) => rings.some((ring) => crossesItself(ring)))) return 'js.draw.crosses';
  return area(geometry) < 0.5 ? 'js.draw.tiny' : '';
}
