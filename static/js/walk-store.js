// What an inspector has done on this phone and the server may not know yet: per person and round, kept at every touch.
import { newKey } from './api.js';
import { person } from './outbox-send.js';

const PREFIX = 'civmap.walk.';
const KEPT_MS = 14 * 86_400_000;

/** The visits of one round (or of one point) on this phone: `drafts` by point code. */
export class Walk {
  constructor(name) {
    this.name = `${PREFIX}${person()}.${name}`;
    this.drafts = this.read();
    forgetOld();
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? '{}').drafts ?? {};
    } catch {
      return {};
    }
  }

  keep() {
    try {
      localStorage.setItem(this.name, JSON.stringify({ at: Date.now(), drafts: this.drafts }));
    } catch {
      // A full or forbidden store: what is tapped lives as long as the page; what is sent lies in the outbox.
    }
  }

  of(code) { return this.drafts[code] ?? null; }

  /** Begin a visit: its key is made here, so that it is one visit however often it is sent. */
  begin(code, place) {
    this.drafts[code] = { key: newKey(), point: code, arrived_at: new Date().toISOString(), place, findings: {}, left_at: null, outcome: 'visited', remark: '', issues: {} };
    this.keep();
    return this.drafts[code];
  }

  drop(code) {
    delete this.drafts[code];
    this.keep();
  }
}

function forgetOld() {
  for (const name of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
    try {
      if (Date.now() - JSON.parse(localStorage.getItem(name)).at > KEPT_MS) localStorage.removeItem(name);
    } catch {
      localStorage.removeItem(name);
    }
  }
}

/** How a stop stands: what this phone knows comes before what the server told last. */
export function stateOf(stop, draft) {
  if (!draft) return stop.state ?? 'planned';
  if (draft.outcome === 'skipped') return 'skipped';
  return draft.left_at ? 'done' : 'here';
}

/** Count the results of a draft: {pass, fail, na, judged}. */
export function countsOf(draft) {
  const said = Object.values(draft?.findings ?? {}).map(({ result }) => result);
  const of = (result) => said.filter((one) => one === result).length;
  return { pass: of('pass'), fail: of('fail'), na: of('na'), judged: said.length };
}
