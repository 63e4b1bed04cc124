// A page of /ogc: the features of the page on a small map; a row and its place point to each other.
/* global L */
import { layGround } from './basemap.js';
import { page } from './page.js';
import { AREA, LINE, hatchFill, issueSymbol, placeSymbol, unitSymbol } from './symbols.js';

const SYMBOL = { points: placeSymbol, units: unitSymbol, issues: (status) => issueSymbol(status) };
const map = window.civmap?.map;

function marker(latlng, { status = 'none', open_issues: count = 0, name }) {
  const html = (SYMBOL[page.kind] ?? placeSymbol)(status, count);
  const icon = L.divIcon({ className: 'mark', html, iconSize: [36, 36], iconAnchor: [18, page.kind === 'points' ? 18 : 34] });
  return L.marker(latlng, { icon, keyboard: false, title: name });
}

function style({ properties: { status = 'none' } }) {
  return page.kind === 'segments' ? { ...LINE[status] } : { ...AREA[status], ...hatchFill(status) };
}

function open({ properties: { code } }) {
  const link = document.querySelector(`tr[data-code="${CSS.escape(code)}"] a`);
  if (link) link.click();
}

if (map) {
  map.scrollWheelZoom.disable();
  layGround(map);
  const layer = L.geoJSON(page.features, { style, pointToLayer: (feature, latlng) => marker(latlng, feature.properties) }).addTo(map);
  layer.on('click', ({ layer: hit, propagatedFrom }) => open((propagatedFrom ?? hit).feature));
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 17, padding: [30, 30], animate: false });
}
document.body.dataset.ready = 'ogc';
