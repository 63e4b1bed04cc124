// The check list of one stop: three large buttons per item, the rest in one tap, and what became of each fail.
import { h, icon, put } from './dom.js';
import { amount, t } from './texts.js';
import { countsOf } from './walk-store.js';

const RESULTS = [['pass', 'check'], ['fail', 'close'], ['na', 'minus']];

function issueLine({ finding, number, isWaiting, openFail, may }) {
  if (finding?.result !== 'fail') return null;
  const parts = [];
  if (number) parts.push(h('a', { href: `/issues/${encodeURIComponent(number)}`, class: 'walk-issue number' }, number));
  else if (finding.report) parts.push(h('span', { class: 'chip' }, icon('up'), t(isWaiting ? 'walk.item.waiting' : 'walk.item.sent')));
  else if (may.report) parts.push(h('button', { type: 'button', class: 'button walk-report', onclick: openFail }, icon('camera'), t('walk.item.report')));
  if (finding.remark) parts.push(h('span', { class: 'quiet' }, finding.remark));
  return h('p', { class: 'walk-item-more' }, parts);
}

/** The rate as it stands: half up, one decimal, as the office writes it. */
export function rateOf({ pass, fail }) {
  return pass + fail ? `${(Math.floor((pass * 2000 + pass + fail) / (2 * (pass + fail))) / 10).toFixed(1)} %` : '—';
}

/** One check list on the page; `act` is {choose(item, result), fail(item), rest()}; `facts(item)` tells {finding, number, isWaiting}. */
export class CheckList {
  constructor(items, facts, act, may, thresholds = '') {
    Object.assign(this, { items, facts, act, may, rows: new Map() });
    this.sum = h('p', { class: 'walk-sum', 'aria-live': 'polite' });
    this.rest = h('button', { type: 'button', class: 'button walk-rest', onclick: () => act.rest() }, icon('check'), h('span', {}));
    this.element = h('section', { class: 'walk-check', 'aria-label': t('walk.list') }, h('div', { class: 'walk-check-head' }, this.sum, this.rest), thresholds ? h('p', { class: 'walk-thresholds' }, h('strong', {}, t('walk.thresholds')), thresholds) : null, h('ol', { class: 'walk-items' }, items.map((item) => this.row(item))));
    this.count();
  }

  row(item) {
    const element = h('li', { class: 'walk-item', 'data-item': item.item });
    this.rows.set(item.item, element);
    this.fill(item, element);
    return element;
  }

  fill(item, element) {
    const { finding, number, isWaiting } = this.facts(item);
    const button = ([result, mark]) => h('button', { type: 'button', class: `walk-result is-${result}`, 'data-result': result, 'aria-pressed': String(finding?.result === result), onclick: () => this.act.choose(item, result) }, icon(mark), t(`walk.result.${result}`));
    element.classList.toggle('is-judged', Boolean(finding));
    put(element, h('p', { class: 'walk-item-name' }, h('strong', {}, item.name), h('small', {}, item.rule)),
      h('div', { class: 'walk-results', role: 'group', 'aria-label': item.name }, RESULTS.map(button)),
      issueLine({ finding, number, isWaiting, may: this.may, openFail: () => this.act.fail(item) }));
  }

  /** Draw one item anew, keeping the focus on the button that was tapped. */
  refresh(item) {
    const element = this.rows.get(item.item);
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.result : null;
    this.fill(item, element);
    if (focused) element.querySelector(`[data-result="${focused}"]`)?.focus({ preventScroll: true });
    this.count();
  }

  refreshAll() { for (const item of this.items) this.refresh(item); }

  count() {
    const counts = countsOf({ findings: Object.fromEntries(this.items.map((item) => [item.item, this.facts(item).finding]).filter(([, finding]) => finding)) });
    const left = this.items.length - counts.judged;
    put(this.sum, h('strong', { class: 'number' }, `${amount(counts.judged)}/${amount(this.items.length)}`), h('span', {}, t('walk.sum', { fail: counts.fail, rate: rateOf(counts) })));
    this.rest.hidden = !left;
    this.rest.lastChild.textContent = t('walk.rest', { n: left });
  }
}
