// The first step: which kind of table this is, which sheet, and what each of its columns holds; all of it can be changed.
import { h, icon, notice, put } from './dom.js';
import { chip, keepingFocus, kindName } from './import-looks.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const SURE = 0.9;
const LIKELY = 0.6;
const MOST_EXAMPLES = 3;
const MOST_ASIDE = 200;

const missingOf = (layout) => layout.fields.filter((field) => field.is_required && !field.heading);
const doubtfulOf = (layout) => layout.headings.filter((one) => one.field && one.by !== 'person' && one.sure < LIKELY);

/** Tell whether somebody should look at this step. */
export const needsLook = ({ layout }) => Boolean(layout && (missingOf(layout).length || doubtfulOf(layout).length));

/** Return the step in a sentence. */
export function sentence({ kind, layout }) {
  if (!layout) return kindName(kind);
  const used = layout.headings.filter((one) => one.field).length;
  const missing = missingOf(layout);
  if (missing.length) return t('js.import.what.missing', { kind: kindName(kind), names: missing.map((one) => one.name).join(t('js.comma')) });
  return t(layout.is_remembered ? 'js.import.what.remembered' : 'js.import.what.said', { kind: kindName(kind), used: amount(used), total: amount(layout.headings.length) });
}

function kindField({ kind, kinds }, isOff, wish) {
  const guessed = (kinds ?? []).filter((one) => page.kind_names[one.kind]);
  const others = Object.keys(page.kind_names).filter((name) => !guessed.some((one) => one.kind === name));
  const may = new Set(page.kinds.map((one) => one.kind));
  const option = (name, words) => h('option', { value: name, selected: name === kind, disabled: !may.has(name) }, words);
  const select = h('select', { class: 'select', 'data-key': 'kind', disabled: isOff, onchange: ({ target }) => wish({ kind: target.value }) },
    page.kind_names[kind] ? null : h('option', { value: '', selected: true, disabled: true }, t('js.import.what.choose_kind')),
    guessed.length ? h('optgroup', { label: t('js.import.what.guessed') }, guessed.map((one) => option(one.kind, t('js.import.what.like', { name: kindName(one.kind), share: amount(one.score * 100) })))) : null,
    h('optgroup', { label: t('js.import.what.others') }, others.map((name) => option(name, kindName(name)))));
  return h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.import.what.kind')), select);
}

function sheetField({ file, wish: asked }, isOff, wish) {
  const sheets = file?.sheets ?? [];
  if (sheets.length < 2) return null;
  const chosen = asked?.sheet ?? file.sheet ?? sheets[0];
  const select = h('select', { class: 'select', 'data-key': 'sheet', disabled: isOff, onchange: ({ target }) => wish({ sheet: target.value }) }, sheets.map((name) => h('option', { value: name, selected: name === chosen }, name)));
  return h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.import.what.sheet', { n: sheets.length })), select);
}

/** A required field that no column was found for: ask which one it is. */
function ask(field, layout, isOff, wish) {
  const free = layout.headings.filter((one) => one.heading);
  const select = h('select', { class: 'select', 'data-key': `missing:${field.field}`, disabled: isOff, 'aria-label': t('js.import.what.which', { name: field.name }), onchange: ({ target }) => { if (target.value) wish({ columns: { [field.field]: target.value } }); } },
    h('option', { value: '' }, t('js.import.what.choose_column')), free.map((one) => h('option', { value: one.heading }, one.examples?.length ? `${one.heading}（${one.examples[0].slice(0, 12)}）` : one.heading)));
  return h('div', { class: 'imp-missing' }, icon('alert'), h('p', {}, h('strong', {}, t('js.import.what.lacks', { name: field.name })), ' ', t('js.import.what.which', { name: field.name })), select);
}

function sureness(one) {
  if (!one.field) return h('span', { class: 'quiet' }, '—');
  const level = one.by === 'person' || one.sure >= SURE ? 'sure' : one.sure >= LIKELY ? 'likely' : 'doubt';
  const looks = { sure: ['check', 'none'], likely: ['check', 'open'], doubt: ['alert', 'due_soon'] }[level];
  return h('span', { class: 'imp-sure' }, chip([icon(looks[0]), t(`js.import.sure.${level}`)], looks[1]), h('span', { class: 'quiet' }, t(`js.import.by.${one.by ?? 'name'}`)));
}

/** What choosing a field for a column means: the field it held before is free, the column that had the field too. */
function chosen(layout, one, field, wish) {
  const columns = {};
  if (one.field) columns[one.field] = null;
  if (field) columns[field] = one.heading;
  wish({ columns });
}

