// A spot of the map and a class: who answers now, beside who would under the settings that are not saved yet.
import { call } from './api.js';
import { layGround } from './basemap.js';
import { $, debounce, h, notice, put } from './dom.js';
import { page } from './page.js';
import { Place } from './place.js';
import { amount, t } from './texts.js';

const far = (metres) => (!metres ? '' : t('js.metres', { m: amount(metres, 1) }));

function side(title, answer, isOther) {
  const name = answer.unit ? answer.unit.name : t('js.cascade.nobody');
  return h('section', { class: isOther ? 'is-other' : null }, h('h3', {}, title), h('p', { class: 'who-said' }, name),
    h('p', {}, h('span', { class: 'chip' }, t(`js.cascade.basis.${answer.basis}`)), ' ', far(answer.distance_m)), h('p', {}, answer.reason),
    answer.ambiguous ? h('p', { class: 'status-due_soon' }, t('js.whom.ambiguous')) : null,
    answer.claims.length > 1 ? h('ol', { start: 2 }, answer.claims.slice(1, 5).map((claim) => h('li', {}, claim.unit.name, ' · ', t(`js.cascade.basis.${claim.basis}`), ' ', far(claim.distance_m)))) : null);
}

/** Wire the map; `draft()` gives the settings to try. Returns `{again, spot, code, onSpot}`. */
export function tryOn(draft) {
  const map = window.civmap?.map;
  const asked = { spot: null, code: () => $('try-class').value, onSpot: () => {}, again: () => {} };
  if (!map) return asked;
  layGround(map);
  const [west, south, east, north] = page.bounds;
  map.fitBounds([[south, west], [north, east]], { animate: false });
  let running = null;

  async function ask() {
    if (!asked.spot) return;
    running?.abort();
    running = new AbortController();
    const { lon, lat } = asked.spot;
    try {
      const { data } = await call('POST', '/cascade/try', { body: { lon, lat, class: asked.code(), cascade: draft() }, signal: running.signal });
      const isOther = data.now.unit?.code !== data.then.unit?.code || data.now.basis !== data.then.basis;
      put($('try'), h('p', { class: 'quiet number' }, `${lon.toFixed(6)}, ${lat.toFixed(6)}`),
        h('div', { class: 'both' }, side(t('js.cascade.now'), data.now, false), side(t(isOther ? 'js.cascade.then' : 'js.cascade.then_same'), data.then, isOther)));
    } catch (error) {
      if (error.name !== 'AbortError') put($('try'), notice('care', error.message));
    }
  }

  asked.again = debounce(ask, 250);
  const place = new Place(map, (spot) => { asked.spot = spot; asked.onSpot(spot); ask(); });
  $('try-class').addEventListener('change', ask);
  $('try-centre').addEventListener('click', () => { const { lng, lat } = map.getCenter(); place.set(lng, lat); });
  return asked;
}
