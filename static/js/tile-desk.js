// The page's side of the drawing room: one worker for all kinds in tiles, one overlay for their marks, and one ear for the pointer.
/* global L */
import { page, titleOf } from './page.js';
import { palette } from './ramps.js';
import { h, put } from './dom.js';
import { t } from './texts.js';

const PAD = 0.15; // of the window, on each side, so that a short pan needs no drawing
const TOLERANCE = { mouse: 8, touch: 20 };
const coarse = matchMedia('(pointer: coarse)');

/** Open the drawing room: a module worker, or this very page where the browser has none. */
function openStudio(hear) {
  const canWork = typeof OffscreenCanvas !== 'undefined' && typeof Worker !== 'undefined' && 'transferToImageBitmap' in OffscreenCanvas.prototype && page.worker !== false;
  if (!canWork) return sliced(hear);
  const worker = new Worker(new URL('./tile-worker.js', import.meta.url), { type: 'module' });
  let door = { say: (message) => worker.postMessage(message) };
  const sent = [];
  const early = (message) => { sent.push(message); worker.postMessage(message); };
  door = { say: early };
  worker.onmessage = ({ data }) => { if (data.did === 'open') { door.say = (message) => worker.postMessage(message); sent.length = 0; } else hear(data); };
  worker.onerror = (event) => { // a browser without module workers says so here: everything again on the page
    if (door.say !== early) return console.warn('tiles:', event.message);
    worker.terminate();
    const other = sliced(hear);
    door.say = other.say;
    return sent.forEach((message) => other.say(message));
  };
  return door;
}

function sliced(hear) {
  const waiting = [];
  const door = { say: (message) => waiting.push(message) };
  import('./tile-studio.js').then(({ Studio }) => {
    const studio = new Studio((message) => hear(message), { isSliced: true });
    door.say = (message) => studio.hear(message);
    waiting.forEach(door.say);
  });
  return door;
}

class Desk {
  constructor(map) {
    Object.assign(this, { map, carriers: new Map(), asked: new Map(), nextId: 1, scales: {}, marks: { chosen: null, hovered: null, selected: {} } });
    map.createPane('tile-marks').style.zIndex = 590;
    this.sheet = h('canvas', { class: 'tile-sheet leaflet-zoom-animated', 'aria-hidden': 'true' });
    map.getPane('tile-marks').append(this.sheet);
    this.studio = openStudio((message) => this.hear(message));
    this.paintWith();
    document.addEventListener('themechange', () => this.paintWith());
    this.wireView();
    this.wirePointer();
  }

  say(message) { this.studio.say(message); }

  hear(message) {
    if (message.did === 'trouble') return console.warn('tiles:', message.said);
    if (message.did === 'overlay') return this.placeOverlay(message);
    if (message.id) { this.asked.get(message.id)?.(message); return this.asked.delete(message.id); }
    return this.carriers.get(message.kind)?.hear(message);
  }

  /** Ask the drawing room and wait for its answer. */
  ask(message) {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((answer) => { this.asked.set(id, answer); this.say({ ...message, id }); });
  }

  join(kind, carrier) { this.carriers.set(kind, carrier); }

  /** Colours, screen and scales as they are now. */
  paintWith(scales = {}) {
    Object.assign(this.scales, scales);
    this.say({ do: 'restyle', style: { colours: palette(), dpr: window.devicePixelRatio || 1, scales: this.scales } });
  }

  mark(marks) {
    Object.assign(this.marks, marks);
    this.say({ do: 'mark', marks: this.marks });
  }

  /** Parts of a layer did not come: say so on the map itself, with the way on. */
  tellFailed(kind, count) {
    this.pills ??= h('div', { class: 'tile-pills', role: 'status' });
    if (!this.pills.isConnected) this.map.getContainer().closest('.stage')?.append(this.pills);
    this.pills.querySelector(`[data-kind="${kind}"]`)?.remove();
    if (count) this.pills.append(h('button', { type: 'button', class: 'tile-retry', 'data-kind': kind, onclick: () => this.say({ do: 'retry', kind }) }, t(`js.layers.${kind}`), ' · ', t('js.tiles.retry')));
  }

  get isUsed() { return [...this.carriers.values()].some((carrier) => carrier.shown); }

  wireView() {
    const { map } = this;
    map.on('moveend', () => this.look());
    map.on('move', L.Util.throttle(() => { if (this.isFarOff()) this.look(); }, 150, this));
    map.on('zoom viewreset', () => this.place());
    map.on('zoomanim', (event) => this.place(event.center, event.zoom));
    window.addEventListener('resize', () => this.paintWith());
  }

  isFarOff() {
    if (!this.shown || this.map._animatingZoom || this.map.getZoom() !== this.shown.zoom) return false;
    const size = this.map.getSize();
    const at = this.map.getPixelBounds().min;
    return Math.abs(at.x - size.x * PAD - this.shown.x) > size.x * PAD * 0.6 || Math.abs(at.y - size.y * PAD - this.shown.y) > size.y * PAD * 0.6;
  }

