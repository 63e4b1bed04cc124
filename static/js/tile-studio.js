// The drawing room of vector tiles: fetches, decodes, paints and answers what lies where. Runs in a worker, or in slices on the page.
import { decode, shapesOf } from './tile-decode.js';
import { Stamps } from './tile-marks.js';
import { SIDE, paintOverlay } from './tile-overlay.js';
import { paintTile } from './tile-paint.js';
import { canvasPatterns } from './tile-patterns.js';
import { pick } from './tile-pick.js';
import { TileStore } from './tile-store.js';

const SLICE = 8; // milliseconds at a stretch where the page itself has to draw
const SOON = 40;
const NO_MARKS = { chosen: null, hovered: null, selected: {} };

export const makeCanvas = (w, h) => {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(w, h);
  return Object.assign(document.createElement('canvas'), { width: w, height: h });
};

/** Let whatever else waits have its turn (a timer would be slowed down to 4 ms). */
const breath = () => new Promise((go) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); go(); };
  port2.postMessage(null);
});

export class Studio {
  /** `say(message, transfer)` tells the page; `isSliced` where the page's own thread draws. */
  constructor(say, { isSliced = false } = {}) {
    Object.assign(this, { say, isSliced, style: null, view: null, marks: NO_MARKS, laid: [], timer: null, queue: Promise.resolve() });
    this.store = new TileStore((tile, how) => this.arrived(tile, how), (work) => this.run(work), decode);
  }

  hear(message) { this[message.do](message); }

  /** Run a generator to its end; on the page in short slices. */
  async run(work) {
    let from = performance.now();
    let step = work.next();
    while (!step.done) {
      if (this.isSliced && performance.now() - from > SLICE) {
        await breath();
        from = performance.now();
      }
      step = work.next();
    }
    return step.value;
  }

  /** Answer when everything that has come is painted and the marks lie over it. */
  async rest({ id }) {
    const queue = this.queue;
    await queue;
    if (queue !== this.queue) return this.rest({ id });
    if (this.timer) { clearTimeout(this.timer); this.timer = null; this.overlay(); }
    return this.say({ did: 'rest', id });
  }

  restyle({ style }) {
    const isNew = !this.style || JSON.stringify([this.style.colours, this.style.dpr]) !== JSON.stringify([style.colours, style.dpr]);
    const before = this.style?.scales ?? {};
    this.style = { ...style, patterns: isNew ? null : this.style.patterns };
    if (isNew) this.stamps = new Stamps(style.colours, style.dpr, makeCanvas);
    for (const tile of this.store.wanted()) {
      if (isNew || JSON.stringify(before[tile.kind]) !== JSON.stringify(style.scales[tile.kind])) this.paint(tile);
    }
    this.overlaySoon();
  }

  layer({ kind, query, by }) { this.store.ask(kind, query, by); this.overlaySoon(); }

  leave({ kind }) { this.store.leave(kind); this.overlaySoon(); }

  tile({ kind, z, x, y }) { this.store.want(kind, z, x, y); }

  drop({ kind, z, x, y }) { this.store.drop(kind, z, x, y); }

  retry({ kind }) { this.store.retry(kind); }

  refresh({ kind, codes }) { this.store.refresh(kind, codes); }

  look({ view }) { this.view = view; this.overlaySoon(0); }

  mark({ marks }) {
    const selected = Object.fromEntries(Object.entries(marks.selected ?? {}).map(([kind, codes]) => [kind, new Set(codes)]));
    this.marks = { ...marks, selected };
    this.overlaySoon(0);
  }

  pick({ id, spot, tolerance }) {
    const hits = this.view && this.style ? pick(this.store.covering(this.view), this.laid, this.laidIn ?? this.view, spot, tolerance, this.style.scales) : [];
    this.say({ did: 'pick', id, hits: hits.map(({ kind, code, props, group, cluster }) => ({ kind, code, props, group, cluster })) });
  }

