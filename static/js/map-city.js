// All that one can do with the map, wired when its first picture stands: lays the ground and ties the cards together.
/* global L */
import { get } from './api.js';
import { wireFit } from './coverage-figure.js';
import { wireDays } from './days.js';
import { $, debounce, h } from './dom.js';
import { wireDrafts } from './drafts.js';
import { wireDrawer } from './drawer.js';
import { wireFilters } from './filters.js';
import { wireGround } from './ground.js';
import { fillLegend, wireLegend } from './legend.js';
import { wireLive } from './live.js';
import { KINDS, followLayers, layerOf, layers, map } from './map-layers.js';
import { wireMapKeys } from './map-keys.js';
import { wireNews } from './news.js';
import { page } from './page.js';
import { wirePermalink } from './permalink.js';
import { wirePaper } from './paper.js';
import { closePanel, showObject, wirePanel } from './panel.js';
import { wireSearch } from './search.js';
import { isForSelection, wireSelection } from './select.js';
import { wireShortcuts } from './shortcuts.js';
import { passes, state } from './state.js';
import { t } from './texts.js';
import { toast } from './toast.js';
import { wireWall } from './wall.js';

const redraw = (layer) => layer.draw(passes);
const redrawAll = () => { layers.forEach(redraw); fillLegend(layers); };

/** Show or hide a layer; return the promise of its data. */
function switchLayer(kind, shown) {
  state.set({ layers: KINDS.filter((each) => (each === kind ? shown : state.get('layers').includes(each))) });
  return layerOf(kind).loading ?? null;
}

function follow() {
  followLayers();
  fillLegend(layers);
}

/** Bring what was chosen out from under the panel. */
function reveal(layer, code) {
  const middle = layer.marks.chosen === String(code) ? layer.middleOf(code) : null; // closed meanwhile: the map stays
  if (!middle) return;
  const at = map.latLngToContainerPoint(middle);
  const room = map.getSize();
  const panel = $('panel').getBoundingClientRect();
  const sheet = panel.width >= room.x - 20;
  const free = sheet ? { x: room.x, y: room.y - panel.height } : { x: room.x - panel.width, y: room.y };
  if (at.x > 40 && at.x < free.x - 40 && at.y > 60 && at.y < free.y - 30) return;
  map.panBy([at.x - free.x / 2, at.y - free.y / 2], { animate: false });
}

function choose(layer, props) {
  for (const each of layers) each.highlight(each === layer ? props.code ?? props.issue_no : null);
  const shown = showObject(layer.kind, props, (kind, full) => actions(kind, full));
  const code = props.code ?? props.issue_no;
  city.shown = `${layer.kind}/${code}`;
  state.set({ show: city.shown });
  requestAnimationFrame(() => reveal(layer, code));
  shown.then(() => reveal(layer, code));
}

function actions(kind, full) {
  const button = (label, run) => h('button', { class: 'button', onclick: run }, label);
  const made = [];
  if (isPast()) return made;
  if (kind === 'points' && page.may?.report) made.push(button(t('js.panel.report_here'), () => report({ point: full })));
  if (kind === 'points' && page.may?.visit) made.push(h('a', { class: 'button', href: `/points/${encodeURIComponent(full.code)}/check` }, t('js.panel.check')));
  if (kind === 'zones' && page.may?.draw) made.push(button(t('js.panel.edit_zone'), () => draw({ zones: [full.code], task: 'reshape' })));
  return made;
}

/** Ask again for what is shown; the browser's cache answers where nothing has changed. */
function refresh() {
  layers.filter((layer) => layer.shown).forEach((layer) => layer.load(true));
}

/** A past day is looked at; what is done is done today. */
const isPast = () => Boolean(state.get('on') || state.get('and'));

async function report(options) {
  if (isPast()) state.set({ on: '', and: '' });
  const { openReport } = await import('./report.js');
  openReport(map, { ...options, onSent: refresh });
}

async function draw(asked) {
  if (isPast()) state.set({ on: '', and: '' });
  const { openDrawing } = await import('./draw.js');
  await switchLayer('zones', true);
  openDrawing(map, asked, { onSaved: () => layerOf('zones').load(true) });
}

function wireLayers() {
  for (const layer of layers) {
    layer.addEventListener('change', () => fillLegend(layers));
    layer.addEventListener('choose', ({ detail }) => isForSelection(layer.kind, detail.props) || choose(layer, detail.props));
  }
  map.on('moveend', debounce(() => {
    fillLegend(layers);
    layers.filter((layer) => layer.shown && layer.byWindow).forEach((layer) => layer.load());
  }, 250));
}

