// Splitting a segment at a crossing or a metre, and joining it with a neighbour: shown on the map first, undone with one tap.
/* global L */
import { call, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const form = $('parting');
const map = window.civmap?.map;
const COLOURS = ['var(--brand)', 'var(--due-soon)', 'var(--ink-faint)'];
const layer = map && L.layerGroup().addTo(map);
const path = `/segments/${encodeURIComponent(page.code)}`;
let asked = null;

const metres = (value) => (value === null ? '—' : t('js.road.metres', { m: amount(value, 1) }));

function request() {
  const picked = form.querySelector('input[name=where]:checked')?.value ?? '';
  if (picked.startsWith('join:')) return { path: '/segments/join', body: { segments: [page.code, picked.slice(5)], keep: page.code } };
  const own = form.elements.namedItem('at_m').value;
  return { path: `${path}/split`, body: { at_m: Number(picked.startsWith('at:') ? picked.slice(3) : own) } };
}

function draw(changes) {
  layer?.clearLayers();
  changes.filter((change) => !change.is_retired).forEach((change, index) => L.geoJSON(change.geometry, { style: { color: COLOURS[index % 3], weight: 9, opacity: 0.9 }, interactive: false }).addTo(layer));
}

function table({ changes, differs = [] }) {
  const rows = changes.map((change) => h('tr', {}, h('td', {}, h('strong', {}, change.segment), h('br'), h('span', { class: 'quiet' }, `${change.from_name ?? '…'} — ${change.to_name ?? '…'}`)),
    h('td', { class: 'number' }, metres(change.before_m)), h('td', { class: 'number' }, change.is_retired ? t('js.road.ends') : metres(change.after_m)),
    h('td', {}, change.is_new ? t('js.road.is_new') : '')));
  return [h('table', {}, h('thead', {}, h('tr', {}, ['js.road.segment', 'js.road.before', 'js.road.after'].map((key) => h('th', {}, t(key))), h('td', {}))), h('tbody', {}, rows)),
    differs.length ? h('p', { class: 'quiet' }, t('js.road.differs', { names: differs.map((name) => t(`js.road.differs.${name}`)).join('、') })) : null];
}

async function preview() {
  asked = request();
  try {
    const { data } = await call('POST', `${asked.path}?preview=true`, { body: asked.body });
    asked.body.versions = Object.fromEntries(data.changes.filter((change) => change.version !== null).map((change) => [change.segment, change.version]));
    draw(data.changes);
    put($('parting-said'), table(data), h('div', { class: 'actions' },
      h('button', { type: 'button', class: 'button button-main', id: 'parting-do', onclick: carryOut }, t('js.road.do')),
      h('button', { type: 'button', class: 'button', onclick: () => { layer?.clearLayers(); put($('parting-said')); } }, t('js.cancel'))));
  } catch (error) {
    put($('parting-said'), notice('bad', error.message));
  }
}

async function carryOut() {
  try {
    const { data } = await call('POST', asked.path, { body: asked.body, key: newKey() });
    const codes = data.changes.map((change) => change.segment);
    put($('parting-said'), notice('good', h('p', {}, t('js.road.done', { n: data.moved })), h('p', {}, data.segments.map((code) => [h('a', { href: `/segments/${encodeURIComponent(code)}` }, code), ' '])),
      h('button', { type: 'button', class: 'button button-small', id: 'parting-undo', onclick: () => undo(codes) }, t('js.road.undo'))));
  } catch (error) {
    put($('parting-said'), notice('bad', error.message, ' ', h('button', { type: 'button', class: 'button button-small', onclick: preview }, t('js.road.again'))));
  }
}

async function undo(segments) {
  try {
    await call('POST', '/segments/undo', { body: { segments }, key: newKey() });
    layer?.clearLayers();
    put($('parting-said'), notice('good', t('js.road.undone')));
  } catch (error) {
    put($('parting-said'), notice('bad', error.message));
  }
}

if (form) {
  form.addEventListener('submit', (event) => { event.preventDefault(); preview(); });
  form.elements.namedItem('at_m').addEventListener('focus', () => { const own = form.querySelector('input[value=own]'); if (own) own.checked = true; });
}
