// The small map of a detail page: the ground and the one object, in its colour.
/* global L */
import { layGround } from './basemap.js';
import { showMoments } from './moments.js';
import { page } from './page.js';
import { AREA, LINE, hatchFill, issueSymbol, placeSymbol, unitSymbol } from './symbols.js';

const SYMBOL = { points: placeSymbol, units: unitSymbol, issues: (status) => issueSymbol(status) };

function marker(latlng, { status = 'none', open_issues: count = 0 }) {
  const html = SYMBOL[page.kind](status, count);
  return L.marker(latlng, { icon: L.divIcon({ className: 'mark', html, iconSize: [36, 36], iconAnchor: [18, page.kind === 'points' ? 18 : 34] }), interactive: false, keyboard: false });
}

function style({ properties: { status = 'none' } }) {
  return page.kind === 'segments' ? { ...LINE[status], interactive: false } : { ...AREA[status], ...hatchFill(status), interactive: false };
}

function start() {
  const map = window.civmap.map;
  map.scrollWheelZoom.disable();
  layGround(map);
  if (!page.feature?.geometry) return;
  const layer = L.geoJSON(page.feature, { style, pointToLayer: (feature, latlng) => marker(latlng, feature.properties) }).addTo(map);
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 17, padding: [30, 30], animate: false });
}

showMoments();
start();
