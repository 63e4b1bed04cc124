// What is selected, per kind: codes with their status. The map, the list and the bar listen; a lost selection can be taken back.
import { state } from './state.js';

const SHELF = 'civmap.selection';
export const KINDS = ['issues', 'points', 'segments', 'zones', 'units'];

class Selection extends EventTarget {
  constructor() {
    super();
    this.kinds = new Map(KINDS.map((kind) => [kind, new Map()]));
    this.before = null;
    this.recall();
  }

  of(kind) { return this.kinds.get(kind); }

  codes(kind) { return [...this.of(kind).keys()]; }

  has(kind, code) { return this.of(kind).has(String(code)); }

  get size() { return [...this.kinds.values()].reduce((sum, each) => sum + each.size, 0); }

  /** Add `[code, status]` pairs of a kind. */
  add(kind, pairs) {
    for (const [code, status] of pairs) this.of(kind).set(String(code), status ?? 'none');
    this.tell();
  }

  remove(kind, codes) {
    for (const code of codes) this.of(kind).delete(String(code));
    this.tell();
  }

  toggle(kind, code, status) {
    if (this.has(kind, code)) this.remove(kind, [code]);
    else this.add(kind, [[code, status]]);
  }

  /** Put other pairs in place of everything; what was there can be taken back. */
  become(byKind) {
    this.keepBefore();
    for (const kind of KINDS) this.kinds.set(kind, new Map((byKind[kind] ?? []).map(([code, status]) => [String(code), status ?? 'none'])));
    this.tell();
  }

  clear(kind) {
    this.keepBefore();
    for (const each of kind ? [kind] : KINDS) this.of(each).clear();
    this.tell();
  }

  keepBefore() { if (this.size) this.before = new Map([...this.kinds].map(([kind, codes]) => [kind, new Map(codes)])); }

  /** Take the selection back as it was before it was cleared or replaced. */
  undo() {
    if (!this.before) return;
    this.kinds = this.before;
    this.before = null;
    this.tell();
  }

  /** Learn anew how the selected things stand; those that are not told any more drop out. */
  freshen(kind, pairs) {
    this.kinds.set(kind, new Map(pairs.map(([code, status]) => [String(code), status])));
    this.tell();
  }

  tell() {
    try {
      sessionStorage.setItem(SHELF, JSON.stringify(KINDS.map((kind) => [kind, [...this.of(kind)]])));
    } catch { /* a selection too long for the shelf lives in this page only */ }
    this.dispatchEvent(new Event('change'));
  }

  /** After a reload of the page the selection is there again; another visit starts without one. */
  recall() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(SHELF) ?? '[]');
      if (performance.getEntriesByType('navigation')[0]?.type !== 'reload') return;
      for (const [kind, pairs] of kept) if (this.kinds.has(kind)) this.kinds.set(kind, new Map(pairs));
    } catch { /* nothing readable was kept */ }
  }
}

export const selection = new Selection();

/** Return the kind that the list shows, or that most of the selection is of. */
export function leadingKind() {
  const listed = state.get('list');
  if (listed && selection.of(listed)?.size) return listed;
  return KINDS.reduce((best, kind) => (selection.of(kind).size > selection.of(best).size ? kind : best), KINDS[0]);
}
