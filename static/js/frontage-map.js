// The proposal on the map: zones, uncovered stretches, and two handles that move the ends of the zone that is chosen.
/* global L */
import { layGround } from './basemap.js';
import { page } from './page.js';
import { t } from './texts.js';

const STYLE = {
  new: { color: 'var(--brand)', fillColor: 'var(--brand)', weight: 1.5, fillOpacity: 0.3 },
  changed: { color: 'var(--due-soon)', fillColor: 'var(--due-soon)', weight: 2, fillOpacity: 0.3, dashArray: '5 4' },
  retired: { color: 'var(--ink-faint)', fillColor: 'var(--ink-faint)', weight: 1, fillOpacity: 0.15, dashArray: '2 4' },
};
const CHOSEN = { weight: 4, fillOpacity: 0.55 };
const FREE = { color: 'var(--overdue)', weight: 4, dashArray: '1 8', lineCap: 'round', interactive: false };
const DEGREE_M = 111_195;

/** A street's line in flat metres, to find how far along it a place lies. */
class Along {
  constructor(coordinates) {
    const [lon, lat] = coordinates[Math.floor(coordinates.length / 2)];
    this.origin = [lon, lat];
    this.scale = [Math.cos((lat * Math.PI) / 180) * 111_320, DEGREE_M];
    this.xy = coordinates.map((one) => this.flat(one));
  }

  flat([lon, lat]) {
    return [(lon - this.origin[0]) * this.scale[0], (lat - this.origin[1]) * this.scale[1]];
  }

  /** Return the metres along the line of the place nearest to a lon/lat. */
  at(lonlat) {
    const [x, y] = this.flat(lonlat);
    let best = { off: Infinity, at: 0 };
    let run = 0;
    for (let i = 1; i < this.xy.length; i += 1) {
      const [ax, ay] = this.xy[i - 1];
      const [dx, dy] = [this.xy[i][0] - ax, this.xy[i][1] - ay];
      const size = Math.hypot(dx, dy);
      const share = size ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (size * size))) : 0;
      const off = Math.hypot(x - ax - share * dx, y - ay - share * dy);
      if (off < best.off) best = { off, at: run + share * size };
      run += size;
    }
    return best.at;
  }
}

/** The map beside the table. */
export class FrontageMap {
  constructor(segments, { choose, change }) {
    this.map = window.civmap?.map;
    this.onChoose = choose;
    this.onChange = change;
    this.shapes = new Map();
    this.lines = new Map(segments.map((one) => [one.code, new Along(one.geometry.coordinates)]));
    if (!this.map) return;
    layGround(this.map);
    this.streets = L.geoJSON(segments.map((one) => ({ type: 'Feature', properties: {}, geometry: one.geometry })), { style: { color: 'var(--ink-soft)', weight: 2, dashArray: '8 6' }, interactive: false }).addTo(this.map);
    this.zones = L.layerGroup().addTo(this.map);
    this.free = L.layerGroup().addTo(this.map);
    this.handles = L.layerGroup().addTo(this.map);
    const [west, south, east, north] = page.bounds;
    this.map.fitBounds([[south, west], [north, east]], { animate: false });
  }

  draw({ changes, free, chosen }) {
    if (!this.map) return;
    this.zones.clearLayers();
    this.free.clearLayers();
    this.handles.clearLayers();
    this.shapes.clear();
    for (const one of changes) {
      const kind = one.is_retired ? 'retired' : one.is_new ? 'new' : 'changed';
      const layer = L.geoJSON(one.geometry, { style: STYLE[kind], interactive: Boolean(one.key) });
      if (one.key) {
        layer.on('click', () => this.onChoose(one));
        this.shapes.set(one.key, { layer, one, kind });
      }
      this.zones.addLayer(layer);
    }
    for (const one of free) this.free.addLayer(L.geoJSON(one.geometry, { style: FREE, interactive: false }));
    const shape = this.shapes.get(chosen);
    if (shape) this.choose(shape.one, { fly: false });
  }

  choose(one, { fly }) {
    if (!this.map) return;
    for (const { layer, kind } of this.shapes.values()) layer.setStyle(STYLE[kind]);
    this.handles.clearLayers();
    const shape = one && this.shapes.get(one.key);
    if (!shape) return;
    shape.layer.setStyle(CHOSEN).bringToFront();
    for (const end of ['from_m', 'to_m']) this.handles.addLayer(this.handle(one, end));
    if (fly) this.map.fitBounds(shape.layer.getBounds(), { maxZoom: 19, padding: [60, 60] });
  }

  /** Make a handle in the middle of the cut at one end of a zone; dragging it moves the end along the street. */
  handle(one, end) {
    const along = this.lines.get(one.segment);
    const ring = one.geometry.type === 'Polygon' ? one.geometry.coordinates[0] : one.geometry.coordinates[0][0];
    const corners = ring.map((spot) => ({ spot, gap: Math.abs(along.at(spot) - one[end]) })).sort((a, b) => a.gap - b.gap);
    const cut = corners.filter(({ gap }) => gap <= corners[0].gap + 0.3).map(({ spot }) => spot);
    const middle = [0, 1].map((axis) => (Math.min(...cut.map((spot) => spot[axis])) + Math.max(...cut.map((spot) => spot[axis]))) / 2);
    const marker = L.marker([middle[1], middle[0]], { draggable: true, keyboard: false, title: t(`js.front.handle.${end}`), icon: L.divIcon({ className: 'front-handle', iconSize: [20, 20], iconAnchor: [10, 10] }) });
    marker.on('dragend', () => {
      const { lng, lat } = marker.getLatLng();
      this.onChange(one, { [end]: Math.round(along.at([lng, lat]) * 10) / 10 });
    });
    return marker;
  }

  flyTo(geometry) {
    this.map?.fitBounds(L.geoJSON(geometry).getBounds(), { maxZoom: 18, padding: [40, 40] });
  }
}
