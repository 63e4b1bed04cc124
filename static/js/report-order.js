// What an inspector may do at once with a report: order it on the spot, or have it fixed on the spot (当场下单, 当场整改).
import { h, put } from './dom.js';
import { lookup } from './lookup.js';
import { page } from './page.js';
import { t } from './texts.js';
import { limit, line, pick, select } from './verb-fields.js';

/** Make the fields; `body()` is what they add to a report, an empty object where it is only reported. */
export function orderFields() {
  const criteria = h('div', {});
  let criterion = null;
  const mayOrder = page.may?.on_site;
  const way = pick('way', [['report', t('js.life.way_report')], ['on_site', t('js.life.way_on_site')], ['fixed', t('js.life.way_fixed')]], t('js.life.way'));
  const unit = lookup('units', t('js.draw.unit'));
  const [person, time] = [line(t('js.verb.person')), limit()];
  const order = h('div', { class: 'report-order', hidden: true }, unit.element, person.element, time.element);
  const hint = h('p', { class: 'quiet', hidden: true }, t('js.life.fixed_hint'));
  way.element.addEventListener('change', () => {
    order.hidden = way.value() === 'report';
    hint.hidden = way.value() !== 'fixed';
  });

  return {
    element: h('div', {}, criteria, mayOrder ? [way.element, order, hint] : null),
    /** The class decides which filing criteria there are. */
    forClass(row) {
      criterion = row?.criteria?.length ? select(t('js.life.criterion'), [['', t('js.life.no_criterion')], ...row.criteria.map((one) => [one.code, one.name])]) : null;
      put(criteria, criterion?.element);
    },
    body() {
      const body = criterion?.value() ? { criterion: criterion.value() } : {};
      if (!mayOrder || way.value() === 'report') return body;
      if (!unit.code && way.value() === 'on_site') throw new Error(t('js.lookup.choose'));
      Object.assign(body, way.value() === 'fixed' ? { fixed_on_spot: true } : { on_site: true });
      if (unit.code) body.unit = unit.code;
      if (person.value()) body.person = person.value();
      if (time.value()) body.limit = time.value();
      return body;
    },
  };
}

/** What the answer to a report tells beside its number: what may be the same, and what has come back. */
export function nearLines({ possible_duplicates: twins = [], recurrence_of: before }) {
  const link = (number, text) => h('a', { href: `/issues/${encodeURIComponent(number)}` }, text);
  return [
    twins.length ? h('div', { class: 'notice notice-care' }, h('div', {}, t('js.life.twins'), h('ul', {}, twins.slice(0, 3).map((one) => h('li', {}, link(one.issue_no, `${one.issue_no} · ${t('js.metres', { m: Math.round(one.distance_m) })}`)))))) : null,
    before ? h('div', { class: 'notice notice-care' }, h('div', {}, link(before, t('js.life.came_back', { no: before })))) : null,
  ];
}
