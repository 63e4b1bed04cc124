// Rows of a table that fit the streets in several ways: each candidate drawn, one tap takes it; skip, or draw it oneself.
/* global L */
import { call, newKey } from './api.js';
import { layGround } from './basemap.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const { map } = window.civmap;
const COLOURS = ['var(--open)', 'var(--due-soon)', 'var(--none)', 'var(--overdue)', 'var(--brand)', 'var(--ink)'];
const layer = L.layerGroup().addTo(map);
let rows = page.choices;
let chosen = null;
let sketch = null;

function drawCandidates(row) {
  layer.clearLayers();
  const drawn = row.candidates.map((candidate, index) => {
    const line = L.geoJSON(candidate.geometry, { style: { color: COLOURS[index % COLOURS.length], weight: 8, opacity: 0.85 } }).addTo(layer);
    const [lon, lat] = candidate.geometry.coordinates[Math.floor(candidate.geometry.coordinates.length / 2)];
    L.marker([lat, lon], { icon: L.divIcon({ className: 'corner', html: h('span', {}, index + 1), iconSize: [28, 28], iconAnchor: [14, 14] }), keyboard: false })
      .on('click', () => settle(row, { pick: index })).addTo(layer);
    line.on('click', () => settle(row, { pick: index }));
    return line;
  });
  if (drawn.length) map.fitBounds(L.featureGroup(drawn).getBounds(), { maxZoom: 18, padding: [40, 40], animate: false });
}

async function settle(row, answer) {
  try {
    const { data } = await call('POST', `/segments/choices/${row.id}`, { body: answer, key: newKey() });
    rows = rows.filter((other) => other.id !== row.id);
    const done = data.segment
      ? [t('js.road.taken', { name: row.row.name }), ' ', h('a', { href: `/segments/${encodeURIComponent(data.segment)}` }, data.segment)]
      : [t('js.road.skipped', { name: row.row.name })];
    put($('said'), notice('good', done));
    $('count').textContent = amount(data.open);
    stopSketch();
    [chosen] = rows;
    show();
  } catch (error) {
    put($('said'), notice('bad', error.message));
  }
}

function stopSketch() {
  sketch?.remove();
  sketch = null;
  map.off('click', addCorner);
}

const addCorner = ({ latlng }) => { sketch.addLatLng(latlng); show(); };

function startSketch() {
  stopSketch();
  sketch = L.polyline([], { color: 'var(--map-pencil)', weight: 5, dashArray: '6 6' }).addTo(map);
  map.on('click', addCorner);
  show();
}

const drawnLine = () => ({ type: 'LineString', coordinates: sketch.getLatLngs().map(({ lng, lat }) => [Number(lng.toFixed(7)), Number(lat.toFixed(7))]) });

function candidateRow(row, candidate, index) {
  const why = candidate.why.map((reason) => t(`js.road.why.${reason}`)).join('、');
  return h('li', {},
    h('button', { type: 'button', class: 'button candidate', onclick: () => settle(row, { pick: index }) },
      h('span', { class: 'candidate-no', style: `--mark: ${COLOURS[index % COLOURS.length]}` }, index + 1),
      h('span', {}, h('strong', {}, `${candidate.road}：${candidate.from_name} — ${candidate.to_name}`), h('span', { class: 'quiet' }, `${t('js.road.metres', { m: amount(candidate.length_m) })} · ${why}`)),
      h('span', { class: 'candidate-score number' }, t('js.road.score', { score: candidate.score }))));
}

function actions(row) {
  if (!sketch) return [h('button', { type: 'button', class: 'button button-small', onclick: startSketch }, t('js.road.draw')), h('button', { type: 'button', class: 'button button-small', onclick: () => settle(row, { skip: true }) }, t('js.road.skip'))];
  const ready = sketch.getLatLngs().length > 1;
  return [h('p', { class: 'quiet' }, t('js.road.sketch', { n: sketch.getLatLngs().length })),
    h('button', { type: 'button', class: 'button button-small button-main', disabled: !ready, onclick: () => settle(row, { geometry: drawnLine() }) }, t('js.road.take_drawn')),
    h('button', { type: 'button', class: 'button button-small', onclick: () => { stopSketch(); show(); } }, t('js.cancel'))];
}

function show() {
  put($('choices'), rows.map((row) => {
    const mine = row.id === chosen?.id;
    const head = h('button', { type: 'button', class: 'choice-head', 'aria-expanded': String(mine), onclick: () => { stopSketch(); chosen = row; show(); } },
      h('strong', {}, row.row.name), h('span', { class: 'quiet' }, `${row.row.from_name} — ${row.row.to_name}`));
    return h('li', { class: `card${mine ? ' is-chosen' : ''}` }, head,
      mine && h('div', { class: 'choice-body' }, h('ul', {}, row.candidates.map((candidate, index) => candidateRow(row, candidate, index))), h('div', { class: 'actions' }, actions(row))));
  }));
  if (chosen && !sketch) drawCandidates(chosen);
  if (!chosen) { layer.clearLayers(); put($('choices'), h('li', { class: 'empty' }, t('js.road.all_done'))); }
}

layGround(map);
[chosen] = rows;
show();
document.body.dataset.ready = 'choices';