  /** Tell the drawing room what the window shows, with some room around. */
  look() {
    if (!this.isUsed) return;
    const size = this.map.getSize();
    const min = this.map.getPixelBounds().min.subtract(size.multiplyBy(PAD)).round();
    this.say({ do: 'look', view: { zoom: this.map.getZoom(), x: min.x, y: min.y, w: Math.round(size.x * (1 + 2 * PAD)), h: Math.round(size.y * (1 + 2 * PAD)) } });
  }

  placeOverlay({ bitmap, view, drawn }) {
    this.sheet.hidden = !bitmap;
    if (bitmap instanceof Element) {
      bitmap.className = this.sheet.className;
      this.sheet.replaceWith(bitmap);
      this.sheet = bitmap;
    } else if (bitmap) {
      if (this.sheet.width !== bitmap.width || this.sheet.height !== bitmap.height) Object.assign(this.sheet, { width: bitmap.width, height: bitmap.height });
      this.sheet.getContext('bitmaprenderer').transferFromImageBitmap(bitmap);
    }
    this.sheet.style.width = `${view.w}px`;
    this.sheet.style.height = `${view.h}px`;
    this.shown = view;
    this.drawn = drawn;
    if (!this.map._animatingZoom) this.place();
  }

  /** Lay the overlay where it belongs at a centre and zoom: moved with the map, scaled while the zoom runs. */
  place(center = null, zoom = this.map.getZoom()) {
    if (!this.shown) return;
    const scale = this.map.getZoomScale(zoom, this.shown.zoom);
    const corner = L.point(this.shown.x, this.shown.y).multiplyBy(scale);
    const origin = center ? this.map._getNewPixelOrigin(center, zoom) : this.map.getPixelOrigin();
    L.DomUtil.setTransform(this.sheet, corner.subtract(origin).round(), scale);
  }

  wirePointer() {
    const { map } = this;
    map.on('click', (event) => { if (this.isUsed && !document.body.dataset.mode) this.click(event); });
    let waiting = false;
    map.on('mousemove', (event) => {
      if (waiting || !this.isUsed || coarse.matches || document.body.dataset.mode || event.originalEvent?.buttons) return;
      waiting = true;
      this.pickAt(event.latlng, TOLERANCE.mouse).then((hits) => { waiting = false; this.point(event.latlng, hits[0]); });
    });
    map.on('mouseout zoomstart movestart', () => this.point(null, null));
  }

  async pickAt(latlng, tolerance) {
    const zoom = this.map.getZoom();
    const { x, y } = this.map.project(latlng, zoom);
    const { hits } = await this.ask({ do: 'pick', spot: { x, y, zoom }, tolerance });
    return hits.filter(({ kind }) => this.carriers.get(kind)?.shown);
  }

  async click({ latlng, originalEvent }) {
    const touch = originalEvent?.pointerType === 'touch' || coarse.matches;
    const hits = await this.pickAt(latlng, touch ? TOLERANCE.touch : TOLERANCE.mouse);
    if (!hits.length) return;
    const [best] = hits;
    if (best.cluster) return this.openCluster(best, latlng);
    const same = hits.filter((hit) => hit.group === best.group && !hit.cluster);
    const { chooseAmong } = await import('./stack.js');
    chooseAmong(this.map, latlng, same.length > 1 ? hits.filter((hit) => !hit.cluster) : [best], (hit) => this.choose(hit, latlng));
  }

  choose({ kind, props }, latlng) { this.carriers.get(kind).choose(props, latlng); }

  /** Go nearer to what a cluster holds; where that is one spot, as near as the map goes. */
  openCluster({ props: { west, south, east, north } }, latlng) {
    const bounds = west === undefined ? null : L.latLngBounds([south, west], [north, east]);
    const nearer = Math.min(this.map.getMaxZoom(), Math.floor(this.map.getZoom()) + 2);
    const fit = bounds ? Math.min(this.map.getBoundsZoom(bounds, false, L.point(80, 80)), this.map.getMaxZoom()) : nearer;
    if (!bounds || fit <= this.map.getZoom()) this.map.setView(latlng, nearer);
    else this.map.setView(bounds.getCenter(), fit);
  }

  /** Say under the pointer what is there. */
  point(latlng, hit) {
    const key = hit && !hit.cluster ? `${hit.kind}/${hit.code}` : null;
    this.map.getContainer().classList.toggle('pointing', Boolean(hit));
    this.tip ??= L.tooltip({ direction: 'top', offset: [0, -10], className: 'tile-tip' });
    if (!hit) this.tip.remove();
    else {
      const said = hit.cluster ? t('js.tiles.cluster', { count: hit.props.count, kind: t(`js.layers.${hit.kind}`) }) : titleOf(hit.props) || hit.code;
      if (this.tip.said !== said) this.tip.setContent(put(h('div', {}), said));
      this.tip.said = said;
      this.tip.setLatLng(latlng);
      if (!this.tip.isOpen?.()) this.tip.addTo(this.map);
    }
    if (this.pointed === key) return;
    const [before] = (this.pointed ?? '').split('/');
    if (before && before !== hit?.kind) this.carriers.get(before)?.pointed(null);
    this.pointed = key;
    if (hit && key) this.carriers.get(hit.kind)?.pointed(hit.code);
    else if (before && before === hit?.kind) this.carriers.get(before)?.pointed(null);
  }
}

let desk = null;

/** Return the one desk of the page's map. */
export const deskOf = (map) => { desk ??= new Desk(map); return desk; };
