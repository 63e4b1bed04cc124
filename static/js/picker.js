// Picking a place or a line on a small map: click, drag, the cross and the Enter key, the device, or typed numbers.
/* global L */
import { h } from './dom.js';
import { Place } from './place.js';
import { amount, t } from './texts.js';

const PAIR = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;
const ROUND = 7;

/** Read `lon, lat`; null where it is none. */
export function readPair(text) {
  const found = PAIR.exec(text);
  if (!found) return null;
  const [lon, lat] = [Number(found[1]), Number(found[2])];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 180 ? [lon, lat] : null;
}

const told = ([lon, lat]) => `${lon.toFixed(ROUND - 1)}, ${lat.toFixed(ROUND - 1)}`;
const fixed = (value) => Number(value.toFixed(ROUND));

/** The keys that pan are Leaflet's own; Enter takes the spot under the cross, of a map still on its way where it will rest. */
function takeByKey(map, take) {
  let [moving, waits] = [false, false];
  const now = () => { const { lng, lat } = map.getCenter(); take(lng, lat); };
  map.on('movestart', () => { moving = true; });
  map.on('moveend', () => {
    moving = false;
    if (waits) now();
    waits = false;
  });
  map.getContainer().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.target !== map.getContainer()) return;
    event.preventDefault();
    if (moving) waits = true;
    else now();
  });
}

/** One spot. `parts` = {text, said}; `onChange()` after each move. */
export class SpotPicker {
  constructor(map, parts, onChange) {
    Object.assign(this, { map, parts, onChange });
    this.place = new Place(map, (spot) => this.moved(spot));
    takeByKey(map, (lon, lat) => this.place.set(lon, lat, null, 'key'));
    parts.text.addEventListener('change', () => this.typed());
  }

  get geometry() {
    const { spot } = this.place;
    return spot ? { type: 'Point', coordinates: [spot.lon, spot.lat] } : null;
  }

  set geometry(geometry) {
    if (geometry) this.put(...geometry.coordinates);
    else this.clear();
  }

  put(lon, lat) {
    if (!this.map.getBounds().contains([lat, lon])) this.map.setView([lat, lon], Math.max(this.map.getZoom(), 16), { animate: false });
    this.place.set(lon, lat, null, 'typed');
  }

  moved({ lon, lat, accuracy_m: far }) {
    this.parts.text.value = told([lon, lat]);
    this.parts.said.textContent = far ? t('js.report.accuracy', { m: amount(far) }) : '';
    this.onChange();
  }

  typed() {
    const text = this.parts.text.value.trim();
    if (!text) return this.clear();
    const pair = readPair(text);
    this.parts.said.textContent = pair ? '' : t('js.form.pair');
    return pair && this.put(...pair);
  }

  centre() { const { lng, lat } = this.map.getCenter(); this.place.set(lng, lat, null, 'centre'); }

  async device() { if (!(await this.place.ask())) this.parts.said.textContent = t('js.place.denied'); }

  clear() {
    this.place.marker?.remove();
    this.place.circle?.remove();
    Object.assign(this.place, { marker: null, circle: null, spot: null });
    this.parts.text.value = '';
    this.onChange();
  }
}

/** A line of corners: a click adds one at the end, each can be dragged. */
export class LinePicker {
  constructor(map, parts, onChange) {
    Object.assign(this, { map, parts, onChange, corners: [], marks: L.layerGroup().addTo(map) });
    this.line = L.polyline([], { color: 'var(--map-pencil)', weight: 5 }).addTo(map);
    map.on('click', ({ latlng }) => this.add(latlng.lng, latlng.lat));
    takeByKey(map, (lon, lat) => this.add(lon, lat));
    parts.text.addEventListener('change', () => this.typed());
  }

  get geometry() { return this.corners.length > 1 ? { type: 'LineString', coordinates: this.corners } : null; }

  set geometry(geometry) {
    this.corners = (geometry?.coordinates ?? []).map(([lon, lat]) => [fixed(lon), fixed(lat)]);
    this.draw();
  }

  add(lon, lat) { this.corners.push([fixed(lon), fixed(lat)]); this.draw(); }

  centre() { const { lng, lat } = this.map.getCenter(); this.add(lng, lat); }

  device() { this.map.locate({ setView: true, maxZoom: 18 }); }

  clear() { this.corners.pop(); this.draw(); }

  typed() {
    const lines = this.parts.text.value.split('\n').filter((line) => line.trim());
    const pairs = lines.map(readPair);
    const wrong = pairs.indexOf(null);
    if (wrong >= 0) { this.parts.said.textContent = t('js.form.pair_line', { n: wrong + 1 }); return; }
    this.corners = pairs;
    this.draw();
    if (pairs.length > 1) this.map.fitBounds(this.line.getBounds(), { padding: [30, 30], maxZoom: 17 });
  }

  draw() {
    const at = this.corners.map(([lon, lat]) => [lat, lon]);
    this.line.setLatLngs(at);
    this.marks.clearLayers();
    at.forEach((latlng, index) => this.mark(latlng, index));
    this.tell();
  }

  mark(latlng, index) {
    const many = this.corners.length > 12 ? ' corner-small' : '';
    const icon = L.divIcon({ className: `corner${many}`, html: h('span', {}, index + 1), iconSize: [26, 26], iconAnchor: [13, 13] });
    const mark = L.marker(latlng, { icon, draggable: true, keyboard: false, autoPan: true }).addTo(this.marks);
    mark.on('drag', ({ latlng: { lng, lat } }) => { this.corners[index] = [fixed(lng), fixed(lat)]; this.line.setLatLngs(this.corners.map(([lon, la]) => [la, lon])); });
    mark.on('dragend', () => this.draw());
  }

  tell() {
    const at = this.line.getLatLngs();
    const metres = at.slice(1).reduce((sum, latlng, index) => sum + this.map.distance(at[index], latlng), 0);
    this.parts.text.value = this.corners.map(told).join('\n');
    this.parts.said.textContent = at.length > 1 ? t('js.form.length', { m: amount(metres), n: at.length }) : t('js.form.two');
    this.onChange();
  }
}
