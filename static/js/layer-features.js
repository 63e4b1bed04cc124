// A layer whose things travel as GeoJSON and are drawn as elements of the page: each can be focused, pressed and read aloud.
/* global L */
import { API, Problem, bodyOf } from './api.js';
import { classOf, isWanted, palette } from './ramps.js';
import { areaLook, clusterIcon, iconOf, lineLook } from './layer-looks.js';
import { titleOf } from './page.js';
import { STATUSES } from './symbols.js';
import { vendor } from './vendor.js';
import { fetchWarm } from './warm.js';

const MANY = 1500; // points beyond it are clustered
const CLUSTERED = new Set(['issues', 'units']);
const RANK = { none: 0, open: 1000, due_soon: 2000, overdue: 3000 };
const FEW = 60; // codes that are fetched one by one rather than all again
const keyOf = (props) => String(props.code ?? props.issue_no);

export class FeatureCarrier {
  constructor(layer, renderer) {
    Object.assign(this, { layer, map: layer.map, kind: layer.kind, renderer, features: [], drawn: new Map(), box: null });
    this.group = this.isClustered && !L.markerClusterGroup ? null : this.makeGroup();
    this.under = L.layerGroup(); // casings and halos
  }

  get isClustered() { return CLUSTERED.has(this.kind) || (this.kind === 'points' && this.layer.byWindow); }

  makeGroup() {
    if (!this.isClustered) return L.layerGroup();
    return L.markerClusterGroup({
      maxClusterRadius: 56, showCoverageOnHover: false, spiderfyOnMaxZoom: true, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      iconCreateFunction: (cluster) => clusterIcon(this.kind, cluster.getAllChildMarkers()),
    });
  }

  async load(again) {
    const view = this.map.getBounds();
    const { byWindow } = this.layer;
    if (!again && this.layer.state === 'ready' && (!byWindow || this.box?.contains(view))) return;
    this.abort?.abort();
    const abort = this.abort = new AbortController();
    const box = view.pad(0.4);
    const bbox = byWindow ? box.toBBoxString().split(',').map((edge) => Number(edge).toFixed(6)).join(',') : '';
    this.layer.enter('loading');
    try {
      const coming = this.fetchFeatures({ bbox }, abort.signal);
      coming.catch(() => {}); // heard below: one given up while the library is still coming is no fault of the page
      if (!this.group) await vendor('leaflet.markercluster/leaflet.markercluster.js');
      this.group ??= this.makeGroup();
      const data = await coming;
      this.features = data.features ?? [];
      this.box = byWindow ? box : null;
      this.layer.state = 'ready';
      this.draw();
      this.layer.enter('ready');
    } catch (error) {
      if (error.name !== 'AbortError') this.layer.enter('failed', error);
    }
  }

  async fetchFeatures(more, signal) {
    let response;
    try {
      response = await fetchWarm(`${API}/${this.kind}.geojson${this.layer.search(more)}`, { signal });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new Problem(0);
    }
    const data = await bodyOf(response);
    if (!response.ok) throw new Problem(response.status, data);
    return data;
  }

  /** Fetch just these things again and put them in place of what stood there. */
  async refreshCodes(codes) {
    if (codes.length > FEW) return this.load(true);
    const narrowed = this.layer.narrowing().code;
    const wanted = narrowed ? codes.filter((code) => narrowed.split(',').includes(code)) : codes;
    if (!wanted.length) return null;
    let found;
    try {
      found = (await this.fetchFeatures({ code: wanted.join() })).features ?? [];
    } catch {
      return this.load(true);
    }
    const gone = new Set(wanted);
    this.features = [...this.features.filter(({ properties }) => !gone.has(keyOf(properties))), ...found];
    return this.redraw(wanted, found);
  }

