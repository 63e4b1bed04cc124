// One data layer of the map behind one face, whether its things travel as GeoJSON or as vector tiles.
import { query } from './api.js';
import { whenCalm } from './calm.js';
import { FeatureCarrier } from './layer-features.js';
import { page } from './page.js';
import { Scale, measureOf } from './scales.js';
import { state } from './state.js';

const BY_WINDOW = new Set(['issues']);
const SERVER_NARROWS = true;

/** Tell whether a layer holds so many things that they travel in tiles. */
export const isTiled = (kind) => (page.counts?.[kind] ?? 0) > (page.tiles_from ?? 2000);

const isAnyTiled = Object.keys(page.counts ?? {}).some(isTiled);
const { TileCarrier } = isAnyTiled ? await import('./tile-carrier.js') : {}; // a small city needs none of it

export class DataLayer extends EventTarget {
  constructor(map, kind, renderer) {
    super();
    Object.assign(this, { map, kind, shown: false, state: 'idle', problem: null, passes: () => true, marks: { chosen: null, hovered: null, selected: new Set() } });
    this.tiled = isTiled(kind);
    this.byWindow = this.tiled || BY_WINDOW.has(kind);
    this.scale = new Scale(kind);
    this.scale.addEventListener('change', () => { if (measureOf(kind)) this.draw(); this.tell(); });
    this.carrier = this.tiled ? new TileCarrier(this) : new FeatureCarrier(this, renderer);
    this.wireState();
  }

  /** What is at hand, of GeoJSON layers (for looking through names on the page). */
  get features() { return this.carrier.features ?? []; }

  wireState() {
    state.hear(['filters', 'on', 'by'], () => { this.box = null; if (this.shown) this.load(true); else this.state = 'idle'; });
    state.hear(['statuses'], () => { if (!this.shown) return; if (this.tiled) this.load(true); else { this.draw(); this.tell(); } });
    state.hear(['how', 'breaks'], () => { if (this.shown && measureOf(this.kind)) this.askScale(); });
    state.hear(['classes'], () => { if (this.shown) { this.draw(); this.tell(); } });
    document.addEventListener('themechange', () => { if (this.shown && !this.tiled && measureOf(this.kind)) this.draw(); });
  }

  /** Tell whether only one kind of zone is wanted: then a tiling kind is filled too. */
  get single() {
    const wanted = state.filter('kind');
    return this.kind === 'zones' && Boolean(wanted) && wanted !== 'all' && !wanted.includes(',');
  }

  /** Return the query of this layer; where the page filters by status itself, without it: then a tap needs no fetching. */
  narrowing(withStatus = this.tiled) {
    const asked = SERVER_NARROWS ? { ...state.narrowing(this.kind) } : {};
    if (!withStatus) delete asked.status;
    const by = measureOf(this.kind);
    return by ? { ...asked, by } : asked;
  }

  search(more = {}) { return query({ ...this.narrowing(), ...more }); }

  /** Fetch what the window needs; nothing where it is already here, unless `again`. */
  async load(again = false) {
    const ask = () => (again || !(this.scale.whole || this.scale.problem) ? this.askScale() : this.askWindow());
    if (measureOf(this.kind)) ask();
    else whenCalm(ask); // the things themselves come first
    return this.carrier.load(again);
  }

  /** Ask for breaks and counts where the page cannot tell them from what it holds. */
  askScale() {
    const own = this.narrowing(false);
    delete own.by;
    if (measureOf(this.kind) || this.byWindow) this.scale.ask(own);
    this.askWindow();
  }

  /** Ask for the counts of the window, where the legend tells them and the things are not all on the page. */
  askWindow() {
    if (!this.tiled || !this.wantsWindow) return;
    const own = this.narrowing(false);
    delete own.by;
    this.scale.ask(own, this.map.getBounds().toBBoxString());
  }

  /** Tell whether new counts can be taken as they are told: of all issues that count, in the colours of their status. */
  get takesCounts() {
    return this.shown && !this.tiled && this.kind !== 'issues' && this.state === 'ready' && !measureOf(this.kind)
      && !Object.keys(this.narrowing()).some((name) => name.startsWith('issue_'));
  }

  /** Take new counts of things as they were told with the change; nothing is fetched. */
  recount(told) {
    if (this.byWindow) this.askScale();
    this.carrier.recount(told);
  }

  /** Fetch just these things again; in their place, without a flicker. */
  async refreshCodes(codes) {
    if (!this.shown || this.state === 'idle') return;
    if (this.byWindow || measureOf(this.kind)) this.askScale();
    await this.carrier.refreshCodes(codes.map(String));
  }

  enter(name, problem = null) {
    this.state = name;
    this.problem = problem;
    this.tell();
  }

  tell() { this.dispatchEvent(new Event('change')); }

  /** Draw anew; `passes(kind, props)` is what the page itself can judge of the filters. */
  draw(passes) {
    if (passes) this.passes = passes;
    this.carrier.draw();
  }

  choose(props, latlng = null) { this.dispatchEvent(new CustomEvent('choose', { detail: { kind: this.kind, props, latlng } })); }

  /** The pointer is on a thing (or has left): whoever shows lists may want to know. */
  pointed(code) { this.dispatchEvent(new CustomEvent('hover', { detail: { kind: this.kind, code } })); }

  /** Count by status: of the window or of the whole; null while nobody knows yet. */
  counts(scope = this.tiled || !this.byWindow ? 'whole' : 'window') {
    if (this.tiled || (this.byWindow && scope === 'whole')) return this.scale[scope]?.statuses ?? null;
    return this.state === 'ready' || this.features.length ? this.carrier.counts(scope) : null;
  }

  /** Fly to a thing; return its properties, or null where it is not at hand. */
  find(code) { return this.carrier.find(String(code)); }

  /** Return where a thing is drawn ({lat, lng}), or null. */
  middleOf(code) { return this.carrier.middleOf(String(code)); }

  /** Mark one thing as chosen; null takes the mark away. */
  highlight(code) { this.mark({ chosen: code === null || code === undefined ? null : String(code) }); }

  /** Mark one thing as pointed at from elsewhere (a list); null takes the mark away. */
  hover(code) { this.mark({ hovered: code === null || code === undefined ? null : String(code) }); }

  /** Mark things as selected, these and no others. */
  select(codes) { this.mark({ selected: new Set([...codes].map(String)) }); }

  mark(marks) {
    Object.assign(this.marks, marks);
    this.carrier.showMarks(this.marks);
  }
}
