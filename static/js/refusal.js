// A zone that was refused: what it takes from whom, drawn in red, and the outline that would be accepted.
/* global L */
import { h, notice } from './dom.js';
import { area } from './shapes.js';
import { amount, t } from './texts.js';

const RED = { color: '#b7311b', weight: 3, fillColor: '#b7311b', fillOpacity: 0.45, interactive: false };
const GREEN = { color: '#1c6b56', weight: 3, dashArray: '6 5', fillOpacity: 0.08, fillColor: '#1c6b56', interactive: false };
const THEIRS = { color: '#7a3f9d', weight: 3, dashArray: '8 5', fillOpacity: 0.08, fillColor: '#7a3f9d', interactive: false };

/** What lies on the map to explain a refusal; `clear()` takes it away. */
export class Evidence {
  constructor(map) {
    this.map = map;
    this.group = L.layerGroup().addTo(map);
  }

  put(geometry, style) {
    if (geometry) L.geoJSON(geometry, { style: () => style, pmIgnore: true, snapIgnore: true }).addTo(this.group);
  }

  clear() {
    this.group.clearLayers();
  }

  remove() {
    this.group.remove();
  }
}

/** Explain an overlap: one line per neighbour, and the button that takes the suggestion. */
export function overlapNotice(problem, evidence, onSuggestion) {
  const { overlaps = [], suggestion } = problem.body;
  evidence.clear();
  for (const { geometry } of overlaps) evidence.put(geometry, RED);
  evidence.put(suggestion, GREEN);
  const lines = overlaps.map((each) => h('li', {}, t('js.draw.overlap_with', { name: each.name ?? each.zone, m2: amount(each.area_m2, 1) })));
  const way = suggestion
    ? h('button', { type: 'button', class: 'button button-main', onclick: () => onSuggestion(suggestion) }, t('js.draw.use_suggestion', { m2: amount(area(suggestion), 1) }))
    : null;
  return notice('bad', h('p', {}, problem.message), h('ul', { class: 'bullets' }, lines), h('p', { class: 'quiet' }, t('js.draw.evidence')), way);
}

/** Explain that somebody else has saved in the meantime: both outlines, two ways on. */
export function staleNotice(problem, evidence, { theirs, mine }) {
  const current = problem.body.current;
  evidence.clear();
  evidence.put(current?.geometry, THEIRS);
  return notice('care', h('p', {}, problem.message), h('p', { class: 'quiet' }, t('js.draw.stale_shown')),
    h('div', { class: 'actions' }, current ? h('button', { type: 'button', class: 'button', onclick: () => theirs(current) }, t('js.draw.take_theirs')) : null,
      h('button', { type: 'button', class: 'button button-main', onclick: mine }, t('js.draw.keep_mine'))));
}
