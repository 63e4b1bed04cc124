// One data layer of the map: fetch its features, draw those that pass the filter, count what is shown.
/* global L */
import { API, Problem, bodyOf, query } from './api.js';
import { page, titleOf } from './page.js';
import { AREA, LINE, STATUSES, clusterSymbol, hatch, issueSymbol, placeSymbol, unitSymbol, worst } from './symbols.js';

const MANY = 1500; // above it a layer is fetched by the window, and points are clustered
const BY_WINDOW = new Set(['zones', 'issues']);
const CLUSTERED = new Set(['issues', 'units']);
const TILING = new Set(['subdistrict', 'community', 'grid', 'town', 'district']);
const RANK = { none: 0, open: 1000, due_soon: 2000, overdue: 3000 };

export class DataLayer extends EventTarget {
  constructor(map, kind, renderer) {
    super();
    Object.assign(this, { map, kind, renderer, features: [], drawn: new Map(), shown: false, state: 'idle', box: null });
    this.byWindow = BY_WINDOW.has(kind) || (page.counts?.[kind] ?? 0) > MANY;
    this.group = this.makeGroup();
  }

  makeGroup() {
    const clustered = CLUSTERED.has(this.kind) || (this.kind === 'points' && this.byWindow);
    if (!clustered) return L.layerGroup();
    return L.markerClusterGroup({
      maxClusterRadius: 56, showCoverageOnHover: false, spiderfyOnMaxZoom: true, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      iconCreateFunction: (cluster) => clusterIcon(this.kind, cluster.getAllChildMarkers()),
    });
  }

  /** Fetch what the window needs; nothing where it is already here, unless `again`. */
  async load(again = false) {
    const view = this.map.getBounds();
    if (!again && this.state === 'ready' && (!this.byWindow || this.box?.contains(view))) return;
    this.abort?.abort();
    this.abort = new AbortController();
    const box = view.pad(0.4);
    const bbox = this.byWindow ? box.toBBoxString().split(',').map((edge) => Number(edge).toFixed(6)).join(',') : '';
    this.enter('loading');
    try {
      const data = await this.fetchFeatures(query({ bbox }));
      this.features = data.features ?? [];
      this.box = this.byWindow ? box : null;
      this.enter('ready');
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.problem = error;
      this.enter('failed');
    }
  }

  async fetchFeatures(search) {
    let response;
    try {
      response = await fetch(`${API}/${this.kind}.geojson${search}`, { signal: this.abort.signal });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new Problem(0);
    }
    const data = await bodyOf(response);
    if (!response.ok) throw new Problem(response.status, data);
    return data;
  }

  enter(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }

  /** Draw the features that pass; `passes(kind, props)`; `single` tells that only one kind of zone is wanted. */
  draw(passes, single) {
    this.group.clearLayers();
    this.drawn.clear();
    if (!this.shown) return void this.group.remove();
    const made = [];
    for (const feature of this.features) {
      if (!feature.geometry || !passes(this.kind, feature.properties)) continue;
      const layer = this.make(feature, single);
      this.drawn.set(String(feature.properties.code ?? feature.properties.issue_no), { layer, feature });
      made.push(layer);
    }
    if (this.kind === 'zones') made.sort((a, b) => (b.extent ?? 0) - (a.extent ?? 0));
    if (this.group.addLayers) this.group.addLayers(made);
    else made.forEach((layer) => this.group.addLayer(layer));
    this.group.addTo(this.map);
    if (this.chosen) this.highlight(this.chosen);
  }

  make(feature, single) {
    const props = feature.properties;
    const layer = this.kind === 'segments' ? this.line(feature) : this.kind === 'zones' ? this.area(feature, single) : this.mark(feature);
    layer.on('click', (event) => this.clicked(event, props));
    layer.bindTooltip(() => tip(props), { sticky: this.kind === 'segments' || this.kind === 'zones', direction: 'top', offset: [0, -8] });
    return layer;
  }

