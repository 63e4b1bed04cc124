// Picking for the drawing desk: which zones lie on a spot, also where several lie on one another, and which street is meant.
import { get, query } from './api.js';
import { distance, holds, moved, ringArea, scale } from './shapes.js';
import { chooseAmong } from './stack.js';

const SPECK = 1e-7;
const STREET_REACH_M = 30;
const WIDEST = 0.049;
const EDGE_M = 4;
const LEAST_M = 10;

const box = ([lon, lat], metres) => {
  const [mx, my] = scale(lat);
  return [lon - metres / mx, lat - metres / my, lon + metres / mx, lat + metres / my].join();
};
const lines = async (bbox, kinds) => (await get(`/linework${query({ bbox, kinds })}`)).data.features;
const sizeOf = ({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates).reduce((sum, rings) => sum + ringArea(rings[0]), 0);

/** List the zones on a spot, the smallest first: {code, name, kind, geometry}. */
export async function zonesAt([lon, lat], kind = null) {
  const found = await lines([lon - SPECK, lat - SPECK, lon + SPECK, lat + SPECK].join(), 'zones');
  return found.filter(({ geometry, properties }) => (!kind || properties.kind === kind) && holds(geometry, [lon, lat]))
    .map(({ geometry, properties }) => ({ ...properties, geometry, size: sizeOf(geometry) })).sort((a, b) => a.size - b.size);
}

/** Let one of the zones on a spot be chosen; nothing where there is none. Resolve to the zone or null. */
export async function pickZone(map, spot, kind, except = [], look = () => {}) {
  const found = (await zonesAt(spot, kind)).filter((zone) => !except.includes(zone.code));
  if (found.length < 2) return found[0] ?? null;
  return new Promise((resolve) => {
    const hits = found.map((zone) => ({ kind: 'zones', code: zone.code, props: { ...zone, status: 'none' }, zone }));
    map.once('popupclose', () => { look(null); setTimeout(() => resolve(null), 0); }); // a choice closes the list too, and comes first
    chooseAmong(map, { lat: spot[1], lng: spot[0] }, hits, (hit) => resolve(hit.zone), (hit) => look(hit.zone));
  });
}

/** Read a zone whole, its border as it is stored: {code, name, kind, geometry, etag, version, properties}. */
export async function zoneOf(code) {
  const { data, etag } = await get(`/zones/${encodeURIComponent(code)}`);
  const { properties } = data;
  const own = await exactly(code, data.geometry).catch(() => null);
  return { code, name: properties.name, kind: properties.kind, geometry: own ?? data.geometry, etag, version: versionIn(etag), properties };
}

/** The number in a version's tag: "v3" or "3". */
export const versionIn = (etag) => Number(/(\d+)/.exec(etag ?? '')?.[1] ?? 0) || null;

async function exactly(code, { coordinates }) {
  const [lon, lat] = coordinates.flat(Infinity);
  const found = await lines([lon - SPECK, lat - SPECK, lon + SPECK, lat + SPECK].join(), 'zones');
  return found.find(({ properties }) => properties.code === code)?.geometry ?? null;
}

function farFrom(spot, { type, coordinates }) {
  const [mx, my] = scale(spot[1]);
  let best = Infinity;
  for (const line of type === 'MultiLineString' ? coordinates : [coordinates]) {
    for (let i = 1; i < line.length; i += 1) {
      const [ax, ay] = [(line[i - 1][0] - spot[0]) * mx, (line[i - 1][1] - spot[1]) * my];
      const [ux, uy] = [(line[i][0] - line[i - 1][0]) * mx, (line[i][1] - line[i - 1][1]) * my];
      const along = Math.max(0, Math.min(1, -(ax * ux + ay * uy) / (ux * ux + uy * uy || 1)));
      best = Math.min(best, Math.hypot(ax + along * ux, ay + along * uy));
    }
  }
  return best;
}

const asStreet = ({ geometry, properties }) => ({ code: properties.layer === 'segments' ? properties.code : null, name: properties.name, geometry });

/** The street nearest to a spot, a road segment before a mere line of the network; null where none is near. */
export async function streetAt(spot) {
  const near = (await lines(box(spot, STREET_REACH_M), 'segments,streets')).filter(({ properties }) => properties.code || properties.name)
    .map((feature) => ({ feature, far: farFrom(spot, feature.geometry) - (feature.properties.layer === 'segments' ? 8 : 0) })).sort((a, b) => a.far - b.far);
  return near.length && near[0].far <= STREET_REACH_M ? asStreet(near[0].feature) : null;
}

/** The named streets that run through a zone, the longest within it first. */
export async function streetsThrough({ geometry }) {
  const flat = geometry.coordinates.flat(Infinity);
  const lons = flat.filter((_, i) => i % 2 === 0);
  const lats = flat.filter((_, i) => i % 2);
  const edges = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  if (edges[2] - edges[0] > WIDEST || edges[3] - edges[1] > WIDEST) return [];
  const within = new Map();
  for (const feature of await lines(edges.join(), 'segments,streets')) {
    const street = asStreet(feature);
    if (!street.name && !street.code) continue;
    const inside = insideM(feature.geometry, geometry);
    if (inside < LEAST_M) continue;
    const key = street.code ?? street.name;
    const known = within.get(key);
    within.set(key, { ...street, metres: inside + (known?.metres ?? 0) });
  }
  const roads = [...within.values()].filter((row) => row.code).map((row) => row.name);
  return [...within.values()].filter((row) => row.code || !roads.some((name) => name?.startsWith(row.name))).sort((a, b) => b.metres - a.metres).slice(0, 8);
}

/** The spot so many metres to the side of a line. */
function aside(spot, a, b, metres) {
  const [mx, my] = scale(spot[1]);
  const [ux, uy] = [(b[0] - a[0]) * mx, (b[1] - a[1]) * my];
  const long = Math.hypot(ux, uy) || 1;
  return moved(spot, (-uy / long) * metres, (ux / long) * metres);
}

/** About how many metres of a line lie well inside an area, not along its border. */
function insideM({ type, coordinates }, geometry) {
  let sum = 0;
  for (const line of type === 'MultiLineString' ? coordinates : [coordinates]) {
    for (let i = 1; i < line.length; i += 1) {
      const long = distance(line[i - 1], line[i]);
      const pieces = Math.max(1, Math.ceil(long / 12));
      for (let k = 0; k < pieces; k += 1) {
        const share = (k + 0.5) / pieces;
        const spot = [line[i - 1][0] + share * (line[i][0] - line[i - 1][0]), line[i - 1][1] + share * (line[i][1] - line[i - 1][1])];
        if (holds(geometry, aside(spot, line[i - 1], line[i], EDGE_M)) && holds(geometry, aside(spot, line[i - 1], line[i], -EDGE_M))) sum += long / pieces;
      }
    }
  }
  return sum;
}
