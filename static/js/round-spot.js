// Picking one spot on a map that is already there: a tap, or the cross and Enter; Escape leaves it.
/* global L */
import { h, icon } from './dom.js';
import { t } from './texts.js';

const DIGITS = 7;
const fixed = (value) => Number(value.toFixed(DIGITS));

/** Ask for a spot on the map; resolve to {lon, lat, name} or null. */
export function pickSpot(map, kind = 'start') {
  if (!map) return Promise.resolve(null);
  const ground = map.getContainer();
  const sheet = document.querySelector('dialog[open]');
  sheet?.close();
  return new Promise((resolve) => {
    const bar = h('div', { class: 'round-picking', role: 'status' }, h('span', { class: 'crosshair', 'aria-hidden': 'true' }), h('p', {}, t(`js.round.picking.${kind}`)),
      h('button', { type: 'button', class: 'button button-main button-small', onclick: () => { const { lng, lat } = map.getCenter(); end(lng, lat); } }, icon('cross'), t('js.round.take_centre')), h('button', { type: 'button', class: 'button button-small', onclick: () => end() }, t('js.cancel')));
    const tapped = ({ latlng }) => end(latlng.lng, latlng.lat);
    const keyed = (event) => {
      if (event.key === 'Escape') end();
      if (event.key === 'Enter' && event.target === ground) { event.preventDefault(); const { lng, lat } = map.getCenter(); end(lng, lat); }
    };
    function end(lon, lat) {
      map.off('click', tapped);
      document.removeEventListener('keydown', keyed, true);
      bar.remove();
      ground.classList.remove('is-picking');
      if (sheet && !sheet.open) sheet.showModal();
      resolve(lon === undefined ? null : { lon: fixed(lon), lat: fixed(lat), name: t('js.round.on_map') });
    }
    L.DomEvent.disableClickPropagation(bar);
    ground.append(bar);
    ground.classList.add('is-picking');
    map.on('click', tapped);
    document.addEventListener('keydown', keyed, true);
    ground.scrollIntoView({ block: 'nearest' });
    ground.focus({ preventScroll: true });
  });
}

/** Ask the device where it is; resolve to {lon, lat, name} or null. */
export function myPlace() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) { resolve(null); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve({ lon: fixed(coords.longitude), lat: fixed(coords.latitude), name: t('js.round.my_place') }), () => resolve(null), { enableHighAccuracy: true, timeout: 8000 });
  });
}
