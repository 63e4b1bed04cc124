// How a layer is coloured: by status or by a measure, in which classes; breaks and counts come from the server, so every carrier agrees.
import { get, query } from './api.js';
import { page } from './page.js';
import { MOST_CLASSES, stepsFor } from './ramps.js';
import { state } from './state.js';

/** Return the measures that make sense for a layer, `status` first. */
export const measuresOf = (kind) => page.measures?.[kind] ?? ['status'];

/** Return the mode of a layer now: status, value, or neutral where another layer is being measured. */
export function modeOf(kind) {
  const by = state.get('by') || 'status';
  if (by === 'status' || kind === 'issues') return 'status';
  return measuresOf(kind).includes(by) ? 'value' : 'neutral';
}

/** Return the name of the measure a layer is asked with, or '' for its status alone. */
export const measureOf = (kind) => (modeOf(kind) === 'value' ? state.get('by') : '');

/** Return the classes of a layer that the legend's taps have left; none means all. */
export const classesOf = (kind) => (state.get('classes') ?? []).filter((each) => each.startsWith(`${kind}:`)).map((each) => Number(each.split(':')[1]));

export const BEYOND = 1e6; // the open end of limits that a person sets

/** Return the limits a person has set as breaks: from nothing on, with an open end. */
export function ownBreaks(text) {
  const inner = text.split(',').filter(Boolean).map(Number);
  if (!inner.length) return '';
  return [...(inner[0] > 0 ? [0] : []), ...inner, BEYOND].join();
}

export class Scale extends EventTarget {
  constructor(kind) {
    super();
    Object.assign(this, { kind, whole: null, window: null, problem: null });
  }

  /** Ask for breaks and counts, of everything or of a window; the last question counts. */
  async ask(narrowing, bbox = '') {
    const part = bbox ? 'window' : 'whole';
    const by = measureOf(this.kind) || 'status';
    const asked = { ...narrowing, kind: this.kind, by, bbox };
    if (narrowing.kind) asked[this.kind === 'zones' ? 'zone_kind' : 'kind'] = narrowing.kind;
    if (by !== 'status') Object.assign(asked, { how: state.get('how') || 'quantile', classes: MOST_CLASSES, breaks: '' });
    if (asked.how === 'fixed') Object.assign(asked, state.get('breaks') ? { breaks: ownBreaks(state.get('breaks')) } : { how: 'equal' });
    delete asked.status;
    this.aborts ??= {};
    this.aborts[part]?.abort();
    const abort = this.aborts[part] = new AbortController();
    try {
      const { data } = await get(`/legend${query(asked)}`, { signal: abort.signal });
      this[part] = { ...data, by };
      this.problem = null;
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.problem = error;
      this[part] = null;
    }
    this.dispatchEvent(new Event('change'));
  }

  /** Return how to draw now: {mode, by, breaks, steps, statuses, classes}; a measure whose breaks are not here yet waits as status. */
  now() {
    const told = this.whole ?? this.window;
    const by = measureOf(this.kind);
    const common = { statuses: state.get('statuses'), classes: [] };
    if (!by) return { ...common, mode: modeOf(this.kind), by: 'status', breaks: [], steps: [] };
    if (told?.by !== by) return { ...common, mode: 'status', by: 'status', breaks: [], steps: [], waits: true };
    const breaks = told.breaks ?? [];
    return { ...common, mode: 'value', by, breaks, steps: stepsFor(by, Math.max(0, breaks.length - 1)), classes: classesOf(this.kind) };
  }
}
