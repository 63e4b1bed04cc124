// Tiles of a ground from our own server: few at a time, never before the data, quiet when the page is left.
/* global L, protomapsL */
import { labelRules, paintRules, palette } from './ground-paint.js';

const AT_ONCE = 4; // a browser has six ways to a server: two stay free for the data
const PATIENCE_MS = 9000;
const AGAIN_MS = 700;
const TRIES = 8;
const LOST = 3;
const LOST_LATER = 8;

let leaving = false;
addEventListener('pagehide', () => { leaving = true; });
addEventListener('beforeunload', () => { leaving = true; });
addEventListener('pageshow', () => { leaving = false; });

/** Say no more about a tile than the library needs: what was given up is no error of the page. */
function givenUp() {
  return new DOMException('given up', 'AbortError');
}

/** Ask for one tile; resolve to {status, data}; a page that is being left gets nothing to complain about. */
async function ask(url, signal) {
  try {
    const answer = await fetch(url, { signal, priority: 'low', headers: { Accept: 'image/*,application/vnd.mapbox-vector-tile,*/*;q=0.5' } });
    if (answer.status === 200) return { status: 200, data: await answer.arrayBuffer(), type: answer.headers.get('content-type') ?? '' };
    const problem = answer.status >= 400 ? await answer.json().catch(() => ({})) : {};
    return { status: answer.status, code: problem.code };
  } catch (error) {
    if (leaving || signal?.aborted) throw givenUp();
    return { status: 0, code: 'no_connection' };
  }
}

/** Tell whether so many losses in a row mean that the ground is not there. */
class Losses {
  constructor(onLost) { Object.assign(this, { good: 0, bad: 0, onLost, told: false }); }

  well() { this.good += 1; this.bad = 0; }

  ill(code) {
    this.bad += 1;
    const enough = code === 'ground_refused' || this.bad >= (this.good ? LOST_LATER : LOST);
    if (enough && !this.told) { this.told = true; this.onLost(code); }
  }
}

/** Make a layer of a vector ground; `onLost(code)` is called where it cannot be had, `onFirst()` when it is there. */
export function vectorLayer(facts, { onLost = () => {}, onFirst = () => {} } = {}) {
  const losses = new Losses(onLost);
  const archive = {
    async getZxy(z, x, y, signal) {
      const { status, data, code } = await ask(`/ground/${facts.id}/${z}/${x}/${y}`, signal);
      if (status === 200 || status === 204) {
        losses.well();
        if (losses.good === 1) onFirst();
        return data && { data };
      }
      losses.ill(code);
      throw givenUp();
    },
  };
  const colour = palette();
  return protomapsL.leafletLayer({ url: archive, paintRules: paintRules(colour), labelRules: labelRules(colour), backgroundColor: colour('earth'),
    attribution: '', maxDataZoom: facts.max_zoom, noWrap: true });
}

/** Tiles that are pictures. Fires `lost` {code}, and `first` with each view that is full. */
const Pictures = L.GridLayer.extend({
  initialize(facts, part, options) {
    L.GridLayer.prototype.initialize.call(this, { noWrap: true, keepBuffer: 1, minNativeZoom: facts.min_zoom, maxNativeZoom: facts.max_zoom, attribution: '', ...options });
    this.waiting = [];
    this.running = new Map();
    this.source = (at) => `/ground/${facts.id}/${at.z}/${at.x}/${at.y}${part ? `?part=${part}` : ''}`;
    this.losses = new Losses((code) => { if (!part) this.fire('lost', { code }); });
    this.on('load', () => { if (this.losses.good) this.fire('first'); }); // the view is full: what lay below may go
    this.on('tileunload', ({ tile }) => this.forget(tile));
  },

  onRemove(map) {
    this.waiting = [];
    for (const tile of [...this.running.keys()]) this.forget(tile);
    L.GridLayer.prototype.onRemove.call(this, map);
  },

  createTile(at, done) {
    const tile = L.DomUtil.create('img', 'ground-tile');
    tile.alt = '';
    this.waiting.push({ tile, at, done, tries: 0 });
    queueMicrotask(() => this.pump());
    return tile;
  },

  forget(tile) {
    this.waiting = this.waiting.filter((wish) => wish.tile !== tile);
    this.running.get(tile)?.abort();
    this.running.delete(tile);
    if (tile.src.startsWith('blob:')) URL.revokeObjectURL(tile.src);
  },

  pump() {
    while (this._map && this.running.size < AT_ONCE && this.waiting.length) this.load(this.waiting.shift());
  },

  async load(wish) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), PATIENCE_MS);
    this.running.set(wish.tile, stop);
    try {
      this.settle(wish, await ask(this.source(wish.at), stop.signal));
    } catch { // given up: unloaded, or too slow
      if (this.running.has(wish.tile) && !leaving) { this.losses.ill('too_slow'); wish.done(null, wish.tile); }
    } finally {
      clearTimeout(clock);
      this.running.delete(wish.tile);
      this.pump();
    }
  },

  settle(wish, { status, data, type, code }) {
    if (status === 503) { // many ask at once: come again; a busy server is no lost ground
      wish.tries += 1;
      if (wish.tries > TRIES) { wish.done(null, wish.tile); return; }
      setTimeout(() => { if (this._map && wish.tile.parentNode) { this.waiting.push(wish); this.pump(); } }, AGAIN_MS * wish.tries);
      return;
    }
    if (status !== 200 && status !== 204) {
      this.losses.ill(code);
      wish.done(null, wish.tile);
      return;
    }
    this.losses.well();
    if (data) {
      wish.tile.onload = () => wish.done(null, wish.tile);
      wish.tile.onerror = () => { this.losses.ill('ground_not_an_image'); wish.done(null, wish.tile); };
      wish.tile.src = URL.createObjectURL(new Blob([data], { type }));
    } else {
      wish.done(null, wish.tile);
    }
  },
});

/** Make the layers of a ground of pictures, its labels above it; the handlers are those of `vectorLayer`. */
export function pictureLayers(facts, { onLost = () => {}, onFirst = () => {} } = {}) {
  return Array.from({ length: facts.parts }, (_, part) => {
    const layer = new Pictures(facts, part, { zIndex: 2 + part, className: 'ground-pictures' });
    if (!part) layer.on('lost', ({ code }) => onLost(code)).once('first', onFirst);
    return layer;
  });
}
