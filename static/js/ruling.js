// "Save this decision as a rule": the offer in the dispatch form and on /responsibility.
import { call } from './api.js';
import { h } from './dom.js';
import { t } from './texts.js';

/** Keep a decision as a rule; `body` as `POST /api/v1/rulings`. Resolve to the kept decision. */
export async function keepRuling(body, key) {
  return (await call('POST', '/rulings', { body, key })).data;
}

/** Fields of a decision: `element`, and `read()` giving `{reason, radius_m, class?}`; throws a sentence where words lack. */
export function rulingFields({ everyClass = true } = {}) {
  const reason = h('input', { class: 'input', maxlength: 200, name: 'reason' });
  const radius = h('input', { class: 'input number', type: 'number', name: 'radius_m', min: 2, max: 1000, step: 1, value: 15, inputmode: 'numeric' });
  const all = h('input', { type: 'checkbox', name: 'every' });
  const element = h('div', { class: 'ruling-fields' },
    h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.ruling.reason')), reason),
    h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.ruling.radius')), radius),
    everyClass ? h('label', { class: 'check' }, all, t('js.ruling.every')) : null);
  const read = () => {
    if (!reason.value.trim()) throw new Error(t('js.ruling.need_reason'));
    return { reason: reason.value.trim(), radius_m: Number(radius.value) || 15, ...(all.checked ? { class: null } : {}) };
  };
  return { element, read };
}

/** The offer under the unit of a dispatch: a tick that opens the fields. `keep(unit, key)` saves it if it is ticked. */
export function rulingOffer(issue) {
  const fields = rulingFields();
  const tick = h('input', { type: 'checkbox', name: 'ruling' });
  fields.element.hidden = true;
  tick.addEventListener('change', () => { fields.element.hidden = !tick.checked; });
  const element = h('div', { class: 'ruling-offer' }, h('label', { class: 'check' }, tick, t('js.ruling.offer')), fields.element);
  const check = () => { if (tick.checked) fields.read(); };
  const keep = async (unit, key) => (tick.checked ? keepRuling({ issue: issue.issue_no, unit, ...fields.read() }, key) : null);
  return { element, check, keep };
}