function columnRow(one, layout, isOff, wish) {
  const options = (fields) => fields.map((field) => {
    const taken = field.heading && field.heading !== one.heading ? t('js.import.what.taken', { heading: field.heading }) : '';
    return h('option', { value: field.field, selected: field.field === one.field }, `${page.field_names?.['*']?.[field.name] ?? field.name}${field.is_required ? ' *' : ''}${taken}`);
  });
  const [needed, others] = [layout.fields.filter((field) => field.is_required), layout.fields.filter((field) => !field.is_required)];
  const select = h('select', { class: 'select', 'data-key': `column:${one.heading}`, disabled: isOff, 'aria-label': t('js.import.what.goes_into', { heading: one.heading }), onchange: ({ target }) => chosen(layout, one, target.value, wish) },
    h('option', { value: '', selected: !one.field }, t('js.import.what.leave')), h('optgroup', { label: t('js.import.what.needed') }, options(needed)), h('optgroup', { label: t('js.import.what.optional') }, options(others)));
  const examples = (one.examples ?? []).slice(0, MOST_EXAMPLES);
  return h('tr', { class: one.field ? null : 'is-left', 'data-heading': one.heading },
    h('th', { scope: 'row', 'data-label': t('js.import.what.column') }, one.heading || h('span', { class: 'quiet' }, t('js.import.what.no_heading'))),
    h('td', { 'data-label': t('js.import.what.examples') }, examples.length ? h('ul', { class: 'imp-examples' }, examples.map((text) => h('li', {}, text))) : h('span', { class: 'quiet' }, t('js.import.what.empty_column'))),
    h('td', { class: 'imp-into', 'data-label': t('js.import.what.into') }, select),
    h('td', { 'data-label': t('js.import.what.sure') }, sureness(one)));
}

function asideOf(aside, notes, counts) {
  const told = (notes ?? []).map((one) => h('li', {}, one.message));
  const rows = (aside ?? []).slice(0, MOST_ASIDE);
  const total = Math.max(counts?.aside ?? 0, aside?.length ?? 0);
  const fold = rows.length ? h('details', { class: 'more' }, h('summary', { 'data-key': 'aside' }, icon('chevron'), t('js.import.what.aside', { n: amount(total) })),
    h('table', { class: 'imp-aside' }, h('caption', { class: 'unseen' }, t('js.import.what.aside', { n: amount(total) })), h('thead', {}, h('tr', {}, ['row', 'why', 'text'].map((name) => h('th', { scope: 'col' }, t(`js.import.what.aside.${name}`))))),
      h('tbody', {}, rows.map((one) => h('tr', {}, h('td', { class: 'number' }, amount(one.row)), h('td', {}, one.why_name ?? one.why), h('td', {}, one.text)))))) : null;
  return told.length || fold ? h('div', { class: 'imp-notes' }, told.length ? h('ul', { class: 'bullets' }, told) : null, fold) : null;
}

/** Draw the step; an open fold stays open, the focus where it was. */
export function drawWhat(box, truth, { isOff, wish }) {
  const { layout } = truth;
  if (!layout) { keepingFocus(box, () => put(box, h('div', { class: 'imp-what' }, kindField(truth, isOff, wish), sheetField(truth, isOff, wish)))); return; }
  const isOpen = box.querySelector('details')?.open;
  const order = [...layout.headings].filter((one) => one.heading);
  keepingFocus(box, () => put(box,
    missingOf(layout).length ? notice('care', missingOf(layout).map((field) => ask(field, layout, isOff, wish))) : null,
    h('div', { class: 'imp-what' }, kindField(truth, isOff, wish), sheetField(truth, isOff, wish)),
    h('p', { class: 'quiet imp-what-words' }, t(layout.is_remembered ? 'js.import.what.memory' : 'js.import.what.words', { row: layout.heading_row ?? 1 })),
    h('table', { class: 'imp-columns' }, h('caption', { class: 'unseen' }, t('js.import.what.columns')),
      h('thead', {}, h('tr', {}, ['column', 'examples', 'into', 'sure'].map((name) => h('th', { scope: 'col' }, t(`js.import.what.${name}`))))),
      h('tbody', {}, order.map((one) => columnRow(one, layout, isOff, wish)))),
    asideOf(truth.aside, layout.notes, truth.counts)));
  if (isOpen && box.querySelector('details')) box.querySelector('details').open = true;
}
