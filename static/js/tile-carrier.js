// A layer whose things travel as vector tiles: the drawing room paints, this only says what is wanted and hangs the pictures.
/* global L */
import { Problem } from './api.js';
import { deskOf } from './tile-desk.js';
import { TileGrid } from './tile-grid.js';

const PANE = { zones: 'zones', segments: 'segments' };

export class TileCarrier {
  constructor(layer) {
    this.layer = layer;
    this.spots = new Map();
    this.desk = deskOf(layer.map);
    this.desk.join(layer.kind, this);
    this.grid = new TileGrid(layer.kind, this.desk, { pane: PANE[layer.kind] ?? 'zones' });
  }

  get shown() { return this.layer.shown; }

  /** Bring the layer on the map or away, in its present colours. */
  draw() {
    const { layer, desk } = this;
    if (!layer.shown) return this.leave();
    desk.paintWith({ [layer.kind]: { ...layer.scale.now(), single: layer.single } });
    if (!this.isAsked) this.askTiles();
    if (!layer.map.hasLayer(this.grid)) this.grid.addTo(layer.map);
    return desk.look();
  }

  leave() {
    if (!this.isAsked) return;
    this.grid.remove();
    this.desk.tellFailed(this.layer.kind, 0);
    this.desk.say({ do: 'leave', kind: this.layer.kind });
    this.isAsked = false;
  }

  askTiles() {
    const { layer } = this;
    this.isAsked = true;
    this.desk.say({ do: 'layer', kind: layer.kind, query: layer.search(), by: layer.narrowing().by ?? 'status' });
  }

  /** Ask by the filter as it is now; the same question again only where `again` says that the city may have changed. */
  load(again) {
    const { layer } = this;
    if (!layer.shown || (!again && this.isAsked && !['idle', 'failed'].includes(layer.state))) return;
    const search = layer.search();
    if (layer.state !== 'ready') layer.enter('loading');
    const isSame = this.search === search;
    if (!isSame && this.isAsked) layer.enter('loading'); // whoever waits for the new picture hears when it is there
    this.search = search;
    this.draw();
    this.askTiles();
    if (again && isSame) this.desk.say({ do: 'refresh', kind: layer.kind, codes: null });
    if (layer.state === 'failed') this.desk.say({ do: 'retry', kind: layer.kind });
  }

  refreshCodes(codes) { this.desk.say({ do: 'refresh', kind: this.layer.kind, codes }); }

  hear(message) {
    if (message.did === 'tile') this.grid.hang(message, message.bitmap);
    if (message.did === 'failed') this.failed(message);
    if (message.did === 'settled') this.settled(message);
  }

  failed(message) {
    this.problem = new Problem(message.status);
    this.grid.fail(message);
  }

  settled({ waiting, failed }) {
    this.desk.tellFailed(this.layer.kind, this.layer.shown ? failed : 0);
    if (failed) this.layer.enter('failed', this.problem);
    else if (!waiting && this.layer.state !== 'ready') this.layer.enter('ready');
  }

  choose(props, latlng) {
    this.spots.set(String(props.code ?? props.issue_no), latlng);
    this.layer.choose(props, latlng);
  }

  pointed(code) { this.layer.pointed(code); }

  find() { return null; }

  middleOf(code) { return this.spots.get(code) ?? null; }

  /** Return the box of a thing among the tiles at hand, or null. */
  async locate(code) {
    const { box } = await this.desk.ask({ do: 'locate', kind: this.layer.kind, code });
    if (!box) return null;
    const at = (x, y) => this.layer.map.unproject([x * 256, y * 256], 0);
    return L.latLngBounds(at(box[0], box[3]), at(box[2], box[1]));
  }

  showMarks({ chosen, hovered, selected }) {
    const { desk, layer: { kind } } = this;
    const of = (code, name) => (code ? { kind, code } : desk.marks[name]?.kind === kind ? null : desk.marks[name]);
    desk.mark({ chosen: of(chosen, 'chosen'), hovered: of(hovered, 'hovered'), selected: { ...desk.marks.selected, [kind]: [...selected] } });
  }

  counts() { return null; }

  get isBusy() { return Boolean(this.grid._loading); }

  /** Wait until all that has come is painted, with the marks above it. */
  rest() { return this.desk.ask({ do: 'rest' }); }
}
