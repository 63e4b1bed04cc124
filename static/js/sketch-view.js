// The sketch on the map: its outline, corners to drag or to press keys on, new corners between them, faults at their place.
/* global L */
import { h } from './dom.js';
import { dragged } from './sketch-drag.js';
import { factsOf, geometryOf } from './sketch.js';
import { distance, moved } from './shapes.js';
import { amount, t } from './texts.js';

const MOST_HANDLES = 160;
const APART_PX = 16; // corners nearer than this on the screen share one handle until one zooms in
const MIDDLE_PX = 46;
const LABEL_PX = 60;
const coarse = matchMedia('(pointer: coarse)');
const STEPS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const ll = ([lon, lat]) => L.latLng(lat, lon);
const lonLat = ({ lng, lat }) => [lng, lat];

export class SketchView {
  /** `snap(spot, event)` gives the spot to take; `say` tells it to who cannot see. */
  constructor(map, sketch, { snap, say }) {
    Object.assign(this, { map, sketch, snap, say, loose: null });
    if (!map.getPane('sketch')) map.createPane('sketch').style.zIndex = 460;
    this.renderer = L.svg({ pane: 'sketch', padding: 0.4 });
    this.lines = L.layerGroup().addTo(map);
    this.handles = L.layerGroup().addTo(map);
    this.band = L.layerGroup().addTo(map);
    sketch.addEventListener('change', this.redraw = () => this.draw());
    sketch.addEventListener('shown', this.redraw);
    sketch.addEventListener('chosen', this.redraw);
    sketch.addEventListener('rough', this.roughly = ({ detail }) => this.outline(detail));
    map.on('moveend zoomend', this.redraw);
  }

  remove() {
    for (const name of ['change', 'shown', 'chosen']) this.sketch.removeEventListener(name, this.redraw);
    this.sketch.removeEventListener('rough', this.roughly);
    this.map.off('moveend zoomend', this.redraw);
    for (const group of [this.lines, this.handles, this.band]) group.remove();
  }

  draw() {
    const held = document.activeElement?.closest?.('.corner')?.dataset.at;
    this.outline(this.sketch.value);
    this.handles.clearLayers();
    this.rubber(null);
    if (!this.sketch.value) return;
    const spots = this.inView();
    for (const [ring, at] of spots) this.corner(ring, at);
    if (this.sketch.value.done) for (const [ring, at] of spots) this.middle(ring, at);
    this.lengths();
    const again = held ?? (this.refocus && this.sketch.chosen?.join());
    this.refocus = false;
    if (again) this.handles.eachLayer((layer) => { if (layer.getElement?.()?.dataset.at === again) layer.getElement().focus({ preventScroll: true }); });
  }

  outline(value) {
    this.lines.clearLayers();
    if (!value) return;
    const look = { pane: 'sketch', renderer: this.renderer, interactive: false };
    const geometry = geometryOf(value);
    if (geometry && value.form === 'area') L.geoJSON(geometry, { ...look, style: () => ({ ...look, className: 'sketch-area', weight: 3 }) }).addTo(this.lines);
    else for (const { spots } of value.rings) L.polyline(spots.map(ll), { ...look, className: 'sketch-line', weight: 3 }).addTo(this.lines);
    for (const place of factsOf(value).places) L.marker(ll(place), { icon: L.divIcon({ className: 'sketch-fault', iconSize: [28, 28] }), interactive: false, keyboard: false }).addTo(this.lines);
  }

  /** Corners in the window, thinned where they would cover one another; the chosen one always. */
  inView() {
    const view = this.map.getBounds().pad(0.05);
    const kept = [];
    const taken = [];
    const chosen = this.sketch.chosen?.join();
    this.sketch.value.rings.forEach(({ spots }, ring) => spots.forEach((spot, at) => {
      if (!view.contains(ll(spot))) return;
      const here = this.map.latLngToContainerPoint(ll(spot));
      const isKept = `${ring},${at}` === chosen;
      if (!isKept && spots.length > (coarse.matches ? 12 : 40) && taken.slice(-40).some((other) => other.distanceTo(here) < (coarse.matches ? 2 : 1) * APART_PX)) return;
      taken.push(here);
      kept.push([ring, at]);
    }));
    return kept.slice(0, MOST_HANDLES);
  }

  marker(spot, className, label, more = {}) {
    const marker = L.marker(ll(spot), { icon: L.divIcon({ className, iconSize: [44, 44], html: h('i', {}) }), keyboard: false, bubblingMouseEvents: false, zIndexOffset: 1000, ...more }).addTo(this.handles);
    const element = marker.getElement();
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', label);
    return [marker, element];
  }

