// A stop that is done: its rate, its fails, and what became of each; a fail that was only noted is reported in one tap.
import { call, get, newKey } from './api.js';
import { h, icon, notice, put } from './dom.js';
import { amount, t } from './texts.js';
import { rateOf } from './walk-list.js';
import { countsOf } from './walk-store.js';

const link = (number) => h('a', { href: `/issues/${encodeURIComponent(number)}`, class: 'walk-issue number' }, number);

function failRow(finding, visit, may, again) {
  const said = h('span', { 'aria-live': 'polite' });
  const report = async (event) => {
    event.target.disabled = true;
    try {
      await call('POST', `/visits/${visit}/issues`, { body: { items: [finding.item] }, key: newKey() });
      again();
    } catch (error) {
      put(said, notice('bad', error.message));
      event.target.disabled = false;
    }
  };
  return h('li', {}, h('strong', {}, finding.name), finding.remark ? h('span', { class: 'quiet' }, finding.remark) : null,
    finding.issue_no ? link(finding.issue_no) : may.report ? h('button', { type: 'button', class: 'button walk-report', onclick: report }, t('walk.item.report')) : null, said);
}

/** Fill in the fails of a visit as the server has them; without a network what the phone knows stands there already. */
async function learn(box, visit, may) {
  const answer = await get(`/visits/${visit}`).catch(() => null);
  if (!answer || !box.isConnected) return;
  const fails = answer.data.findings.filter(({ result }) => result === 'fail');
  put(box, fails.map((finding) => failRow(finding, visit, may, () => learn(box, visit, may))), answer.data.remark ? h('li', {}, h('span', { class: 'quiet' }, answer.data.remark)) : null);
}

/** Make the card of a stop that is done or skipped. */
export function doneCard(stop, draft, state, may, visit) {
  if (state === 'skipped') return notice('care', t('walk.was_skipped', { why: draft?.remark ?? '' }));
  const counts = draft ? countsOf(draft) : null;
  const rate = counts?.judged ? rateOf(counts) : Number.isFinite(stop.score_rate) ? `${stop.score_rate.toFixed(1)} %` : '—';
  const rows = h('ul', { class: 'walk-done' }, Object.values(draft?.issues ?? {}).map((number) => h('li', {}, icon('flag'), link(number))));
  if (visit) learn(rows, visit, may);
  return h('section', { class: 'walk-result-card' }, h('p', { class: 'walk-rate' }, h('span', { class: 'quiet' }, t('walk.rate')), h('strong', { class: 'number' }, rate)),
    h('p', {}, t('walk.was_done', { fail: amount(counts?.fail ?? stop.failed ?? 0) })), rows);
}