  /** Give the things at hand the counts that were told of them; a thing that is not here stays away. */
  recount(told) {
    const news = new Map(told.map(({ code, status, open_issues, due_soon_issues, overdue_issues }) => [code, { status, open_issues, due_soon_issues, overdue_issues }]));
    const found = this.features.filter(({ properties }) => news.has(keyOf(properties)));
    for (const { properties } of found) Object.assign(properties, news.get(keyOf(properties)));
    return this.redraw(found.map(({ properties }) => keyOf(properties)), found);
  }

  redraw(codes, features) {
    for (const code of codes) this.takeAway(code);
    const scale = this.layer.scale.now();
    for (const feature of features) this.bring(feature, scale, (made) => this.group.addLayer(made));
    this.showMarks(this.layer.marks);
    return this.layer.tell();
  }

  takeAway(code) {
    const known = this.drawn.get(code);
    if (!known) return;
    this.group.removeLayer(known.layer);
    if (known.below) this.under.removeLayer(known.below);
    this.drawn.delete(code);
  }

  /** Draw the features that pass the filters of the page. */
  draw() {
    if (!this.group) return undefined;
    this.group.clearLayers();
    this.under.clearLayers();
    this.drawn.clear();
    if (!this.layer.shown) {
      this.under.remove();
      return void this.group.remove();
    }
    const made = [];
    const scale = this.layer.scale.now();
    this.colours = scale.mode === 'value' ? palette() : null;
    for (const feature of this.features) this.bring(feature, scale, (layer) => made.push(layer));
    if (this.kind === 'zones') made.sort((a, b) => (b.extent ?? 0) - (a.extent ?? 0));
    if (this.group.addLayers) this.group.addLayers(made);
    else made.forEach((layer) => this.group.addLayer(layer));
    this.under.addTo(this.map);
    this.group.addTo(this.map);
    return this.showMarks(this.layer.marks);
  }

  /** A measure whose values have not arrived yet is not painted with them. */
  bring(feature, scale, take) {
    const props = feature.properties;
    if (!feature.geometry || !this.layer.passes(this.kind, props) || !isWanted(props, scale)) return;
    const look = scale.mode === 'value' && props.value === undefined ? { ...scale, mode: 'status' } : scale;
    const made = this.make(feature, look);
    this.drawn.set(keyOf(props), { layer: made, feature, below: made.below });
    if (made.below) this.under.addLayer(made.below);
    take(made);
  }

  make(feature, scale) {
    const props = feature.properties;
    const layer = this.kind === 'segments' ? this.line(feature, scale) : this.kind === 'zones' ? this.area(feature, scale) : this.mark(feature, scale);
    layer.on('click', (event) => this.clicked(event, props));
    layer.on('mouseover', () => this.layer.pointed(keyOf(props)));
    layer.on('mouseout', () => this.layer.pointed(null));
    layer.bindTooltip(() => tip(props), { sticky: this.kind === 'segments' || this.kind === 'zones', direction: 'top', offset: [0, -8] });
    return layer;
  }

  /** While something is being reported or drawn, a tap means the place and not the object there. */
  async clicked(event, props) {
    L.DomEvent.stopPropagation(event);
    if (document.body.dataset.mode) return this.map.fire('click', { latlng: event.latlng });
    const { chooseAmong, under } = await import('./stack.js');
    return chooseAmong(this.map, event.latlng, this.beside(under, event, props), (hit) => this.layer.choose(hit.props, event.latlng));
  }

  beside(under, event, props) {
    const code = keyOf(props);
    const known = this.drawn.get(code)?.layer;
    return under(this.kind, this.drawn, { kind: this.kind, code, props, spot: known?.getLatLng?.() }, event, this.map);
  }

  shape(feature, style, pane) {
    return L.geoJSON(feature, { style: () => ({ pane, renderer: this.renderer, bubblingMouseEvents: false, ...style }), pane, renderer: this.renderer });
  }

  below(feature, colour, weight) {
    return L.geoJSON(feature, { interactive: false, pane: 'casings', renderer: this.under.renderer ??= L.svg({ pane: 'casings', padding: 0.3 }), style: () => ({ color: colour, weight, opacity: 0.9, fill: false, interactive: false, lineCap: 'round' }) });
  }