  corner(ring, at) {
    const spots = this.sketch.spots(ring);
    const isChosen = this.sketch.chosen?.join() === `${ring},${at}`;
    const isFirst = this.sketch.isOpen && at === 0 && this.sketch.mayFinish && this.sketch.value.form === 'area';
    const label = isFirst ? t('js.desk.corner_first') : t('js.desk.corner', { n: at + 1, of: spots.length });
    const [marker, element] = this.marker(spots[at], `corner${isChosen ? ' corner-chosen' : ''}${isFirst ? ' corner-first' : ''}`, label);
    element.dataset.at = `${ring},${at}`;
    element.tabIndex = 0;
    element.addEventListener('keydown', (event) => this.keyed(event, ring, at));
    element.addEventListener('focus', () => { if (element.matches(':focus-visible') && this.sketch.chosen?.join() !== `${ring},${at}`) { this.refocus = true; this.sketch.choose(ring, at); } });
    dragged(this.map, element, {
      from: spots[at],
      onMove: (spot, event) => { const to = this.snap(spot, event); marker.setLatLng(ll(to)); this.sketch.rough(ring, at, to); },
      onEnd: (spot, event) => { this.sketch.chosen = [ring, at]; if (!this.sketch.move(ring, at, this.snap(spot, event))) this.draw(); },
      onTap: () => { if (isFirst) this.sketch.finish(); else this.sketch.choose(ring, at); },
    });
  }

  middle(ring, at) {
    const spots = this.sketch.spots(ring);
    if (this.sketch.value.form === 'line' && at === spots.length - 1) return;
    const [a, b] = [spots[at], spots[(at + 1) % spots.length]];
    if (this.map.latLngToContainerPoint(ll(a)).distanceTo(this.map.latLngToContainerPoint(ll(b))) < MIDDLE_PX) return;
    const half = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const [marker, element] = this.marker(half, 'corner-mid', t('js.desk.insert_between', { n: at + 1 }), { zIndexOffset: 900 });
    dragged(this.map, element, {
      from: half,
      onMove: (spot, event) => marker.setLatLng(ll(this.snap(spot, event))),
      onEnd: (spot, event) => this.sketch.insert(ring, at + 1, this.snap(spot, event)),
      onTap: () => this.sketch.insert(ring, at + 1, half),
    });
  }

  keyed(event, ring, at) {
    const way = STEPS[event.key];
    if (way) {
      const metres = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
      const to = moved(this.sketch.spots(ring)[at], way[0] * metres, way[1] * metres);
      this.sketch.chosen = [ring, at];
      this.sketch.move(ring, at, to);
      this.say(t('js.desk.moved', { n: at + 1, lon: to[0].toFixed(6), lat: to[1].toFixed(6) }));
    } else if (event.key === 'Delete' || (event.key === 'Backspace' && !this.sketch.isOpen)) {
      this.say(this.sketch.remove(ring, at) ? t('js.desk.removed', { n: at + 1 }) : t('js.desk.least'));
    } else if (event.key === 'Insert') {
      const spots = this.sketch.spots(ring);
      const [a, b] = [spots[at], spots[(at + 1) % spots.length]];
      this.refocus = true;
      this.sketch.insert(ring, at + 1, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    } else if (event.key === 'Enter' && this.sketch.isOpen && at === 0) this.sketch.finish();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Lengths of the edges one is working on: the last one while drawing, both at a chosen corner. */
  lengths() {
    const { value, chosen } = this.sketch;
    const [ring, at] = chosen ?? (this.sketch.isOpen ? [0, value.rings[0]?.spots.length - 1] : [null]);
    if (ring === null || !(at >= 0)) return;
    const spots = this.sketch.spots(ring);
    const closed = value.done && value.form === 'area';
    const edges = [[at - 1, at], ...(chosen ? [[at, at + 1]] : [])].filter(([a, b]) => closed || (a >= 0 && b < spots.length));
    for (const [a, b] of edges) this.label(this.handles, spots.at(a % spots.length), spots[b % spots.length]);
  }

  label(group, from, to) {
    const [a, b] = [this.map.latLngToContainerPoint(ll(from)), this.map.latLngToContainerPoint(ll(to))];
    if (a.distanceTo(b) < LABEL_PX) return;
    const text = h('span', {}, t('js.metres', { m: amount(distance(from, to), 1) }));
    L.marker(ll([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), { icon: L.divIcon({ className: 'edge-length', iconSize: [0, 0], html: text }), interactive: false, keyboard: false, zIndexOffset: 800 }).addTo(group);
  }

  /** Show where the next corner would go, and what it would snap to. */
  rubber(spot, hit = null) {
    this.band.clearLayers();
    if (hit) L.marker(ll(hit.spot), { icon: L.divIcon({ className: `snap-mark snap-${hit.is}`, iconSize: [22, 22] }), interactive: false, keyboard: false }).addTo(this.band);
    const last = this.sketch.isOpen ? this.sketch.spots().at(-1) : null;
    if (!last || !spot) return;
    const look = { pane: 'sketch', renderer: this.renderer, interactive: false, className: 'sketch-band', weight: 2 };
    const first = this.sketch.value.form === 'area' && this.sketch.spots().length > 1 ? [this.sketch.spots()[0]] : [];
    L.polyline([last, spot, ...first].map(ll), look).addTo(this.band);
    this.label(this.band, last, spot);
  }

  /** Bring the sketch into the part of the map that nothing covers. */
  show(padding) {
    const spots = this.sketch.value?.rings.flatMap(({ spots: all }) => all.map(ll)) ?? [];
    if (spots.length) this.map.fitBounds(L.latLngBounds(spots), { maxZoom: 19, animate: false, ...padding });
  }
}

export { ll, lonLat };
