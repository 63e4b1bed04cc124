// The tiles of one kind on the map: empty frames that the drawing room fills, so that the page itself only places pictures.
/* global L */
import { h } from './dom.js';

export const TileGrid = L.GridLayer.extend({
  options: { tileSize: 512, updateWhenZooming: false, updateWhenIdle: false, updateInterval: 120, keepBuffer: 1, minZoom: 1 },

  /** `desk` carries the words to the drawing room. */
  initialize(kind, desk, options) {
    L.setOptions(this, options);
    Object.assign(this, { kind, desk, frames: new Map() });
    this.on('tileunload', ({ coords }) => this.unload(coords));
  },

  createTile(coords, done) {
    const frame = h('div', { class: 'tile-frame' });
    frame.done = done;
    const at = { kind: this.kind, z: coords.z - 1, x: coords.x, y: coords.y };
    this.frames.set(this.frameKey(at), frame);
    this.desk.say({ do: 'tile', ...at });
    return frame;
  },

  unload(coords) {
    const at = { kind: this.kind, z: coords.z - 1, x: coords.x, y: coords.y };
    this.frames.delete(this.frameKey(at));
    this.desk.say({ do: 'drop', ...at });
  },

  frameKey: ({ z, x, y }) => `${z}/${x}/${y}`,

  /** Hang a picture into its frame (null: nothing there); what hung there before stays until this moment. */
  hang(at, picture) {
    const frame = this.frames.get(this.frameKey(at));
    if (!frame) return picture?.close?.();
    frame.classList.remove('tile-failed');
    if (!picture) frame.replaceChildren();
    else if (picture instanceof Element) frame.replaceChildren(picture);
    else {
      const canvas = frame.querySelector('canvas') ?? frame.appendChild(h('canvas', {}));
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext('bitmaprenderer').transferFromImageBitmap(picture);
    }
    return this.ready(frame);
  },

  /** A frame whose data did not come is hatched, so that an empty spot is no statement. */
  fail(at) {
    const frame = this.frames.get(this.frameKey(at));
    if (!frame) return;
    frame.classList.add('tile-failed');
    this.ready(frame);
  },

  ready(frame) {
    frame.done?.(null, frame);
    frame.done = null;
  },

  /** A jump without animation keeps what is there until the new is drawn, as a zoom does. */
  _invalidateAll() {},

  /** No fading: the new tile is there at once, and what lay below may go. */
  _tileReady(coords, error, frame) {
    const tile = this._tiles[this._tileCoordsToKey(coords)];
    if (!tile || !this._map) return;
    tile.loaded = Date.now();
    tile.active = true;
    frame.classList.add('leaflet-tile-loaded');
    this._pruneTiles();
    if (!this._noTilesToLoad()) return;
    this._loading = false;
    this.fire('load');
  },
});
