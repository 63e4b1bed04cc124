// The page of one thing: its small map, its trend, photos before and after, who answers here, and retiring it.
/* global L */
import { answersBox } from './answers.js';
import { layGround } from './basemap.js';
import { wireBeforeAfter } from './before-after.js';
import { $ } from './dom.js';
import { wireLightbox } from './lightbox.js';
import { showMoments } from './moments.js';
import { page } from './page.js';
import { retire } from './retire.js';
import { AREA, LINE, hatchFill, issueSymbol, placeSymbol, unitSymbol } from './symbols.js';
import { trendOf } from './trend.js';
import { visitsBox } from './visits.js';

const SYMBOL = { points: placeSymbol, units: unitSymbol, issues: (status) => issueSymbol(status) };

function marker(latlng, { status = 'none', open_issues: count = 0 }) {
  const html = SYMBOL[page.kind](status, count);
  return L.marker(latlng, { icon: L.divIcon({ className: 'mark', html, iconSize: [36, 36], iconAnchor: [18, page.kind === 'points' ? 18 : 34] }), interactive: false, keyboard: false });
}

function style({ properties: { status = 'none' } }) {
  return page.kind === 'segments' ? { ...LINE[status], interactive: false } : { ...AREA[status], ...hatchFill(status), interactive: false };
}

function showMap() {
  const map = window.civmap?.map;
  if (!map) return;
  map.scrollWheelZoom.disable();
  layGround(map);
  if (!page.feature?.geometry) return;
  const layer = L.geoJSON(page.feature, { style, pointToLayer: (feature, latlng) => marker(latlng, feature.properties) }).addTo(map);
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 17, padding: [30, 30], animate: false });
}

/** The trend is an extra: where it does not come, its card stays away. */
async function showTrend(card) {
  const drawn = await trendOf(card.dataset.trend, card.dataset.code).catch((error) => console.warn('no trend:', error.message));
  if (!drawn) return;
  card.querySelector('.card-body').append(drawn);
  card.hidden = false;
}

function wireRetiring() {
  const button = document.querySelector('[data-retire]');
  button?.addEventListener('click', () => retire({ kind: page.kind, feature: page.feature, etag: page.etag, said: $('said'), button }));
}

showMoments();
showMap();
document.querySelectorAll('[data-trend]').forEach(showTrend);
document.querySelectorAll('[data-visits]').forEach((box) => box.append(visitsBox(page.visits)));
document.querySelectorAll('[data-before-after]').forEach(wireBeforeAfter);
document.querySelector('[data-answers]')?.append(answersBox(page.spot, page.kind === 'points' ? page.code : null));
wireLightbox();
wireRetiring();
