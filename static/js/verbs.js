// What each verb of an issue asks for: `{fields: (issue) => [...], read()}` built as small forms.
import { newKey } from './api.js';
import { h } from './dom.js';
import { ghostBeside } from './ghost.js';
import { lookup } from './lookup.js';
import { photoField } from './photo.js';
import { t } from './texts.js';

const UNITS = ['work_hour', 'work_day', 'urgent_hour', 'calendar_day'];

function area(label, required) {
  const box = h('textarea', { class: 'area', maxlength: 2000, required });
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value.trim() };
}

function line(label, value = '') {
  const box = h('input', { class: 'input', maxlength: 120 });
  box.value = value ?? '';
  return { element: h('label', { class: 'field' }, h('span', { class: 'label' }, label), box), value: () => box.value.trim() };
}

function choice(name, rows) {
  const boxes = rows.map(([value, label], index) => h('label', { class: 'check' }, h('input', { type: 'radio', name, value: String(value), checked: index === 0 }), label));
  const element = h('fieldset', { class: 'choice' }, boxes);
  return { element, value: () => element.querySelector('input:checked').value === 'true' };
}

function limit() {
  const number = h('input', { class: 'input', type: 'number', min: 1, max: 999, inputmode: 'numeric' });
  const unit = h('select', { class: 'select' }, UNITS.map((name) => h('option', { value: name }, t(`js.limit.${name}`))));
  const element = h('div', { class: 'field' }, h('span', { class: 'label' }, t('js.verb.limit')), h('div', { class: 'pair' }, number, unit));
  number.setAttribute('aria-label', t('js.verb.limit'));
  unit.setAttribute('aria-label', t('js.verb.limit_unit'));
  return { element, value: () => (number.value ? `${number.value} ${unit.value}` : '') };
}

function dispatch(issue) {
  const unit = lookup('units', t('js.draw.unit'), { chosen: issue.unit ? { code: issue.unit, name: issue.unit_name } : null });
  const [person, time] = [line(t('js.verb.person')), limit()];
  const designated = h('input', { type: 'checkbox' });
  const check = h('label', { class: 'check' }, designated, t('js.verb.designated'));
  const read = () => {
    if (!unit.code && (!issue.many || unit.unfinished())) throw new Error(t('js.lookup.choose'));
    const body = unit.code ? { unit: unit.code } : {};
    if (person.value()) body.person = person.value();
    if (time.value()) body.limit = time.value();
    if (designated.checked) body.designated = true;
    return body;
  };
  return { elements: [unit.element, person.element, time.element, check], read };
}

function reasoned(name) {
  const box = area(t('js.verb.reason'), true);
  return { elements: [box.element], read: () => must({ [name]: box.value() }, name) };
}

function must(body, name) {
  if (!body[name]) throw new Error(t('js.verb.need_words'));
  return body;
}

function feedback() {
  const photos = [];
  const box = area(t('js.verb.measure'), true);
  const field = photoField(photos, newKey, t('js.verb.after_photo'), ghostBeside());
  return { elements: [box.element, h('div', {}, h('span', { class: 'label' }, t('js.verb.photos')), field)], photos, kind: 'after', read: () => must({ measure: box.value() }, 'measure') };
}

function check() {
  const passed = choice('pass', [[true, t('js.verb.passes')], [false, t('js.verb.fails')]]);
  const opinion = area(t('js.verb.opinion'), false);
  return { elements: [passed.element, opinion.element], read: () => (passed.value() ? { pass: true, opinion: opinion.value() } : must({ pass: false, opinion: opinion.value() }, 'opinion')) };
}

function verify() {
  const exists = choice('exists', [[true, t('js.verb.exists')], [false, t('js.verb.exists_not')]]);
  const remark = area(t('js.verb.remark'), false);
  return { elements: [exists.element, remark.element], read: () => ({ exists: exists.value(), ...(remark.value() ? { remark: remark.value() } : {}) }) };
}

function start() {
  const plan = area(t('js.verb.plan'), false);
  return { elements: [plan.element], read: () => (plan.value() ? { plan: plan.value() } : {}) };
}

function duplicate() {
  const of = line(t('js.verb.of'));
  return { elements: [of.element], read: () => must({ of: of.value() }, 'of') };
}

const FORMS = { dispatch, feedback, check, verify, start, duplicate, reject: () => reasoned('reason'), return: () => reasoned('reason') };

/** Make the form of a verb; a verb that needs no words has none (null) and is sent at once. */
export function formOf(verb, issue) {
  return FORMS[verb] ? FORMS[verb](issue) : null;
}
