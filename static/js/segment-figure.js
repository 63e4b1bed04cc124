// The arterials metre by metre: stretches that are nobody's or several's, on the map and in the list.
/* global L */
import { layGround } from './basemap.js';
import { $ } from './dom.js';
import { page } from './page.js';

const map = window.civmap?.map;
const STYLE = { none: { color: 'var(--overdue)', weight: 7, dashArray: '10 7' }, several: { color: 'var(--due-soon)', weight: 9 } };

if (map) {
  layGround(map);
  const lines = page.places.map((place) => L.geoJSON(place.geometry, { style: STYLE[place.state] }).addTo(map));
  const choose = (index) => {
    for (const button of $('places').querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.place === String(index)));
    map.fitBounds(lines[index].getBounds(), { maxZoom: 18, padding: [40, 40] });
  };
  lines.forEach((line, index) => line.on('click', () => choose(index)));
  $('places')?.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-place]');
    if (button) choose(Number(button.dataset.place));
  });
  if (lines.length) map.fitBounds(L.featureGroup(lines).getBounds(), { maxZoom: 17, padding: [30, 30], animate: false });
}
document.body.dataset.ready = 'figure';