function wireButtons() {
  const [west, south, east, north] = page.bounds;
  $('zoom-in').addEventListener('click', () => map.zoomIn());
  $('zoom-out').addEventListener('click', () => map.zoomOut());
  $('zoom-home').addEventListener('click', () => map.fitBounds([[south, west], [north, east]]));
  $('zoom-me').addEventListener('click', () => map.locate({ setView: true, maxZoom: 18, enableHighAccuracy: true, timeout: 10000 }));
  map.on('locationfound', (event) => L.circle(event.latlng, { radius: event.accuracy, color: '#0a66c2', weight: 1, fillOpacity: 0.12, interactive: false }).addTo(map));
  map.on('locationerror', () => toast(t('js.place.denied'), { tone: 'bad', keep: false }));
  $('report-open')?.addEventListener('click', () => report({}));
  $('draw-open')?.addEventListener('click', () => draw({}));
}

/** What an address asks for may be closed, retired or filtered out: then it is fetched and shown without its mark. */
async function fetched(kind, code) {
  try {
    const { data } = await get(`/${kind}/${encodeURIComponent(code)}`);
    const geometry = data.geometry ?? { type: 'Point', coordinates: [data.lon, data.lat] };
    const bounds = L.geoJSON(geometry).getBounds();
    map.fitBounds(bounds, { maxZoom: 17 });
    const ring = L.circleMarker(bounds.getCenter(), { radius: 18, color: '#073f4c', weight: 3, fillOpacity: 0.1, interactive: false }).addTo(map);
    document.addEventListener('panel-closed', () => ring.remove(), { once: true });
    return { ...(data.properties ?? data), code };
  } catch (error) {
    toast(error.message, { tone: 'bad' });
    return null;
  }
}

/** What an address asks of the drawing desk: `?draw=CODE&do=split`, `?draw=new`, `?do=fill&spot=lon,lat&kind=grid`. */
function drawingAsked(asked) {
  const zones = (asked.get('draw') ?? '').split(',').filter((code) => code && code !== 'new');
  return { zones, task: asked.get('do') || (zones.length ? 'reshape' : 'new'), spot: asked.get('spot'), kind: asked.get('kind') };
}

async function openFromAddress() {
  const asked = new URLSearchParams(location.search);
  const [kind, code] = (asked.get('show') ?? '').split('/');
  if ((asked.get('draw') || asked.get('do')) && page.may?.draw) return draw(drawingAsked(asked));
  if (asked.has('report') && page.may?.report) report({});
  if (!layerOf(kind)) return null;
  await switchLayer(kind, true);
  const layer = layerOf(kind);
  const props = layer.find(code) ?? await fetched(kind, code);
  if (props) choose(layer, props);
  return null;
}

let lately = {};

/** Redraw after a filter changed; one that speaks of issues brings their layer to light. */
function filtered({ filters }, isNew = true) {
  const speaks = ['state', 'class', 'source', 'from', 'to'].some((name) => filters[name] && filters[name] !== lately[name]);
  lately = filters;
  if (speaks && !layerOf('issues').shown) switchLayer('issues', true);
  if (isNew) redrawAll();
}

/** What the parts of the page share: each part is wired once with it and keeps to its own box and module. */
const city = { shown: '', map, state, layers, layerOf, switchLayer, choose, refresh, redrawAll, report, draw, reveal };
const PARTS = [wireGround, wireSearch, wirePermalink, wireFilters, wireDrawer, wireSelection, wireShortcuts, wireDays, wireLive, wireNews, wirePaper, wireWall, wireDrafts, wireFit, wireMapKeys];

/** Wire everything; what is asked for meanwhile is done at its end. */
export function wire() {
  L.control.scale({ imperial: false, position: 'bottomright' }).addTo(map);
  wirePanel(() => layers.forEach((layer) => layer.highlight(null)));
  wireLegend(switchLayer);
  wireLayers();
  wireButtons();
  map.on('click', () => { if (!document.body.dataset.mode) closePanel(); });
  for (const wirePart of PARTS) wirePart(city);
  state.hear(['layers'], follow);
  state.hear(['filters', 'statuses', 'on'], filtered);
  follow();
  filtered(state.now, false);
  openFromAddress();
}
