// What an operation would do, before it is done: every zone that changes as outline before and pattern after, and a table of square metres.
/* global L */
import { query, get } from './api.js';
import { h, put, s } from './dom.js';
import { kindOf } from './desk-tasks.js';
import { inner } from './shapes.js';
import { amount, t } from './texts.js';

const PATTERNS = 4;
const TINY_M2 = 0.05;
const MANY = 40; // zones drawn with a number; more of them (a split into hundreds) are drawn without

/** Lay the four fills once: lines one way, lines the other way, dots, a net. */
function patterns() {
  const defs = document.querySelector('.patterns defs');
  if (!defs || defs.querySelector('#desk-fill-0')) return;
  const shapes = [[['path', { d: 'M0 10L10 0' }]], [['path', { d: 'M0 0L10 10' }]], [['circle', { cx: 5, cy: 5, r: 1.8 }]], [['path', { d: 'M0 5H10M5 0V10' }]]];
  shapes.forEach((marks, index) => defs.append(s('pattern', { id: `desk-fill-${index}`, class: `desk-pattern desk-tone-${index}`, width: 10, height: 10, patternUnits: 'userSpaceOnUse' },
    s('rect', { width: 10, height: 10 }), marks.map(([tag, facts]) => s(tag, facts)))));
}

const isQuiet = ({ is_new: made, is_retired: gone, before_m2: before, after_m2: after }) => !made && !gone && Math.abs((after ?? 0) - (before ?? 0)) < TINY_M2;
const tenth = (value) => { const said = amount(value, 1); return said.includes('.') ? said : `${said}.0`; };
const m2 = (value) => (value === null || value === undefined ? '—' : tenth(value));
const signed = (value) => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${tenth(Math.abs(value))}`;

/** Fill in how the zones are now, where the answer does not say so itself. */
export async function withBefore(changes) {
  const missing = changes.filter((change) => !change.is_new && !change.before).map((change) => change.zone);
  if (!missing.length) return changes;
  const { data } = await get(`/zones.geojson${query({ code: missing.join() })}`).catch(() => ({ data: { features: [] } }));
  const known = new Map(data.features.map((feature) => [feature.properties.code, feature.geometry]));
  return changes.map((change) => ({ ...change, before: change.before ?? known.get(change.zone) ?? null }));
}

export class Preview {
  constructor(map) {
    if (!map.getPane('preview')) map.createPane('preview').style.zIndex = 455;
    this.map = map;
    this.renderer = L.svg({ pane: 'preview', padding: 0.4 });
    this.group = L.layerGroup().addTo(map);
    this.element = h('div', { class: 'desk-preview' });
  }

  clear() {
    this.group.clearLayers();
    put(this.element);
  }

  remove() {
    this.clear();
    this.group.remove();
  }

  lay(geometry, className, weight) {
    if (geometry) L.geoJSON(geometry, { pane: 'preview', renderer: this.renderer, interactive: false, style: () => ({ pane: 'preview', renderer: this.renderer, interactive: false, className, weight }) }).addTo(this.group);
  }

  show(changes, notes = []) {
    patterns();
    this.clear();
    const loud = changes.filter((change) => !isQuiet(change));
    const rows = loud.map((change, index) => ({ ...change, index, tone: index % PATTERNS }));
    for (const row of rows) if (!row.is_retired) this.lay(row.geometry, `desk-after desk-after-${row.tone}`, 2.5);
    for (const row of rows) this.lay(row.before, `desk-before${row.is_retired ? ' desk-gone' : ''}`, 2);
    if (rows.length <= MANY) rows.forEach((row) => this.number(row));
    put(this.element, this.table(rows), notes.map((note) => h('p', { class: 'desk-note' }, note.message)), loud.length < changes.length ? h('p', { class: 'quiet' }, t('js.desk.only_corners', { count: changes.length - loud.length })) : null,
      rows.some((row) => row.before) ? h('p', { class: 'desk-key quiet' }, h('i', { class: 'key-before' }), t('js.desk.key_before'), h('i', { class: 'key-after' }), t('js.desk.key_after')) : null);
  }

  number(row) {
    const geometry = row.is_retired ? row.before : row.geometry;
    if (!geometry) return;
    const [lon, lat] = inner(geometry);
    L.marker([lat, lon], { icon: L.divIcon({ className: `desk-number${row.is_retired ? ' desk-number-gone' : ''}`, iconSize: [26, 26], html: h('b', {}, String(row.index + 1)) }), interactive: false, keyboard: false }).addTo(this.group);
  }

  table(rows) {
    const chip = (row) => (row.is_new ? h('span', { class: 'chip' }, t('js.desk.is_new')) : row.is_retired ? h('span', { class: 'chip' }, t('js.desk.is_retired')) : null);
    const line = (row) => h('tr', {}, h('th', { scope: 'row' }, h('span', { class: `desk-swatch desk-tone-${row.tone}` }, String(row.index + 1)), h('span', {}, row.name || row.zone || t('js.desk.unnamed'), ' ', chip(row), h('small', { class: 'quiet' }, kindOf(row.kind).name))),
      h('td', { class: 'number' }, m2(row.is_new ? null : row.before_m2)), h('td', { class: 'number' }, m2(row.is_retired ? null : row.after_m2)), h('td', { class: 'number' }, signed((row.is_retired ? 0 : row.after_m2 ?? 0) - (row.is_new ? 0 : row.before_m2 ?? 0))));
    return h('table', { class: 'desk-changes' }, h('caption', {}, t('js.desk.changes', { count: rows.length })), h('thead', {}, h('tr', {}, ['zone', 'before', 'after', 'difference'].map((name) => h('th', { scope: 'col' }, t(`js.desk.${name}`))))), h('tbody', {}, rows.map(line)));
  }
}