  /** While something is being reported or drawn, a tap means the place and not the object there. */
  clicked(event, props) {
    L.DomEvent.stopPropagation(event);
    if (document.body.dataset.mode) this.map.fire('click', { latlng: event.latlng });
    else this.choose(props);
  }

  choose(props) {
    this.dispatchEvent(new CustomEvent('choose', { detail: { kind: this.kind, props } }));
  }

  line(feature) {
    const { status = 'none' } = feature.properties;
    const style = { ...LINE[status], renderer: this.renderer, pane: 'segments', lineCap: status === 'due_soon' ? 'butt' : 'round', className: `road road-${status}`, bubblingMouseEvents: false };
    return L.geoJSON(feature, { style: () => style, pane: 'segments', renderer: this.renderer });
  }

  area(feature, single) {
    const { status = 'none', kind } = feature.properties;
    const hollow = TILING.has(kind) && !single;
    const style = { ...AREA[status], pane: 'zones', className: `zone zone-${status}`, fill: !hollow, fillColor: hatch(status), fillOpacity: 1, bubblingMouseEvents: false };
    if (hollow) Object.assign(style, { weight: 2.5, opacity: 0.85, dashArray: '12 4 2 4' });
    const layer = L.geoJSON(feature, { style: () => style, pane: 'zones', renderer: this.renderer });
    const bounds = layer.getBounds();
    layer.extent = bounds.isValid() ? (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth()) : 0;
    return layer;
  }

  mark(feature) {
    const props = feature.properties;
    const [lon, lat] = middle(feature.geometry);
    const status = props.status ?? 'none';
    const marker = L.marker([lat, lon], { icon: markIcon(this.kind, status, props.open_issues), zIndexOffset: RANK[status], riseOnHover: true, status, keyboard: true });
    marker.on('add', () => this.name(marker, props));
    return marker;
  }

  name(marker, props) {
    const element = marker.getElement();
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', titleOf(props));
    element.dataset.code = props.code ?? props.issue_no;
    element.dataset.status = props.status ?? 'none';
    element.onkeydown = (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); this.choose(props); } };
  }

  /** Count the drawn features by status; by the window where the layer is fetched by the window. */
  counts() {
    const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
    const view = this.byWindow ? this.map.getBounds() : null;
    for (const { layer, feature } of this.drawn.values()) {
      if (view && !(layer.getBounds ? view.intersects(layer.getBounds()) : view.contains(layer.getLatLng()))) continue;
      counts[feature.properties.status ?? 'none'] += 1;
    }
    return counts;
  }

  /** Fly to a feature; return its properties, or null where it is not drawn. */
  find(code) {
    const found = this.drawn.get(String(code));
    if (!found) return null;
    const { layer, feature } = found;
    if (layer.getBounds) this.map.fitBounds(layer.getBounds(), { maxZoom: 18, padding: [60, 60] });
    else this.map.setView(layer.getLatLng(), Math.max(this.map.getZoom(), 17));
    return feature.properties;
  }

  /** Mark one feature as chosen; null takes the mark away. */
  highlight(code) {
    for (const [each, { layer }] of this.drawn) {
      const chosen = String(code) === each;
      const element = layer.getElement?.();
      if (element) element.classList.toggle('chosen', chosen);
      else if (layer.setStyle && chosen) layer.setStyle({ color: '#16262e', weight: 5 });
      else if (layer.setStyle && this.chosen === each) layer.eachLayer((part) => layer.resetStyle(part));
    }
    this.chosen = code === null ? null : String(code);
  }
}

const markIcon = (kind, status, count) => {
  const symbol = kind === 'units' ? unitSymbol(status, count) : kind === 'issues' ? issueSymbol(status) : placeSymbol(status, count);
  const low = kind === 'points' ? 18 : 34;
  return L.divIcon({ className: 'mark', html: symbol, iconSize: [36, 36], iconAnchor: [18, low] });
};

function clusterIcon(kind, markers) {
  const symbol = clusterSymbol(kind, worst(markers.map((marker) => marker.options.status)), markers.length);
  return L.divIcon({ className: 'mark cluster', html: symbol, iconSize: [50, 50] });
}

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

