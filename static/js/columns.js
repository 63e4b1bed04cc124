// What the list tells of each kind of thing: columns with a heading, what they sort by, and their words.
import { kindName, stateName, titleOf } from './page.js';
import { amount, day, moment, t } from './texts.js';

const count = (name, label) => ({ name, sort: name === 'open_issues' ? name : null, label: t(label), number: true, words: (row) => (row[name] ? amount(row[name]) : '—') });
const kind = (of, sort) => ({ name: 'kind', sort, label: t(`js.fact.type.${of}`), words: (row) => kindName(of, row[sort]) });
const unit = { name: 'unit', sort: 'unit_name', label: t('js.list.unit'), words: (row) => row.unit_name ?? '' };
const plain = (name, label) => ({ name, sort: name, label: t(label), words: (row) => row[name] ?? '' });
const chiefs = { name: 'chief', sort: null, label: t('js.list.chief'), words: (row) => (row.chiefs ?? []).at(-1)?.name ?? '' };

export const NAME = { name: 'name', sort: 'name', label: t('js.list.name'), words: titleOf };
export const CODE = { name: 'code', sort: 'code', label: t('js.fact.code'), words: (row) => row.code, number: true };

const OF = {
  points: [kind('points', 'type'), count('open_issues', 'js.list.open'), count('overdue_issues', 'js.list.overdue'),
    { name: 'risk', sort: 'risk', first: 'desc', label: t('js.list.risk'), number: true, words: (row) => amount(row.risk ?? 0, 1) },
    { name: 'unseen', sort: 'unseen_days', first: 'desc', label: t('js.list.unseen'), number: true, words: (row) => (row.unseen_days === null ? t('js.list.never') : amount(row.unseen_days ?? 0)) }, unit, plain('street', 'js.list.road')],
  segments: [kind('segments', 'class'), count('open_issues', 'js.list.open'), count('overdue_issues', 'js.list.overdue'),
    { name: 'length', sort: 'length_m', label: t('js.fact.length'), number: true, words: (row) => t('js.metres', { m: amount(row.length_m ?? 0) }) }, chiefs, unit],
  zones: [kind('zones', 'kind'), count('open_issues', 'js.list.open'), count('overdue_issues', 'js.list.overdue'),
    { name: 'area', sort: 'area_m2', label: t('js.fact.area'), number: true, words: (row) => t('js.square_metres', { m2: amount(row.area_m2 ?? 0) }) }, plain('holder', 'js.fact.holder'), unit,
    { name: 'pledge', sort: 'pledge_expires_on', label: t('js.list.pledge'), words: (row) => day(row.pledge_expires_on) }],
  units: [kind('units', 'kind'), count('open_issues', 'js.list.open'), count('overdue_issues', 'js.list.overdue'), { name: 'phone', sort: null, label: t('js.fact.phone'), number: true, words: (row) => row.phone ?? '' }],
  issues: [{ name: 'state', sort: 'state', label: t('js.fact.state'), words: (row) => stateName(row.state) }, unit,
    { name: 'due', sort: 'due_at', label: t('js.fact.due'), number: true, words: (row) => moment(row.due_at) }, { name: 'reported', sort: 'reported_at', label: t('js.fact.reported'), number: true, words: (row) => moment(row.reported_at) },
    { name: 'description', sort: null, label: t('js.list.words'), words: (row) => row.description ?? '' }],
};

const measured = (by) => ({ name: 'value', sort: null, label: t('js.legend.measure', { name: t(`js.by.${by}`), unit: t(`js.unit.${by}`) }), number: true, words: (row) => (row.value === null || row.value === undefined ? '—' : amount(row.value, 1)) });

/** Return the columns of a kind, after status, name and code; first the measure by which the map is coloured. */
export const columnsOf = (of, by = '') => (by && by !== 'open' ? [measured(by), ...OF[of]] : OF[of]);
