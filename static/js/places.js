// Addresses as places: what the box on the map and the report form ask, and how a place that is only about there is drawn.
/* global L */
import { get, query } from './api.js';
import { debounce, h, icon, put } from './dom.js';
import { amount, t } from './texts.js';

const HAS_HAN = /[\u3400-\u9fff]/;
const EXACT = ['crossing', 'number'];
const WIDE_M = 300;

const metres = (reach) => t('js.metres', { m: amount(Math.round(reach)) });

/** What stands under a place: what it rests on, how sure it is, how far off it may be. */
export const told = (place) => t('js.places.under', { basis: place.basis_name, sure: place.sure_name, reach: metres(place.reach_m) });

/** Find the addresses that a text may mean; without an answer there are none. */
export async function addressesOf(text, near) {
  if (!HAS_HAN.test(text) || text.length < 3) return [];
  try { return (await get(`/places${query({ q: text, limit: 3, ...near })}`)).data.places; } catch { return []; }
}

/** Addresses as rows of the box: crossings and house numbers always, other places where nothing `others` was found. */
export function addressRows(places, others) {
  return places.filter((place) => EXACT.includes(place.basis) || !others.length)
    .map((place) => ({ ...place, kind: 'places', code: place.name, detail: told(place), status: 'none', open_issues: 0, bbox: around(place) }));
}

/** The box (W, S, E, N) in which a place lies. */
function around({ lon, lat, reach_m: reach }) {
  const [up, aside] = [reach / 111000, reach / (111000 * Math.cos((lat * Math.PI) / 180))];
  return [lon - aside, lat - up, lon + aside, lat + up];
}

/** Draw a place and the circle in which it lies; returns what takes it away again. */
export function drawPlace(map, place) {
  const drawn = L.layerGroup([
    L.circle([place.lat, place.lon], { radius: place.reach_m, weight: 2, dashArray: '6 6', fillOpacity: 0.08, interactive: false, className: 'found-ring' }),
    L.circleMarker([place.lat, place.lon], { radius: 7, weight: 3, fillOpacity: 0.9, interactive: false, className: 'found-ring' })
      .bindTooltip(h('span', {}, h('b', {}, place.name), h('br', {}), told(place)), { permanent: true, direction: 'top', offset: [0, -10], className: 'found-place' }),
  ]).addTo(map);
  map.once('click', () => drawn.remove());
  return drawn;
}

/** The address of a report: written, it places the pin; until somebody writes, it says where the pin is. */
export function addressField(onPlace) {
  const said = h('p', { class: 'quiet', role: 'status' });
  const input = h('input', { class: 'input', type: 'text', maxlength: 200, autocomplete: 'off', enterkeyhint: 'search' });
  const field = { isOwn: false, turn: 0 };

  async function find() {
    const text = input.value.trim();
    if (!text) return;
    put(said, h('span', { class: 'spinner' }), ' ', t('js.places.locating'));
    try {
      const { data } = await get(`/places${query({ q: text, limit: 1 })}`);
      const [place] = data.places;
      if (!place) put(said, t('js.places.nowhere'));
      else if (place.reach_m > WIDE_M) put(said, t('js.places.wide', { name: place.name, reach: metres(place.reach_m) }));
      else put(said, t('js.places.located', { name: place.name, basis: place.basis_name, sure: place.sure_name, reach: metres(place.reach_m) }));
      if (place) onPlace(place, place.reach_m <= WIDE_M);
    } catch (error) {
      put(said, error.message);
    }
  }

  const ask = debounce(async (spot) => {
    const turn = ++field.turn;
    try {
      const { data } = await get(`/places/at${query({ lon: spot.lon, lat: spot.lat })}`);
      if (turn === field.turn && !field.isOwn) input.value = data.address ?? '';
    } catch { /* out of reach: the report goes without an address */ }
  }, 400);

  input.addEventListener('input', () => { field.isOwn = Boolean(input.value.trim()); });
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.isComposing) { event.preventDefault(); find(); } });
  field.element = h('div', { class: 'report-address' }, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.places.kind')), input),
    h('button', { type: 'button', class: 'button button-small', onclick: find }, icon('search'), t('js.places.locate')), said);
  field.follow = (spot) => { if (!field.isOwn) ask(spot); };
  field.body = () => (input.value.trim() ? { address: input.value.trim() } : {});
  return field;
}