  /** Answer with the box of a thing among the loaded tiles, in tile units of the world (0 … 1), or null. */
  locate({ id, kind, code }) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const tile of this.store.loaded(kind)) {
      const boxes = [...shapesOf(tile, code).map((shape) => shape.box), ...tile.marks.filter((mark) => mark.code === code).map(({ x, y }) => [x, y, x, y])];
      for (const [w, n, e, s] of boxes) {
        const world = [w, n, e, s].map((at, i) => ((i % 2 ? tile.y : tile.x) + at / 4096) / 2 ** tile.z);
        for (const i of [0, 1]) box[i] = Math.min(box[i], world[i]);
        for (const i of [2, 3]) box[i] = Math.max(box[i], world[i]);
      }
    }
    this.say({ did: 'locate', id, box: Number.isFinite(box[0]) ? box : null });
  }

  arrived(tile, how) {
    const { kind, z, x, y } = tile;
    if (how === 'failed') this.say({ did: 'failed', kind, z, x, y, status: tile.status });
    else this.paint(tile);
    this.say({ did: 'settled', kind, waiting: this.store.waiting(kind), failed: this.store.failed(kind) });
    this.overlaySoon();
  }

  /** A tile that came before the measure was asked is not repainted by it: its successor is on the way. */
  scaleOf(tile) {
    const scale = this.style.scales[tile.kind];
    return scale.mode === 'value' && tile.by !== scale.by ? { ...scale, mode: 'status', classes: [] } : scale;
  }

  /** One after the other, the newest wish for a tile only; between two, the page's words are heard. */
  paint(tile) {
    const turn = tile.turn = (tile.turn ?? 0) + 1;
    this.queue = this.queue.then(breath).then(() => (turn === tile.turn && tile.isWanted ? this.paintNow(tile, turn) : null));
  }

  async paintNow(tile, turn) {
    if (!this.style || !tile.shapes) return null;
    const { kind, z, x, y } = tile;
    const reply = (bitmap) => this.say({ did: 'tile', kind, z, x, y, bitmap }, this.isSliced || !bitmap ? [] : [bitmap]);
    if (!tile.shapes.length) return reply(null);
    const { dpr, colours } = this.style;
    const side = Math.round(SIDE * dpr);
    const canvas = this.isSliced ? makeCanvas(side, side) : (this.easel = this.easel?.width === side ? this.easel : makeCanvas(side, side));
    const ctx = canvas.getContext('2d');
    this.style.patterns ??= canvasPatterns(ctx, colours, dpr, makeCanvas);
    const brush = { colours, patterns: this.style.patterns, scale: this.scaleOf(tile), dpr, side: SIDE, far: z + 1 < 14.5 };
    await this.run(paintTile(ctx, tile, kind, brush));
    if (turn === tile.turn && tile.isWanted) return reply(this.bitmapOf(canvas));
    if (!this.isSliced) ctx.clearRect(0, 0, side, side);
    return null;
  }

  bitmapOf(canvas) {
    return canvas.transferToImageBitmap ? canvas.transferToImageBitmap() : canvas;
  }

  overlaySoon(wait = SOON) {
    if (this.timer && wait) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.timer = null; this.overlay(); }, wait);
  }

  overlay() {
    if (!this.view || !this.style) return;
    const { view, style } = this;
    const tiles = this.store.covering(view);
    const scales = { ...style.scales };
    for (const tile of tiles) scales[tile.kind] = scales[tile.kind].mode === 'value' ? this.scaleOf(tile) : scales[tile.kind];
    const w = Math.round(view.w * style.dpr);
    const h = Math.round(view.h * style.dpr);
    if (!this.isSliced && (this.sheet?.width !== w || this.sheet?.height !== h)) this.sheet = makeCanvas(w, h);
    const sheet = this.isSliced ? makeCanvas(w, h) : this.sheet;
    const ctx = sheet.getContext('2d');
    const { laid, isEmpty } = paintOverlay(ctx, tiles, view, { ...style, scales }, this.stamps, this.marks);
    this.laid = laid;
    this.laidIn = view; // the marks lie as they were last drawn, which is what the person sees
    const bitmap = isEmpty ? null : this.bitmapOf(sheet); // nothing to lay over costs no frame anything
    this.say({ did: 'overlay', bitmap, view, drawn: this.tally() }, this.isSliced || !bitmap ? [] : [bitmap]);
  }

  /** What the overlay shows by kind, for whoever counts: single marks and how many things stand in clusters. */
  tally() {
    const drawn = {};
    for (const { mark } of this.laid) {
      const of = drawn[mark.kind] ??= { marks: 0, clusters: 0, inClusters: 0 };
      if (mark.cluster) { of.clusters += 1; of.inClusters += mark.props.count; } else of.marks += 1;
    }
    return drawn;
  }
}
