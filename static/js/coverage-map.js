// The findings on the map: their shapes, a chosen one in front, and what a repair would make of the zones around.
import { layGround } from './basemap.js';

const LEAST = 12; // pixels: what is smaller gets a ring round it

export class FindingsMap {
  constructor(map, page) {
    this.map = map;
    this.shapes = new Map();
    if (!map) return;
    layGround(map);
    const [west, south, east, north] = page.bounds;
    map.fitBounds([[south, west], [north, east]], { animate: false });
    L.control.zoom({ position: 'topright' }).addTo(map);
    new ResizeObserver(() => { map.invalidateSize({ animate: false }); this.look(); }).observe(map.getContainer());
    this.layer = L.featureGroup().addTo(map);
    this.after = L.featureGroup().addTo(map);
  }

  show(groups, keyOf, onPick) {
    if (!this.map) return;
    this.layer.clearLayers();
    this.clearAfter();
    this.shapes.clear();
    for (const { group, rows } of groups) {
      for (const row of rows) if (row.geometry) this.add(keyOf(group, row), group, row, onPick);
    }
    const grave = [...this.shapes.values()].filter(({ isFit }) => isFit).map(({ layer }) => layer.getBounds());
    if (grave.length) this.map.fitBounds(grave.reduce((all, one) => all.extend(one), L.latLngBounds(grave[0])), { animate: false, padding: [40, 40], maxZoom: 17 });
  }

  add(key, group, row, onPick) {
    const isLine = /Line|Point/.test(row.geometry.type) || /Line/.test(JSON.stringify(row.geometry).slice(0, 60));
    const className = ['fit-shape', row.severity === 'notice' ? 'is-notice' : '', isLine ? 'is-line' : ''].filter(Boolean).join(' ');
    const layer = L.geoJSON(row.geometry, { style: { className, interactive: true }, pointToLayer: (_, at) => L.circleMarker(at, { radius: 8, className }) });
    const isFit = Boolean(row.a || row.beside);
    if (isFit) layer.addLayer(L.circleMarker([row.place[1], row.place[0]], { radius: LEAST, className: `${className} fit-ring`, fill: false }));
    layer.on('click', () => onPick(group, row));
    layer.addTo(this.layer);
    this.shapes.set(key, { layer, row, isFit });
  }

  mark(key, on) {
    for (const one of this.shapes.get(key)?.layer.getLayers() ?? []) {
      one.getElement()?.classList.toggle('is-chosen', on);
      if (on) one.bringToFront?.();
    }
  }

  hover(key) {
    if (this.hovered && this.hovered !== this.chosen) this.mark(this.hovered, false);
    this.hovered = key;
    if (key) this.mark(key, true);
  }

  choose(key) {
    if (!this.map) return;
    if (this.chosen) this.mark(this.chosen, false);
    this.clearAfter();
    this.chosen = key;
    const found = key && this.shapes.get(key);
    if (!found) return;
    this.mark(key, true);
    this.look();
  }

  /** Bring what is chosen into view. */
  look() {
    const found = this.chosen && this.shapes.get(this.chosen);
    if (!found) return;
    const [west, south, east, north] = found.row.bbox;
    this.map.fitBounds([[south, west], [north, east]], { animate: false, padding: [40, 40], maxZoom: 19 });
  }

  /** Draw what zones would look like after a repair. */
  showAfter(changes) {
    if (!this.map) return;
    this.clearAfter();
    for (const { geometry } of changes) if (geometry) L.geoJSON(geometry, { style: { className: 'fit-after', interactive: false } }).addTo(this.after);
  }

  clearAfter() { this.after?.clearLayers(); }
}
