// What the viewer looks at: view, layers, filters, colouring, days, ground. One object, told to whoever asks, kept in the address.
import { page } from './page.js';

const LOCAL = ['frontage', 'estate']; // grids, communities and subdistricts lie under everything: drawn when asked for
const localInUse = (page.zone_kinds ?? []).some((row) => LOCAL.includes(row.code) && row.count !== 0);
const EVERYTHING = 'all';

/** Filters by the name they have in the interface and in the address. Empty is the default. */
export const FILTERS = ['type', 'kind', 'state', 'class', 'source', 'unit', 'division', 'grid', 'street', 'chief', 'not_seen_days', 'from', 'to', 'q', 'within', 'code'];
const OF_ISSUES = ['class', 'state', 'source', 'from', 'to'];
const ABOUT = {
  points: ['type', 'not_seen_days'], segments: [], zones: ['kind'], units: [], issues: ['type', ...OF_ISSUES],
};
const PLACES = ['unit', 'division', 'grid', 'street', 'chief', 'q', 'within', 'code'];
const PLAIN = ['by', 'how', 'breaks', 'on', 'and', 'base', 'show', 'list', 'at'];
const QUIET = new Set(['at', 'on', 'and', 'how', 'breaks', 'base', 'list']); // changes of these are no step to go back over
const DEFAULTS = {
  layers: ['points', 'segments', 'zones'], filters: {}, statuses: [], classes: [], by: 'status', how: '', breaks: '', on: '', and: '',
  base: '', show: '', list: '', at: '',
};

function fromAddress(search) {
  const asked = new URLSearchParams(search);
  const read = { ...DEFAULTS, filters: {} };
  for (const name of FILTERS) if (asked.get(name)) read.filters[name] = asked.get(name);
  if (asked.has('layers')) read.layers = asked.get('layers').split(',').filter((kind) => kind && kind !== 'none');
  if (asked.get('status')) read.statuses = asked.get('status').split(',').filter(Boolean);
  if (asked.get('classes')) read.classes = asked.get('classes').split(',').filter(Boolean); // of the legend: points:3
  for (const name of PLAIN) if (asked.get(name)) read[name] = asked.get(name);
  return read;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

class State extends EventTarget {
  constructor(search) {
    super();
    this.now = fromAddress(search);
    window.addEventListener('popstate', () => this.become(fromAddress(location.search)));
  }

  get(name) { return this.now[name]; }

  filter(name) { return this.now.filters[name] ?? ''; }

  /** Return the values of a filter that takes several. */
  many(name) { return this.filter(name).split(',').filter(Boolean); }

  /** Take new values; tell the listeners which names changed; keep them in the address. */
  set(values) {
    const changed = Object.keys(values).filter((name) => !same(this.now[name], values[name]));
    if (!changed.length) return;
    this.now = { ...this.now, ...values };
    this.keep(changed.some((name) => !QUIET.has(name)));
    this.tell(changed);
  }

  /** Set one filter; an empty value takes it away. */
  setFilter(name, value) {
    const filters = { ...this.now.filters };
    if (value) filters[name] = value;
    else delete filters[name];
    this.set({ filters });
  }

  /** Look at what another address says, without a new step to go back over; the place on the map stays unless it is told. */
  become(next) {
    if (!next.at) next.at = this.now.at;
    const changed = Object.keys(DEFAULTS).filter((name) => !same(this.now[name], next[name]));
    this.now = next;
    if (changed.length) this.tell(changed);
  }

  /** Go to a saved view: the part of an address behind its question mark. */
  goTo(search) {
    const next = fromAddress(search);
    this.set({ ...next, at: next.at || this.now.at });
  }

  tell(changed) { this.dispatchEvent(new CustomEvent('change', { detail: { changed: new Set(changed), now: this.now } })); }

  /** Call `heard(now, changed)` whenever one of the names changes. */
  hear(names, heard) {
    this.addEventListener('change', ({ detail }) => { if (names.some((name) => detail.changed.has(name))) heard(detail.now, detail.changed); });
  }

  /** Return the address of this very view. */
  address() {
    const kept = new URLSearchParams();
    const { now } = this;
    if (now.at) kept.set('at', now.at);
    if (now.layers.join() !== DEFAULTS.layers.join()) kept.set('layers', now.layers.join() || 'none');
    for (const [name, value] of Object.entries(now.filters)) if (value) kept.set(name, value);
    if (now.statuses.length) kept.set('status', now.statuses.join());
    if (now.classes.length) kept.set('classes', now.classes.join());
    for (const name of PLAIN) if (name !== 'at' && now[name] !== DEFAULTS[name]) kept.set(name, now[name]);
    const text = kept.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3B', ';').replaceAll('%3A', ':');
    return text ? `${location.pathname}?${text}` : location.pathname;
  }

  keep(asStep = false) {
    const address = this.address();
    if (address === location.pathname + location.search) return;
    history[asStep ? 'pushState' : 'replaceState'](history.state, '', address);
  }

  /** Return the query by which the server narrows a layer: the same names for map data, tiles, legend, lists and exports. */
  narrowing(kind) {
    const { filters, statuses, on } = this.now;
    const asked = {};
    for (const name of [...PLACES, ...ABOUT[kind]]) if (filters[name]) asked[name] = filters[name];
    if (kind !== 'issues') for (const name of OF_ISSUES) if (filters[name] && filters[name] !== EVERYTHING) asked[`issue_${name}`] = filters[name];
    if (kind === 'zones' && !asked.kind && localInUse) asked.kind = LOCAL.join();
    if (kind === 'issues' && !asked.state) asked.state = 'open';
    for (const name of ['kind', 'state']) if (asked[name] === EVERYTHING) delete asked[name];
    if (statuses.length) asked.status = statuses.join();
    if (on) asked.on = on;
    return asked;
  }
}

export const state = new State(location.search);

/** Tell whether a feature passes the statuses that are tapped in the legend; by all the rest the server has narrowed. */
export function passes(layer, props) {
  const statuses = state.get('statuses');
  return !statuses.length || statuses.includes(props.status ?? 'none');
}
