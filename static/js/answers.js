// Who would be asked at this very spot: a class of issue is chosen, the rule that decides is said in a sentence.
import { h } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';
import { Whom } from './whom.js';

/** Make the box that asks who answers at `spot` ([lon, lat]); `point` is the code of the point standing there. */
export function answersBox(spot, point = null) {
  const whom = new Whom();
  const groups = Map.groupBy ? Map.groupBy(page.issue_classes, (row) => row.group) : grouped(page.issue_classes);
  const select = h('select', { class: 'select' }, h('option', { value: '' }, t('js.answers.choose')),
    [...groups].map(([group, rows]) => h('optgroup', { label: group }, rows.map((row) => h('option', { value: row.code }, row.name)))));
  select.addEventListener('change', () => {
    const row = page.issue_classes.find((each) => each.code === select.value);
    whom.ask({ spot: { lon: spot[0], lat: spot[1] }, row, point: point ? { code: point } : null });
  });
  return h('div', { class: 'answers' }, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.answers.class')), select), whom.box);
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return groups;
}
