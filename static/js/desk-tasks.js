// What one can do with zones, as data: what a task still needs, and the request that carries it out. No page, no map.
import { page } from './page.js';
import { geometryOf } from './sketch.js';

/** The tasks in the order of the menu; `op` is the operation of the interface that must be there. */
export const TASKS = {
  new: { op: null, icon: 'pen', form: 'area' },
  reshape: { op: null, icon: 'reshape', form: 'area', zones: 1 },
  split: { op: 'split', icon: 'split', form: 'line', zones: 1 },
  merge: { op: 'merge', icon: 'merge', zones: 2, more: true },
  fill: { op: 'fill', icon: 'fill' },
  give: { op: 'give', icon: 'give', form: 'line', zones: 2 },
  trim: { op: 'trim', icon: 'trim', zones: 1 },
  halve: { op: 'halve', icon: 'halve', zones: 2 },
};
export const HOWS = ['line', 'street', 'parts'];
export const BYS = ['area', 'issues', 'doors'];

export const offers = (op) => op === null || (page.zone_ops ?? []).includes(op);
export const kindOf = (code) => (page.zone_kinds ?? []).find((row) => row.code === code) ?? { code, name: code };

/** A task from its beginning. */
export const begin = (task, more = {}) => ({ task, zones: [], sketch: null, spot: null, how: 'line', parts: 2, by: 'area', street: null, to: null, keep: null, kind: 'grid', neighbours: 'follow', versions: {}, halve: null, ...more });

const drawn = (state) => Boolean(state.sketch?.done);

/** What is to be done next: one word per sentence of the panel. */
export function nextStep(state) {
  const { task, zones } = state;
  const { zones: needed = 0, form } = TASKS[task];
  if (zones.length < needed) return zones.length ? `${task}_other` : task === 'merge' || task === 'halve' ? `${task}_first` : 'pick';
  if (task === 'new') return drawn(state) ? 'ready' : 'draw_area';
  if (task === 'reshape') return state.isChanged ? 'ready' : 'edit';
  if (task === 'split') {
    if (state.how === 'line') return drawn(state) ? 'ready' : 'draw_split';
    return state.how === 'parts' || state.street ? 'ready' : 'pick_street';
  }
  if (task === 'fill') return state.spot ? (state.to === 'ask' ? 'fill_to' : 'ready') : 'tap_gap';
  return form && !drawn(state) ? 'draw_give' : 'ready';
}

/** Tell whether a step waits for a tap on a thing of the map. */
export const isPicking = (step) => ['pick', 'merge_first', 'merge_other', 'halve_first', 'halve_other', 'give_other', 'pick_street', 'tap_gap', 'fill_to'].includes(step);

const at = (code, op) => `/zones/${encodeURIComponent(code)}/${op}`;

function cutOf(state) {
  if (state.how === 'parts') return { parts: state.parts, by: state.by };
  if (state.how === 'street') return state.street.code ? { segment: state.street.code } : { road: state.street.name };
  return { line: geometryOf(state.sketch) };
}

/** The request of a task that is ready: {method, path, body}; `feature` is the new or changed zone as the form tells it. */
export function requestOf(state, feature) {
  const [first, second] = state.zones.map((zone) => zone.code);
  const geometry = geometryOf(state.sketch);
  const by = {
    new: () => (state.halve ? ['/zones/halve', { feature, with: state.halve }] : ['/zones', feature]),
    reshape: () => (offers('reshape') ? [at(first, 'reshape'), { geometry, neighbours: state.neighbours }] : [`/zones/${encodeURIComponent(first)}`, feature, 'PUT']),
    split: () => [at(first, 'split'), cutOf(state)],
    merge: () => ['/zones/merge', { zones: state.zones.map((zone) => zone.code), keep: state.keep ?? first }],
    fill: () => ['/zones/fill', { kind: state.kind, lon: state.spot[0], lat: state.spot[1], to: state.to }],
    give: () => [at(first, 'give'), { to: second, line: geometry }],
    trim: () => [at(first, 'trim'), {}],
    halve: () => ['/zones/halve', { a: first, b: second }],
  };
  const [path, body, method = 'POST'] = by[state.task]();
  return { method, path, body };
}

/** Tell whether a request is looked at before it is carried out: all that move a border. */
export const hasPreview = (request) => !request.isPlain;

/** Tell whether a request is an operation (its body carries the versions that were seen), not a zone written as a whole. */
export const isOperation = (request) => request.method === 'POST' && request.path !== '/zones';

/** What is kept of a task in a draft or for taking a step back: plain data. */
export const plain = (state) => JSON.parse(JSON.stringify(state));
