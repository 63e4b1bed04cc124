// What each verb of an issue asks for: `{fields: (issue) => [...], read()}` built as small forms.
import { newKey } from './api.js';
import { h } from './dom.js';
import { ghostBeside } from './ghost.js';
import { lookup } from './lookup.js';
import { photoField } from './photo.js';
import { PLEAS } from './pleas.js';
import { t } from './texts.js';
import { rulingOffer } from './ruling.js';
import { area, choice, limit, line, must, select } from './verb-fields.js';

function dispatch(issue) {
  const unit = lookup('units', t('js.draw.unit'), { chosen: issue.unit && issue.state !== 'returned' ? { code: issue.unit, name: issue.unit_name } : null });
  const [person, time] = [line(t('js.verb.person')), limit()];
  const criteria = issue.criteria?.length ? select(t('js.life.criterion'), [['', t('js.life.no_criterion')], ...issue.criteria.map((row) => [row.code, `${row.name} · ${row.limit}`])], issue.criterion ?? '') : null;
  const designated = h('input', { type: 'checkbox' });
  const check = h('label', { class: 'check' }, designated, t('js.verb.designated'));
  const offer = issue.many ? null : rulingOffer(issue);
  const read = () => {
    if (!unit.code && (!issue.many || unit.unfinished())) throw new Error(t('js.lookup.choose'));
    offer?.check();
    const body = unit.code ? { unit: unit.code } : {};
    if (person.value()) body.person = person.value();
    if (time.value()) body.limit = time.value();
    if (criteria?.value()) body.criterion = criteria.value();
    if (designated.checked) body.designated = true;
    return body;
  };
  const after = (key) => offer?.keep(unit.code, key);
  return { elements: [unit.element, person.element, criteria?.element, time.element, check, offer?.element], read, after };
}

function reasoned(name) {
  const box = area(t('js.verb.reason'), true);
  return { elements: [box.element], read: () => must({ [name]: box.value() }, name) };
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

const FORMS = { dispatch, feedback, check, verify, start, duplicate, reject: () => reasoned('reason'), return: () => reasoned('reason'), ...PLEAS };

/** Make the form of a verb; a verb that needs no words has none (null) and is sent at once. */
export function formOf(verb, issue) {
  return FORMS[verb] ? FORMS[verb](issue) : null;
}