  line(feature, scale) {
    const { style, below } = lineLook(feature.properties, scale, this.colours);
    const layer = this.shape(feature, style, 'segments');
    if (below) layer.below = this.below(feature, ...below);
    return layer;
  }

  area(feature, scale) {
    const { style, below } = areaLook(feature.properties, scale, this.colours, this.layer.single);
    const layer = this.shape(feature, style, 'zones');
    if (below) layer.below = this.below(feature, ...below);
    const bounds = layer.getBounds();
    layer.extent = bounds.isValid() ? (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth()) : 0;
    return layer;
  }

  mark(feature, scale) {
    const props = feature.properties;
    const [lon, lat] = middle(feature.geometry);
    const status = props.status ?? 'none';
    const marker = L.marker([lat, lon], { icon: iconOf(this.kind, props, scale, this.colours), zIndexOffset: RANK[status], riseOnHover: true, status, keyboard: true });
    marker.on('add', () => this.name(marker, props));
    return marker;
  }

  name(marker, props) {
    const element = marker.getElement();
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', [titleOf(props), element.textContent.trim()].filter(Boolean).join(' ')); // what is written in the mark is part of its name
    element.dataset.code = keyOf(props);
    element.dataset.status = props.status ?? 'none';
    element.onkeydown = (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); this.layer.choose(props); } };
    dress(element, keyOf(props), this.layer.marks);
  }

  within(layer, view) { return layer.getBounds ? view.intersects(layer.getBounds()) : view.contains(layer.getLatLng()); }

  /** Go over the things of a scope that pass every filter but the legend's own taps. */
  * counted(scope) {
    const view = scope === 'window' ? this.map.getBounds() : null;
    for (const feature of this.features) {
      if (!feature.geometry || (view && !view.intersects(boundsOf(feature)))) continue;
      yield feature.properties;
    }
  }

  /** Count by status what the filter lets through, whether or not the legend's taps hide some of it. */
  counts(scope) {
    const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
    for (const { status = 'none' } of this.counted(scope)) counts[status] += 1;
    return counts;
  }

  /** Count by class of the measure; the last number counts those without a value. */
  classCounts(scope, breaks) {
    const counts = Array.from({ length: breaks.length }, () => 0);
    for (const { value } of this.counted(scope)) {
      const index = classOf(value, breaks);
      counts[index < 0 ? breaks.length - 1 : index] += 1;
    }
    return counts;
  }

  find(code) {
    const found = this.drawn.get(code);
    if (!found) return null;
    const { layer, feature } = found;
    if (layer.getBounds) this.map.fitBounds(layer.getBounds(), { maxZoom: 18, padding: [60, 60] });
    else this.map.setView(layer.getLatLng(), Math.max(this.map.getZoom(), 17));
    return feature.properties;
  }

  middleOf(code) {
    const layer = this.drawn.get(code)?.layer;
    return layer ? (layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter()) : null;
  }

  async locate(code) {
    const layer = this.drawn.get(code)?.layer;
    return layer ? (layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng(), layer.getLatLng()])) : null;
  }

  showMarks(marks) {
    for (const [code, { layer }] of this.drawn) {
      if (layer.getElement) dress(layer.getElement(), code, marks);
      else layer.eachLayer((part) => dress(part.getElement?.(), code, marks));
    }
  }
}

function dress(element, code, { chosen, hovered, selected }) {
  if (!element) return;
  element.classList.toggle('chosen', chosen === code);
  element.classList.toggle('hovered', hovered === code);
  element.classList.toggle('selected', selected.has(code));
}

const boundsOf = (feature) => feature.bounds ??= L.geoJSON(feature).getBounds();

function middle(geometry) {
  if (geometry.type === 'Point') return geometry.coordinates;
  const center = L.geoJSON(geometry).getBounds().getCenter();
  return [center.lng, center.lat];
}

function tip(props) {
  const box = document.createElement('div');
  box.textContent = titleOf(props);
  return box;
}
