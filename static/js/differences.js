// Two days on the map: the earlier outline dashed, the later one solid; a row of the list points at its place.
/* global L */
import { layGround } from './basemap.js';
import { showMoments } from './moments.js';
import { page } from './page.js';

const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

function looks() {
  return {
    before: { color: colour('--overdue'), weight: 2.5, dashArray: '6 5', fill: false, interactive: false },
    after: { color: colour('--brand'), weight: 3, fillOpacity: 0.12, interactive: false },
    picked: { weight: 5 },
    spot: { radius: 6, color: colour('--map-casing'), weight: 2, fillColor: colour('--brand'), fillOpacity: 1, interactive: false },
  };
}

function show() {
  const map = window.civmap?.map;
  if (!map) return;
  map.scrollWheelZoom.disable();
  layGround(map);
  if (!page.found) return;
  const style = looks();
  const byCode = new Map();
  const all = L.featureGroup().addTo(map);
  for (const { code, before, after } of page.found.shapes) {
    const mine = L.featureGroup().addTo(all);
    for (const [side, geometry] of [['after', after], ['before', before]]) if (geometry) L.geoJSON(geometry, { style: style[side] }).addTo(mine);
    byCode.set(code, mine);
  }
  for (const { lon, lat } of page.found.spots) L.circleMarker([lat, lon], style.spot).addTo(all);
  const bounds = all.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 18, padding: [24, 24], animate: false });
  for (const row of document.querySelectorAll('[data-code]')) wire(row, byCode.get(row.dataset.code), map, style);
  document.body.dataset.drawn = String(byCode.size);
}

function wire(row, group, map, style) {
  if (!group) return;
  const thick = (on) => group.eachLayer((layer) => layer.eachLayer?.((part) => part.setStyle({ weight: on ? style.picked.weight : style.after.weight })));
  row.addEventListener('pointerenter', () => thick(true));
  row.addEventListener('pointerleave', () => thick(false));
  row.addEventListener('click', (event) => { if (!event.target.closest('a')) map.fitBounds(group.getBounds(), { maxZoom: 19, padding: [40, 40], animate: false }); });
}

showMoments();
show();
