// Every step of a drawing session, to take back and do again: strokes and choices in the page, saved operations on the server.
import { call, newKey } from './api.js';
import { offers } from './desk-tasks.js';

const MOST = 300;

export class Journal extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { steps: [], at: 0, isBusy: false });
  }

  get mayUndo() { return this.at > 0 && !this.isBusy; }

  get mayRedo() { return this.at < this.steps.length && !this.isBusy; }

  /** Keep a step: {before, after} (states of the desk) or {saved: {undo, redo}, before, after}; what was taken back is gone. */
  add(step) {
    this.steps = [...this.steps.slice(0, this.at), step].slice(-MOST);
    this.at = this.steps.length;
    this.dispatchEvent(new Event('change'));
  }

  /** Take the newest step back; return it, or null. Throw what the server says. */
  async undo() {
    if (!this.mayUndo) return null;
    const step = this.steps[this.at - 1];
    if (step.saved) await this.busy(() => step.saved.undo());
    this.at -= 1;
    this.dispatchEvent(new Event('change'));
    return step;
  }

  async redo() {
    if (!this.mayRedo) return null;
    const step = this.steps[this.at];
    if (step.saved) await this.busy(() => step.saved.redo());
    this.at += 1;
    this.dispatchEvent(new Event('change'));
    return step;
  }

  /** Forget every step: what was drawn has been saved. */
  clear() {
    this.steps = this.steps.filter((step) => step.saved);
    this.at = this.steps.length;
    this.dispatchEvent(new Event('change'));
  }

  async busy(work) {
    this.isBusy = true;
    this.dispatchEvent(new Event('change'));
    try {
      return await work();
    } finally {
      this.isBusy = false;
      this.dispatchEvent(new Event('change'));
    }
  }
}

const pathOf = (code) => `/zones/${encodeURIComponent(code)}`;

/** How a saved operation is taken back: {undo, redo}, or null where the server has no way. */
export function wayBack(state, codes, { created = null, put = null } = {}) {
  if (codes.length && offers('undo')) {
    let zones = codes;
    const back = async () => { zones = (await call('POST', '/zones/undo', { body: { zones }, key: newKey() })).data.zones; };
    return { undo: back, redo: back };
  }
  if (created) return { undo: () => end(created), redo: () => revive(created) };
  return put;
}

async function end(code) {
  const { etag } = await call('GET', pathOf(code));
  return call('DELETE', pathOf(code), { etag });
}

/** Let a retired zone hold again. */
export async function revive(code) {
  const { data, etag } = await call('GET', pathOf(code));
  const { kind, name } = data.properties;
  return call('PUT', pathOf(code), { etag, body: { type: 'Feature', geometry: data.geometry, properties: { kind, name, valid_to: null } } });
}
