// The third step: all rows, filtered, a page at a time, on the map and in the table in step; groups of problems with their repair.
import { $, h, icon, notice, put } from './dom.js';
import { drawCards } from './import-cards.js';
import { RowMap } from './import-map.js';
import { keepingFocus, markOf } from './import-looks.js';
import { page } from './page.js';
import { drawTable } from './import-table.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const SHOWS = [['all', 'rows', null], ['problems', 'problems', 'error'], ['warnings', 'warnings', 'warning'], ['created', 'created', 'create'], ['updated', 'updated', 'update'], ['unchanged', 'unchanged', 'unchanged']];
const [DESK, HAND] = [100, 20];
const MOST_PLACES = 5000;
const WIDE = 14; // columns from which those that are not taken are hidden at first
const NARROW = matchMedia('(max-width: 760px)');
const LINKS = { points: 'points', units: 'units', zones: 'zones', segments: 'segments', issues: 'issues', shops: 'units' };

/** Return how many rows of a code a repair is still to be had for. */
const openRepairs = (code) => Math.max(0, (code.repairs ?? code.rows) - (code.accepted ?? 0));

export function sentence({ counts }) {
  if (!counts) return '';
  if (!counts.rows) return t('js.import.rows.none');
  if (!counts.problems && !counts.warnings) return t('js.import.rows.clear', { n: amount(counts.rows) });
  return t(counts.problems ? 'js.import.rows.said' : 'js.import.rows.warned', { n: amount(counts.rows), problems: amount(counts.problems), warnings: amount(counts.warnings) });
}

export class Rows {
  constructor(store) {
    Object.assign(this, { store, show: null, code: '', back: [], after: 0, page: null, chosen: null, withLeft: null, isTyping: false, seen: '' });
    this.map = new RowMap({ choose: (row) => this.choose(row, { from: 'map' }) });
    NARROW.addEventListener('change', () => { this.seen = ''; this.draw(this.truth); });
  }

  get query() { return { show: this.show, code: this.code, after: this.after || '', limit: NARROW.matches ? HAND : DESK }; }

  /** Draw what the import says of its rows and ask for the page that is looked at. */
  draw(truth) {
    this.truth = truth;
    const { counts, layout } = truth;
    if (!counts || !layout) return;
    this.show ??= counts.problems ? 'problems' : 'all';
    if (this.code && !truth.codes?.some((one) => one.code === this.code)) Object.assign(this, { code: '', show: counts.problems ? 'problems' : 'all', after: 0, back: [] });
    this.withLeft ??= layout.headings.length < WIDE;
    this.drawCodes();
    this.drawFilter();
    const signature = JSON.stringify([truth.version, truth.state, this.query, this.withLeft]);
    if (signature !== this.seen) { this.seen = signature; this.ask(); }
  }

  async ask() {
    this.running?.abort();
    this.running = new AbortController();
    const { signal } = this.running;
    $('imp-rows-box').setAttribute('aria-busy', 'true');
    try {
      this.page = await this.store.rows(this.query, signal);
      if (!this.page.rows.length && this.after) { this.go(0); return; }
      this.drawPage();
      const where = JSON.stringify([this.truth.version, this.show, this.code]);
      if (where !== this.where) {
        this.where = where;
        this.map.draw(await this.store.places({ show: this.show, code: this.code, limit: MOST_PLACES }, signal));
      }
      $('imp-map-side').hidden = this.map.isEmpty;
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      this.seen = '';
      put($('imp-rows-box'), notice('bad', h('p', {}, problem.message), h('button', { type: 'button', class: 'button button-small', onclick: () => this.draw(this.truth) }, t('js.import.ask_again'))));
    }
    $('imp-rows-box').removeAttribute('aria-busy');
    document.body.dataset.rows = `${this.truth.version}:${this.show}:${this.page?.total}`;
  }

  /** Filter: shows and codes start at the first page. */
  filter(show, code = '') {
    Object.assign(this, { show, code, after: 0, back: [] });
    this.draw(this.truth);
  }

  go(after, back = []) {
    Object.assign(this, { after, back });
    this.draw(this.truth);
    $('imp-rows-head').scrollIntoView({ block: 'start' });
  }

