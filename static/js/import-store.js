// One import as the page holds it: the server's truth, what is still to be sent, and the asking while it works.
// Fires `change`, `away` / `back` (the server cannot be reached), `refused` {problem, again}, `others` (somebody else has changed it).
import { call, get, newKey } from './api.js';
import { RUNNING } from './import-looks.js';

const BEAT = 700;
const AT_REST = 8000;
const SLOW = 4000;
const KEPT = ['layout', 'crs', 'counts', 'codes', 'aside', 'quality'];

export class Conversation extends EventTarget {
  constructor(code) {
    super();
    Object.assign(this, { code, path: `/imports/${encodeURIComponent(code)}`, truth: null, etag: null, jobs: [], isBusy: false, isAway: false, mine: new Set() });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.ask(); });
  }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  get isRunning() { return RUNNING.has(this.truth?.state); }

  can(verb) { return Boolean(this.truth?.can?.includes(verb)); }

  /** Ask the server, and again later: soon while it works, now and then at rest. */
  async ask() {
    clearTimeout(this.timer);
    if (!this.isBusy) {
      try {
        const { data, etag } = await get(this.path);
        if (this.isAway) { this.isAway = false; this.tell('back'); }
        if (!this.isBusy) this.take(data, etag);
      } catch (problem) {
        if (problem.status === 404 || problem.status === 403 || problem.status === 401) { this.tell('gone', problem); return; }
        this.isAway = true;
        this.tell('away', problem);
      }
    }
    const pause = this.isAway ? SLOW : this.isRunning ? BEAT : AT_REST;
    this.timer = setTimeout(() => this.ask(), document.hidden ? Math.max(pause, AT_REST) : pause);
  }

  /** Take what the server says; what it leaves out while it works is still what was known before. */
  take(data, etag) {
    const before = this.truth;
    if (before && data.version < before.version) return;
    const kept = Object.fromEntries(KEPT.map((name) => [name, data[name] ?? before?.[name] ?? null]));
    const isStranger = before && data.version !== before.version && !this.mine.has(data.version) && !RUNNING.has(before.state) && !this.isBusy;
    if (data.state === 'reading') for (const name of KEPT) kept[name] = before?.[name] ?? (name === 'counts' ? null : kept[name]); // half a reading says nothing yet
    this.truth = { ...data, ...kept };
    this.etag = etag ?? this.etag;
    this.tell('change', { before });
    if (isStranger) this.tell('others');
    if (this.jobs.length) this.next();
  }

  /** Change how the table is read: `{kind, sheet, crs, columns}`; what waits is put together and sent as one. */
  wish(change) {
    const { columns, ...others } = change;
    const last = this.jobs.find((job) => job.method === 'PATCH') ?? this.add('PATCH', '', {});
    Object.assign(last.body, others);
    if (columns) last.body.columns = { ...last.body.columns, ...columns };
    this.next();
  }

  /** Accept or take back repairs of a code in some rows or all, or type values into cells; alike ones are sent as one. */
  repair(body) {
    const last = this.jobs.at(-1);
    const isSame = last?.verb === 'repairs' && last.body.code === body.code && last.body.accept === body.accept && Boolean(last.body.rows) === Boolean(body.rows);
    if (isSame && body.rows) last.body.rows = [...new Set([...last.body.rows, ...body.rows])];
    else if (isSame && body.values) for (const [row, values] of Object.entries(body.values)) last.body.values[row] = { ...last.body.values[row], ...values };
    else this.add('POST', 'repairs', structuredClone(body));
    this.next();
  }

  add(method, verb, body) {
    const job = { method, verb, body };
    this.jobs.push(job);
    return job;
  }

  get isWaiting() { return this.isBusy || this.jobs.length > 0; }

  /** Send what waits, one after the other, whenever the server is ready for it. */
  async next() {
    this.tell('change', { before: this.truth });
    if (!this.jobs.length || this.isBusy || !(this.can('change') || this.can('repair'))) return;
    const { method, verb, body } = this.jobs.shift();
    await this.send(method, verb, body, { again: () => { this.add(method, verb, body); this.next(); } });
  }

  /** Send something against the version that is seen; return whether it was taken. */
  async send(method, verb, body, { again } = {}) {
    this.isBusy = true;
    let isDone = false;
    try {
      const { data, etag } = await call(method, verb ? `${this.path}/${verb}` : this.path, { body, key: newKey(), etag: this.etag });
      this.isBusy = false;
      isDone = true;
      this.mine.add(data.version);
      if (data.state) this.take(data, etag);
    } catch (problem) {
      this.isBusy = false;
      const now = problem.body?.current;
      if (now?.state) { this.mine.add(now.version); this.take(now, problem.etag); }
      this.jobs = [];
      this.tell('refused', { problem, again });
    }
    this.ask();
    return isDone;
  }

  confirm() { return this.send('POST', 'confirm', {}); }

  undo() { return this.send('POST', 'undo', {}); }

  drop() { return this.send('DELETE', ''); }

  halt() { return this.send('POST', 'halt', {}); }

  /** Ask for rows under a filter: `{show, code, after, limit}`. */
  async rows(query, signal) {
    const filled = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
    return (await get(`${this.path}/rows?${new URLSearchParams(filled)}`, { signal })).data;
  }

  async places(query, signal) {
    const filled = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
    return (await get(`${this.path}/map.geojson?${new URLSearchParams(filled)}`, { signal })).data;
  }
}
