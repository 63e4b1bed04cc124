// A zone that was refused: where and why on the map, and one button per way on.
/* global L */
import { h, notice } from './dom.js';
import { area } from './shapes.js';
import { amount, t } from './texts.js';

/** What lies on the map to explain a refusal; `clear()` takes it away. */
export class Evidence {
  constructor(map) {
    if (!map.getPane('evidence')) map.createPane('evidence').style.zIndex = 465;
    this.map = map;
    this.renderer = L.svg({ pane: 'evidence', padding: 0.4 });
    this.group = L.layerGroup().addTo(map);
  }

  /** Lay a geometry in one of the looks fault, suggestion, theirs. */
  put(geometry, look) {
    const same = { pane: 'evidence', renderer: this.renderer, interactive: false, className: `evidence-${look}`, weight: 3 };
    if (geometry) L.geoJSON(geometry, { ...same, style: () => same, pointToLayer: (_, latlng) => L.circleMarker(latlng, { ...same, radius: 12 }) }).addTo(this.group);
  }

  /** Mark one place and bring it into view. */
  mark({ lon, lat }) {
    L.marker([lat, lon], { icon: L.divIcon({ className: 'sketch-fault', iconSize: [28, 28] }), interactive: false, keyboard: false }).addTo(this.group);
    if (!this.map.getBounds().contains([lat, lon])) this.map.panTo([lat, lon], { animate: false });
  }

  clear() { this.group.clearLayers(); }

  remove() { this.group.remove(); }
}

const way = (label, run, isMain = false) => h('button', { type: 'button', class: isMain ? 'button button-main' : 'button', onclick: run }, label);

/** Explain an overlap: one line per neighbour, and a button per alternative (`suggested(geometry)`, `halved()`). */
export function overlapNotice(problem, evidence, { suggested, halved }) {
  const { overlaps = [], suggestion } = problem.body;
  evidence.clear();
  for (const { geometry } of overlaps) evidence.put(geometry, 'fault');
  evidence.put(suggestion, 'suggestion');
  const lines = overlaps.map((each) => h('li', {}, t('js.desk.overlap_with', { name: each.name ?? each.zone, m2: amount(each.area_m2, 1) })));
  const ways = [suggestion && suggested ? way(t('js.desk.use_suggestion', { m2: amount(area(suggestion), 1) }), () => suggested(suggestion), true) : null,
    halved ? way(t('js.desk.use_half'), halved) : null];
  return notice('bad', h('p', {}, problem.message), h('ul', { class: 'bullets' }, lines), h('p', { class: 'quiet' }, t('js.desk.evidence')), h('div', { class: 'actions' }, ways));
}

/** Explain a shape that cannot be: its place on the map, and the repaired one where there is one. */
export function faultNotice(problem, evidence, { repaired }) {
  const { place, repair, geometry } = problem.body;
  evidence.clear();
  evidence.put(geometry, 'fault');
  evidence.put(repair, 'suggestion');
  if (place) evidence.mark(Array.isArray(place) ? { lon: place[0], lat: place[1] } : place);
  return notice('bad', h('p', {}, problem.message), place ? h('p', { class: 'quiet' }, t('js.desk.place_shown')) : null,
    repair && repaired ? way(repair.type === 'LineString' ? t('js.desk.use_line') : t('js.desk.use_repair', { m2: amount(area(repair), 1) }), () => repaired(repair), true) : null);
}

/** Explain that somebody else has saved in the meantime: both outlines, two ways on. */
export function staleNotice(problem, evidence, { theirs, mine }) {
  const current = problem.body.current;
  evidence.clear();
  evidence.put(current?.geometry, 'theirs');
  return notice('care', h('p', {}, problem.message), h('p', { class: 'quiet' }, t('js.desk.stale_shown')),
    h('div', { class: 'actions' }, current && theirs ? way(t('js.desk.take_theirs'), () => theirs(current)) : null, way(t('js.desk.keep_mine'), mine, true)));
}