  drawCodes() {
    const { codes, kind } = this.truth;
    const canRepair = this.store.can('repair');
    const one = (code) => {
      const open = code.rows - (code.accepted ?? 0);
      const look = code.severity === 'warning' ? 'warning' : 'error';
      const fix = canRepair && code.repair && openRepairs(code) > 0 ? h('button', { type: 'button', class: 'button button-small button-main', 'data-key': `codefix:${code.code}`, onclick: () => this.acceptAll(code.code, true) }, icon('check'), t('js.import.fix.all', { n: amount(openRepairs(code)) })) : null;
      const back = canRepair && code.accepted ? h('button', { type: 'button', class: 'button button-small', 'data-key': `codeback:${code.code}`, onclick: () => this.acceptAll(code.code, false) }, icon('undo'), t('js.import.fix.back_all', { n: amount(code.accepted) })) : null;
      const isShown = this.code === code.code;
      const look_at = h('button', { type: 'button', class: 'button button-small', 'data-key': `codeshow:${code.code}`, 'aria-pressed': String(isShown), onclick: () => (isShown ? this.filter('all') : this.filter('all', code.code)) }, isShown ? t('js.import.show_all') : t('js.import.show_rows'));
      return h('li', { class: `imp-code is-${open > 0 ? look : 'done'} ${isShown ? 'is-shown' : ''}`, 'data-code': code.code }, open > 0 ? markOf(look, t(`js.import.severity.${look}`)) : icon('check'),
        h('span', { class: 'imp-code-words' }, h('b', {}, code.message), h('span', { class: 'quiet number' }, code.accepted ? t('js.import.code_rows_done', { n: amount(code.rows), done: amount(code.accepted) }) : t('js.import.code_rows', { n: amount(code.rows) }), code.severity === 'warning' ? ` · ${t('js.import.comes_in')}` : '')),
        h('span', { class: 'actions' }, fix, back, look_at));
    };
    keepingFocus($('imp-codes'), () => put($('imp-codes'), codes?.length ? h('ul', { class: 'imp-code-list', 'aria-label': t('js.import.codes') }, codes.map(one)) : null));
    this.kind = kind;
  }

  drawFilter() {
    const { counts, layout } = this.truth;
    const left = layout.headings.filter((one) => !one.field && one.heading).length;
    const tabs = SHOWS.filter(([name, of]) => name === 'all' || counts[of] || this.show === name).map(([name, of, look]) => h('button', { type: 'button', class: 'imp-tab', 'data-key': `rows:${name}`, 'aria-pressed': String(this.show === name && !this.code), onclick: () => this.filter(name) }, look ? markOf(look) : null, t(`js.import.rows.${name}`), h('b', { class: 'number' }, amount(counts[of] ?? 0))));
    const check = left ? h('label', { class: 'check imp-left' }, h('input', { type: 'checkbox', checked: this.withLeft, 'data-key': 'left', onchange: ({ target }) => { this.withLeft = target.checked; this.draw(this.truth); } }), h('span', {}, t('js.import.with_left', { n: amount(left) }))) : null;
    keepingFocus($('imp-filter'), () => put($('imp-filter'), tabs, check));
  }

  /** Draw the page, but never under the hand of somebody who types. */
  drawPage() {
    if (this.isTyping) { this.isLate = true; return; }
    this.isLate = false;
    const box = $('imp-rows-box');
    const { rows } = this.page;
    if (!rows.length) put(box, h('p', { class: 'empty' }, t(this.truth.counts.rows ? 'js.import.none_here' : 'js.import.rows.none')));
    else (NARROW.matches ? drawCards : drawTable)(box, rows, this.truth.layout, this.withLeft, this.acts());
    this.drawPager();
  }

  drawPager() {
    const { rows, next, total } = this.page;
    const [first, last] = [rows[0]?.row, rows.at(-1)?.row];
    const jump = total > rows.length ? h('form', { class: 'imp-jump', onsubmit: (event) => { event.preventDefault(); const row = Number(event.target.elements.row.value); if (row >= 1) this.go(Math.max(0, row - 1), []); } },
      h('label', {}, h('span', {}, t('js.import.jump')), h('input', { class: 'input number', name: 'row', type: 'number', min: 1, inputmode: 'numeric', 'data-key': 'jump' })), h('button', { class: 'button button-small', 'data-key': 'go' }, t('js.import.go'))) : null;
    keepingFocus($('imp-pager'), () => put($('imp-pager'),
      h('span', { class: 'quiet number', role: 'status' }, rows.length ? t('js.import.page', { first: amount(first), last: amount(last), total: amount(total) }) : ''),
      this.after ? h('button', { type: 'button', class: 'button button-small', 'data-key': 'prev', onclick: () => this.go(this.back.at(-1) ?? 0, this.back.slice(0, -1)) }, t(this.back.length ? 'js.import.prev' : 'js.import.first')) : null,
      next ? h('button', { type: 'button', class: 'button button-small', 'data-key': 'next', onclick: () => this.go(next, [...this.back, this.after]) }, t('js.import.next')) : null, jump));
  }

