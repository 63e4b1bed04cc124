// The tiles at hand: asked for, waited for, kept for a while, asked again when the filter or the city changes.
import { EXTENT } from './tile-decode.js';

const KEPT = 160; // tiles that nobody looks at
const PATIENCE = 1500; // before a failed tile is asked for a second time
const keyOf = (kind, z, x, y) => `${kind}/${z}/${x}/${y}`;

export class TileStore {
  /** `tell(tile, 'ready' | 'failed')`; `run(generator)`; `decode(bytes, kind)` is such a generator. */
  constructor(tell, run, decode) {
    Object.assign(this, { tell, run, decode, tiles: new Map(), kinds: new Map() });
  }

  /** Ask a kind by another query: what is in use is fetched anew, the old stays on screen until then. */
  ask(kind, query, by) {
    if (this.kinds.get(kind)?.query === query) return;
    this.kinds.set(kind, { query, by });
    for (const [key, tile] of this.tiles) {
      if (tile.kind !== kind) continue;
      if (tile.isWanted) this.fetch(tile);
      else this.tiles.delete(key);
    }
  }

  leave(kind) {
    for (const [key, tile] of this.tiles) if (tile.kind === kind) { tile.abort?.abort(); this.tiles.delete(key); }
    this.kinds.delete(kind);
  }

  want(kind, z, x, y) {
    const key = keyOf(kind, z, x, y);
    let tile = this.tiles.get(key);
    if (tile) { // used last: moves to the end of the queue of those that may go
      this.tiles.delete(key);
      this.tiles.set(key, tile);
      tile.isWanted = true;
      if (tile.state === 'ready') return this.tell(tile, 'ready');
      if (tile.state === 'loading') return null;
    } else {
      tile = { kind, z, x, y, isWanted: true, state: 'new', shapes: null, marks: [] };
      this.tiles.set(key, tile);
      this.forget();
    }
    return this.fetch(tile);
  }

  drop(kind, z, x, y) {
    const tile = this.tiles.get(keyOf(kind, z, x, y));
    if (!tile) return;
    tile.isWanted = false;
    if (tile.state === 'loading') { tile.abort.abort(); this.tiles.delete(keyOf(kind, z, x, y)); }
  }

  forget() {
    let spare = [...this.tiles.values()].filter((tile) => !tile.isWanted).length - KEPT;
    for (const [key, tile] of this.tiles) {
      if (spare <= 0) return;
      if (!tile.isWanted) { this.tiles.delete(key); spare -= 1; }
    }
  }

  retry(kind) {
    for (const tile of this.tiles.values()) if (tile.kind === kind && tile.state === 'failed') this.fetch(tile);
  }

  /** Ask again for the tiles that hold these codes (all in use where one is not known here); the rest is forgotten. */
  refresh(kind, codes) {
    const holds = (tile) => tile.shapes?.some((shape) => codes.includes(shape.code)) || tile.marks.some((mark) => codes.includes(mark.code) || mark.cluster);
    for (const [key, tile] of [...this.tiles]) {
      if (tile.kind !== kind) continue;
      if (!tile.isWanted) this.tiles.delete(key);
      else if (!codes || this.missing(kind, codes) || holds(tile)) this.fetch(tile, true);
    }
  }

  missing(kind, codes) {
    const known = new Set();
    for (const tile of this.loaded(kind)) for (const { code } of [...tile.shapes, ...tile.marks]) known.add(code);
    return codes.some((code) => !known.has(code));
  }

  async fetch(tile, isRefresh = false, isSecond = false) {
    const asked = this.kinds.get(tile.kind);
    if (!asked) return;
    tile.abort?.abort();
    const abort = tile.abort = new AbortController();
    if (!isRefresh || tile.state !== 'ready') tile.state = 'loading';
    try {
      const answer = await fetch(`/tiles/${tile.kind}/${tile.z}/${tile.x}/${tile.y}.mvt${asked.query}`, { signal: abort.signal, cache: isRefresh ? 'no-cache' : 'default' });
      if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
      const etag = answer.headers.get('ETag');
      if (!isRefresh || !etag || etag !== tile.etag) await this.take(tile, answer, asked, abort);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.fell(tile, error, isSecond);
    }
  }

  async take(tile, answer, asked, abort) {
    const bytes = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
    const { shapes, marks } = await this.run(this.decode(bytes, tile.kind));
    if (abort.signal.aborted) return;
    Object.assign(tile, { shapes, marks, index: null, etag: answer.headers.get('ETag'), by: asked.by, state: 'ready' });
    this.tell(tile, 'ready');
  }

  fell(tile, error, isSecond) {
    const isFinal = isSecond || (error.status >= 400 && error.status < 500 && error.status !== 429);
    if (!isFinal) {
      setTimeout(() => { if (tile.isWanted && !tile.abort?.signal.aborted) this.fetch(tile, false, true); }, PATIENCE);
      return;
    }
    Object.assign(tile, { state: 'failed', status: error.status ?? 0 });
    this.tell(tile, 'failed');
  }

  /** The tiles on screen that can be painted. */
  wanted() { return [...this.tiles.values()].filter((tile) => tile.isWanted && tile.shapes); }

  loaded(kind) { return [...this.tiles.values()].filter((tile) => tile.kind === kind && tile.shapes); }

  waiting(kind) { return [...this.tiles.values()].filter((tile) => tile.kind === kind && tile.isWanted && tile.state === 'loading').length; }

  failed(kind) { return [...this.tiles.values()].filter((tile) => tile.kind === kind && tile.isWanted && tile.state === 'failed').length; }

  /** Return tiles that cover a view, per kind: of its own zoom, or what is at hand from above or below in their place. */
  covering(view) {
    const found = [];
    const z = Math.round(view.zoom) - 1;
    const side = 512 * 2 ** (view.zoom - 1 - z);
    for (const kind of this.kinds.keys()) {
      for (let x = Math.floor(view.x / side); x * side < view.x + view.w; x += 1) {
        for (let y = Math.floor(view.y / side); y * side < view.y + view.h; y += 1) found.push(...this.best(kind, z, x, y));
      }
    }
    return found;
  }

  best(kind, z, x, y) {
    const at = (zz, xx, yy) => { const tile = this.tiles.get(keyOf(kind, zz, xx, yy)); return tile?.shapes ? tile : null; };
    const own = at(z, x, y);
    if (own) return [own];
    const below = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([dx, dy]) => at(z + 1, 2 * x + dx, 2 * y + dy)).filter(Boolean);
    if (below.length) return below;
    for (let up = 1; up <= 4; up += 1) {
      const above = at(z - up, x >> up, y >> up);
      if (above) return [cut(above, up, x, y)];
    }
    return [];
  }
}

/** Return what of a larger tile lies in one of its parts. */
function cut(tile, up, x, y) {
  const side = EXTENT / 2 ** up;
  const left = (x - ((x >> up) << up)) * side;
  const top = (y - ((y >> up) << up)) * side;
  const marks = tile.marks.filter((mark) => mark.x >= left && mark.x < left + side && mark.y >= top && mark.y < top + side);
  return { ...tile, marks };
}
