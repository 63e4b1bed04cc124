// What was drawn: its points on the map beside the list, and making a covert draw known.
/* global L */
import { call, newKey } from './api.js';
import { layGround } from './basemap.js';
import { $, h, notice, put } from './dom.js';
import { showMoments } from './moments.js';
import { page } from './page.js';
import { t } from './texts.js';

const key = newKey();

function mark({ why }) {
  return L.divIcon({ className: 'lots-pin', html: h('span', { class: `lots-mark is-${why}` }), iconSize: [28, 28], iconAnchor: [14, 14] });
}

function showMap() {
  const map = window.civmap?.map;
  if (!map) return;
  map.scrollWheelZoom.disable();
  layGround(map);
  const rows = new Map([...document.querySelectorAll('[data-code]')].map((row) => [row.dataset.code, row]));
  for (const point of page.points) {
    const marker = L.marker([point.lat, point.lon], { icon: mark(point), title: point.name, alt: `${point.name}, ${point.type_name}`, keyboard: false }).addTo(map);
    const row = rows.get(point.code);
    const light = (on) => { row?.classList.toggle('is-light', on); marker.getElement()?.classList.toggle('is-light', on); };
    marker.on('click', () => { row?.scrollIntoView({ block: 'center', behavior: 'smooth' }); row?.querySelector('a').focus({ preventScroll: true }); });
    marker.on('mouseover', () => light(true)).on('mouseout', () => light(false));
    row?.addEventListener('pointerenter', () => light(true));
    row?.addEventListener('pointerleave', () => light(false));
  }
  const [west, south, east, north] = page.bounds;
  map.fitBounds([[south, west], [north, east]], { animate: false, maxZoom: 17 });
}

async function publish() {
  try {
    await call('POST', `/draws/${encodeURIComponent(page.code)}/publish`, { key });
    location.reload();
  } catch (problem) {
    put($('said'), notice('bad', problem.message));
  }
}

function askFirst() {
  const cancel = h('button', { type: 'button', class: 'button', onclick: () => put($('said')) }, t('js.cancel'));
  const sure = h('button', { type: 'button', class: 'button button-main', id: 'lots-sure', onclick: publish }, t('js.lots.publish'));
  put($('said'), notice('care', h('p', {}, t('js.lots.publish_sure')), h('div', { class: 'actions' }, sure, cancel)));
  sure.focus();
}

showMoments();
showMap();
$('lots-publish')?.addEventListener('click', askFirst);
