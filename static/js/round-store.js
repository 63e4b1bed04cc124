// One round as the desk holds it: the server's truth, what the hand has just done to it, and what waits to be sent.
// Fires `change` (draw again), `refused` {problem}, `stale` {mine, theirs}, `settled`.
import { API, call, get, newKey } from './api.js';

const STARTED = new Set(['done', 'skipped', 'here']);

const copyOf = (route) => structuredClone(route);

/** Return the stops of a team in order. */
export const stopsOf = (route, team) => route.stops.filter((stop) => stop.team === team).sort((a, b) => a.position - b.position);

export const stopOf = (route, code) => route.stops.find((stop) => stop.code === code);

export const isStarted = (stop) => STARTED.has(stop.state);

function renumber(route, team) {
  const row = route.teams.find((one) => one.team === team);
  const codes = stopsOf(route, team).map((stop, index) => { stop.position = index + 1; return stop.code; });
  if (row) { row.stops = codes; row.isGuess = true; }
}

/** Put a stop to a place of a team's list (1-based, counted after it left its own), as the server will. */
export function putStop(route, code, team, position) {
  const stop = stopOf(route, code);
  const before = stop.team;
  stop.team = null;
  renumber(route, before);
  for (const other of stopsOf(route, team)) if (other.position >= position) other.position += 1;
  Object.assign(stop, { team, position, arrive_at: null, leave_at: null, leg_m: null, leg_min: null, wait_min: 0, is_late: false });
  renumber(route, team);
}

/** Take a stop out of a guess. */
export function dropStop(route, code) {
  const { team } = stopOf(route, code);
  route.stops = route.stops.filter((stop) => stop.code !== code);
  renumber(route, team);
}

export class Round extends EventTarget {
  constructor(code) {
    super();
    Object.assign(this, { code, path: `/routes/${encodeURIComponent(code)}`, truth: null, shown: null, etag: null, waiting: [], isBusy: false, done: [], undone: [], signature: '' });
  }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  get isSettled() { return !this.isBusy && !this.waiting.length; }

  /** Ask the server; tell nobody where nothing changed. */
  async load() {
    const { data, etag } = await get(this.path);
    if (!this.isSettled || data.version < (this.truth?.version ?? 0)) return; // older than what the hand has done
    this.take(data, etag);
  }

  take(data, etag) {
    const signature = JSON.stringify(data);
    this.etag = etag ?? this.etag;
    this.truth = data;
    if (signature === this.signature && this.shown && !this.waiting.length && !this.wasGuess) return;
    this.signature = signature;
    this.show();
  }

  /** Show the truth with what is still on its way done to it. */
  show() {
    this.shown = copyOf(this.truth);
    this.wasGuess = this.waiting.length > 0;
    for (const { guess } of this.waiting) guess?.(this.shown);
    this.tell('change', this.shown);
  }

  /** Do something: `{verb, body, guess(route), method, isUndo}`; it is drawn at once and sent after what came before it. */
  change(act) {
    this.waiting.push({ key: newKey(), ...act });
    this.show();
    this.next();
  }

  /** Replace the last act that still waits where it is of the same stop: keys that are held down are one move. */
  again(act) {
    const last = this.waiting.at(-1);
    if (last && !last.isSent && last.verb === act.verb && last.of === act.of) this.waiting.pop();
    this.change(act);
  }

  async next() {
    if (this.isBusy || !this.waiting.length) return;
    const act = this.waiting[0];
    const pause = act.pause ?? 0;
    if (pause && !act.isRipe) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { if (this.waiting[0] === act) act.isRipe = true; this.next(); }, pause);
      return;
    }
    this.isBusy = true;
    act.isSent = true;
    try {
      const { data, etag } = await this.send(act);
      this.waiting.shift();
      this.remember(act);
      this.take(data, etag);
      act.done?.(data);
    } catch (problem) {
      await this.failed(act, problem);
    }
    this.isBusy = false;
    if (this.waiting.length) this.next();
    else this.tell('settled');
  }

  send({ method = 'POST', verb, body = {}, key }) {
    return call(method, verb ? `${this.path}/${verb}` : this.path, { body, key, etag: this.etag });
  }

  /** Ask what an act would make of the plan; nothing is written. */
  async preview(verb, body, signal) {
    const { data } = await call('POST', `${this.path}/${verb}?preview=true`, { body, key: newKey(), etag: this.etag, signal });
    return data;
  }

  remember(act) {
    if (act.verb === 'undo') { const last = this.done.pop(); if (last) this.undone.push(last); } else if (!act.isRedo) this.undone = [];
    if (act.verb !== 'undo' && act.isKept !== false) this.done.push(act);
  }

  async failed(act, problem) {
    this.waiting = [];
    if (problem.status === 412 || problem.status === 409) {
      const mine = copyOf(this.shown);
      const base = this.truth;
      try {
        const { data, etag } = await get(this.path);
        this.take(data, etag);
        if (problem.status === 412) { this.tell('stale', { act, mine, base, theirs: data, problem }); return; }
      } catch { /* the refusal itself is told */ }
    }
    this.show();
    this.tell('refused', { problem, act });
  }

  undo() { this.change({ verb: 'undo' }); }

  redo() {
    const act = this.undone.pop();
    if (act) this.change({ ...act, key: newKey(), isRedo: true, isSent: false });
  }

  /** Fetch the ways of every leg; null where they cannot be had. */
  async legs() {
    try {
      const answer = await fetch(`${API}${this.path}/legs`, { headers: { Accept: 'application/json' } });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }
}