  acts() {
    const { layout, kind, state } = this.truth;
    const names = new Map(layout.fields.map((field) => [field.field, field.name]));
    return { kind, canRepair: this.store.can('repair'), chosen: this.chosen, fieldName: (field) => names.get(field) ?? page.field_names?.['*']?.[field] ?? field, hasField: (field) => names.has(field),
      accept: (row, problem, is) => this.accept(row, problem, is), type: (row, values) => this.type(row, values), choose: (row, isFar) => this.choose(row, { isFar }), typing: (is) => this.typing(is),
      wayTo: state === 'saved' && LINKS[kind] ? (row) => { const code = row.thing ?? row.values?.code ?? row.values?.issue_no; return code && row.did !== 'refused' ? `/${LINKS[kind]}/${encodeURIComponent(code)}` : null; } : null };
  }

  typing(is) {
    this.isTyping = is;
    if (!is && this.isLate) queueMicrotask(() => this.drawPage());
  }

  /** Show at once what was decided; the server's answer replaces it. */
  guess(change) {
    for (const row of this.page?.rows ?? []) change(row);
    this.drawPage();
  }

  accept(row, problem, is) {
    this.guess((one) => { if (one.row === row.row) for (const each of one.problems) if (each.code === problem.code) each.accepted = is; });
    this.store.repair({ code: problem.code, rows: [row.row], accept: is });
    if (is) this.offerBack(t('js.import.fixed_row', { row: row.row }), { code: problem.code, rows: [row.row], accept: false });
  }

  acceptAll(code, is) {
    const one = this.truth.codes.find((each) => each.code === code);
    this.guess((row) => { for (const each of row.problems) if (each.code === code && each.repair) each.accepted = is; });
    this.store.repair({ code, accept: is });
    if (is) this.offerBack(t('js.import.fixed_all', { n: amount(openRepairs(one)) }), { code, accept: false });
  }

  type(row, values) {
    const before = Object.fromEntries(Object.keys(values).map((field) => [field, row.typed?.[field] ?? null]));
    this.guess((one) => { if (one.row === row.row) one.typed = Object.fromEntries(Object.entries({ ...one.typed, ...values }).filter(([, text]) => text !== null)); });
    this.store.repair({ values: { [row.row]: values } });
    if (Object.values(values).some((text) => text !== null)) this.offerBack(t('js.import.typed_row', { row: row.row }), { values: { [row.row]: before } });
  }

  /** Only the last decision is offered back in words: the others can be taken back at their rows. */
  offerBack(words, body) {
    this.away?.();
    this.away = toast(words, { act: { label: t('js.undo'), run: () => this.store.repair(body) } });
  }

  /** Choose a row: on the map from the table, in the table from the map, on whatever page it stands. */
  choose(row, { from = 'table', isFar = false } = {}) {
    if (this.chosen === row && from === 'table' && !isFar) return;
    this.chosen = row;
    this.map.choose(row, { fly: from === 'table' || isFar });
    if (isFar) $('imp-map-side').scrollIntoView({ block: 'nearest' });
    if (from === 'map' && !this.page?.rows.some((one) => one.row === row)) { this.back = []; this.after = Math.max(0, row - 1); this.draw(this.truth); return; }
    this.mark(from === 'map');
  }

  mark(isFar) {
    for (const one of $('imp-rows-box').querySelectorAll('.is-chosen')) { one.classList.remove('is-chosen'); one.removeAttribute('aria-current'); }
    const found = [...$('imp-rows-box').querySelectorAll(`tr[data-row="${this.chosen}"], li[data-row="${this.chosen}"]`)];
    for (const one of found) one.classList.add('is-chosen');
    found[0]?.setAttribute('aria-current', 'true');
    if (isFar) found[0]?.scrollIntoView({ block: 'center' });
  }
}
