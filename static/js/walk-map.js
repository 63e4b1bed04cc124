// A sketch of the round that needs no tiles and no network: streets, the way, the stops, and where one stands.
import { h, put, s } from './dom.js';
import { t } from './texts.js';

const [WIDE, HIGH, MARGIN, NEAR_M] = [340, 260, 26, 350];
const MAJOR = ['arterial_primary', 'arterial_secondary'];

/** Return the function from {lon, lat} to pixels that fits some spots into the picture. */
function fitted(spots) {
  const lat0 = spots.reduce((sum, spot) => sum + spot.lat, 0) / spots.length;
  const shrink = Math.cos((lat0 * Math.PI) / 180);
  const [xs, ys] = [spots.map((spot) => spot.lon * shrink), spots.map((spot) => spot.lat)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((WIDE - 2 * MARGIN) / Math.max(east - west, 0.0008), (HIGH - 2 * MARGIN) / Math.max(north - south, 0.0008));
  const [midX, midY] = [(west + east) / 2, (south + north) / 2];
  return ({ lon, lat }) => [WIDE / 2 + (lon * shrink - midX) * scale, HIGH / 2 - (lat - midY) * scale];
}

const path = (line, place) => `M${line.map(([lon, lat]) => place({ lon, lat }).map((one) => one.toFixed(1)).join(' ')).join('L')}`;

function around(stop, spot) {
  const reach = NEAR_M / 111_195;
  const wide = reach / Math.cos((stop.lat * Math.PI) / 180);
  const corners = [{ lon: stop.lon - wide, lat: stop.lat - reach }, { lon: stop.lon + wide, lat: stop.lat + reach }];
  return spot && Math.abs(spot.lat - stop.lat) < 6 * reach ? [...corners, spot] : corners;
}

function label(street, place) {
  const line = street.lines.reduce((best, one) => (one.length > best.length ? one : best), []);
  if (line.length < 2) return null;
  const [x, y] = place({ lon: line[Math.floor(line.length / 2)][0], lat: line[Math.floor(line.length / 2)][1] });
  return x > 30 && x < WIDE - 30 && y > 16 && y < HIGH - 8 ? { name: street.name, x, y } : null;
}

/** Street names, the main ones first, none over another nor over a stop. */
function labels(streets, place, stops) {
  const taken = stops.map((stop) => place(stop)).map(([x, y]) => ({ x, y, half: 14 }));
  const seen = new Set();
  const found = [];
  for (const street of [...streets].sort((one, two) => MAJOR.includes(two.class) - MAJOR.includes(one.class))) {
    const one = street.name && !seen.has(street.name) ? label(street, place) : null;
    const half = (street.name?.length ?? 0) * 5.5;
    if (!one || taken.some((other) => Math.abs(other.x - one.x) < other.half + half && Math.abs(other.y - one.y) < 15)) continue;
    seen.add(street.name);
    taken.push({ ...one, half });
    found.push(s('text', { x: one.x, y: one.y, class: 'walk-street-name' }, one.name));
    if (found.length > 9) break;
  }
  return found;
}

function dot(stop, number, state, isNext, place) {
  const [x, y] = place(stop);
  const mark = { done: '✓', skipped: '–' }[state] ?? String(number);
  return s('g', { class: `walk-dot is-${state}${isNext ? ' is-next' : ''}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
    s('circle', { r: isNext ? 13 : 10 }), s('text', { y: 4 }, mark));
}

/** Draw the sketch into `box`; `near` shows the surroundings of the next stop instead of the whole round. */
export function drawMap(box, { stops, legs, streets, next, spot, stateOf, near }) {
  if (!stops.length) return put(box);
  const all = [...stops, ...legs.flatMap(({ geometry }) => geometry.coordinates.map(([lon, lat]) => ({ lon, lat })))];
  const place = fitted(near && next ? around(next, spot) : all);
  const me = spot ? place(spot) : null;
  const inside = me && me[0] > -40 && me[0] < WIDE + 40 && me[1] > -40 && me[1] < HIGH + 40;
  const picture = s('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, class: 'walk-sketch', role: 'img', 'aria-label': t('walk.map.label', { n: stops.length }) },
    streets.flatMap((street) => street.lines.map((line) => s('path', { d: path(line, place), class: `walk-street${MAJOR.includes(street.class) ? ' is-major' : ''}` }))),
    legs.map(({ geometry, properties }) => s('path', { d: path(geometry.coordinates, place), class: `walk-leg${properties.is_air ? ' is-air' : ''}${next && properties.position === next.position ? ' is-next' : ''}` })),
    labels(streets, place, stops),
    stops.map((stop) => dot(stop, stop.position, stateOf(stop), stop === next, place)),
    inside ? s('g', { class: 'walk-me', transform: `translate(${me[0].toFixed(1)} ${me[1].toFixed(1)})` }, s('circle', { r: 16, class: 'walk-me-ring' }), s('circle', { r: 7 })) : []);
  return put(box, picture, h('p', { class: 'walk-map-north', 'aria-hidden': 'true' }, t('walk.map.north')));
}
