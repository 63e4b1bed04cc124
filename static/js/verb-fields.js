// The small fields that the forms of verbs are made of: `{ element, value() }`.
import { h } from './dom.js';
import { t } from './texts.js';

const UNITS = ['work_hour', 'work_day', 'urgent_hour', 'calendar_day'];

export function area(label, required) {
  const box = h('textarea', { class: 'area', maxlength: 2000, required });
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value.trim() };
}

export function line(label, value = '') {
  const box = h('input', { class: 'input', maxlength: 120 });
  box.value = value ?? '';
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value.trim() };
}

const officeDay = (moment) => new Date(moment).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });

/** A day of the office from tomorrow on; its value is the ISO day. `value` is a moment. */
export function day(label, value = '') {
  const box = h('input', { class: 'input', type: 'date', min: officeDay(Date.now() + 86_400_000) });
  box.value = value ? officeDay(value) : '';
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value };
}

/** One of some values, the first chosen; `rows` are `[value, label]`. */
export function pick(name, rows, legend) {
  const boxes = rows.map(([value, label], index) => h('label', { class: 'check' }, h('input', { type: 'radio', name, value: String(value), checked: index === 0 }), label));
  const element = h('fieldset', { class: 'choice' }, legend ? h('legend', { class: 'label' }, legend) : null, boxes);
  return { element, value: () => element.querySelector('input:checked').value };
}

/** Yes or no. */
export function choice(name, rows) {
  const { element, value } = pick(name, rows);
  return { element, value: () => value() === 'true' };
}

export function select(label, rows, chosen = '') {
  const box = h('select', { class: 'select' }, rows.map(([value, name]) => h('option', { value, selected: value === chosen }, name)));
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value };
}

export function limit() {
  const number = h('input', { class: 'input', type: 'number', min: 1, max: 999, inputmode: 'numeric' });
  const unit = h('select', { class: 'select' }, UNITS.map((name) => h('option', { value: name }, t(`js.limit.${name}`))));
  const element = h('div', { class: 'field' }, h('span', { class: 'label' }, t('js.verb.limit')), h('div', { class: 'pair' }, number, unit));
  number.setAttribute('aria-label', t('js.verb.limit'));
  unit.setAttribute('aria-label', t('js.verb.limit_unit'));
  return { element, value: () => (number.value ? `${number.value} ${unit.value}` : '') };
}

export function must(body, name) {
  if (!body[name]) throw new Error(t('js.verb.need_words'));
  return body;
}
