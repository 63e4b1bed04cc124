// The card of filters: what, where, whose and when; all of them combine, and the map, the list and exports follow.
import { $, debounce, h, put } from './dom.js';
import { among, choiceField } from './choice.js';
import { clearAll, narrowed, wireChips } from './chips.js';
import { ASKED, ask, learn, nameOf, tableOf } from './naming.js';
import { state } from './state.js';
import { amount, t } from './texts.js';
import { viewsRow } from './views.js';

const GROUPS = {
  where: ['street', 'division', 'grid', 'chief'], what: ['type', 'kind', 'unit'], issues: ['state', 'class', 'source'],
};
const UNSEEN = ['7', '15', '30', '60', '90'];
const STANDS_ALONE = { state: ['open', 'all'], kind: ['all'] };
const fields = new Map();
const today = () => new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'Asia/Shanghai' }).format(new Date());
const daysAgo = (count) => new Date(Date.parse(`${today()}T00:00:00Z`) - count * 86400000).toISOString().slice(0, 10);
const SPANS = { today: () => [today(), today()], week: () => [daysAgo(6), today()], month: () => [`${today().slice(0, 8)}01`, today()] };

function localRows(name) {
  const rows = tableOf(name);
  return (STANDS_ALONE[name] ?? []).map((code) => ({ code, name: nameOf(name, code) })).concat(
    name === 'kind' ? rows.map((row) => ({ ...row, detail: row.count === undefined ? '' : amount(row.count) })) : rows);
}

function fieldOf(name) {
  const only = STANDS_ALONE[name] ?? [];
  const field = choiceField({
    name, label: t(`js.filters.${name}`), only, nameOf: (code) => nameOf(name, code),
    hint: t(name === 'kind' ? 'js.filters.kind_local' : name === 'state' ? 'js.filters.state_open' : 'js.choice.any'),
    ask: ASKED.includes(name) ? (text) => ask(name, text) : among(localRows(name)),
    onChange: (codes) => state.setFilter(name, codes.join()),
  });
  fields.set(name, field);
  return field.element;
}

function textField() {
  const input = h('input', { class: 'input', type: 'search', maxlength: 100, autocomplete: 'off', placeholder: t('js.filters.q_hint'), 'data-filter': 'q' });
  input.addEventListener('input', debounce(() => state.setFilter('q', input.value.trim()), 350));
  fields.set('q', { set: ([text = '']) => { if (document.activeElement !== input) input.value = text; }, input });
  return h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.filters.q')), input);
}

function setSpan([from, to]) {
  const filters = { ...state.now.filters, from, to };
  for (const name of ['from', 'to']) if (!filters[name]) delete filters[name];
  state.set({ filters });
}

function daysField() {
  const [from, to] = ['from', 'to'].map((name) => h('input', { class: 'input', type: 'date', 'aria-label': t(`js.filters.${name}`), 'data-filter': name, onchange: () => setSpan([from.value, to.value]) }));
  const quick = Object.entries(SPANS).map(([name, span]) => h('button', { type: 'button', class: 'button button-small', 'data-span': name, onclick: () => setSpan(span()) }, t(`js.filters.${name}`)));
  fields.set('days', { set: () => { from.value = state.filter('from').slice(0, 10); to.value = state.filter('to').slice(0, 10); } });
  return h('fieldset', { class: 'field days-field' }, h('legend', { class: 'label' }, t('js.filters.days')), h('div', { class: 'pair' }, from, to), h('div', { class: 'quick' }, quick));
}

/** How long nobody was at a point: whole days, or whatever the address says. */
function unseenField() {
  const select = h('select', { class: 'select', 'data-filter': 'not_seen_days', onchange: () => state.setFilter('not_seen_days', select.value) });
  const set = ([days = '']) => {
    const known = days && !UNSEEN.includes(days) ? [...UNSEEN, days] : UNSEEN;
    put(select, h('option', { value: '' }, t('js.choice.any')), known.map((count) => h('option', { value: count, selected: count === days }, t('js.filters.days_n', { n: count }))));
    select.value = days;
  };
  set([]);
  fields.set('not_seen_days', { set });
  return h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.filters.not_seen_days')), select);
}

function section(name, content) {
  return h('section', { class: 'filter-group' }, h('h3', {}, t(`js.filters.group_${name}`)), h('div', { class: 'filter-fields' }, content));
}

function readState() {
  for (const [name, field] of fields) field.set(name === 'q' ? [state.filter('q')] : state.many(name));
}

/** Count what a layer shows, of the statuses that are wanted; null while nobody knows. */
function shownOf(layer) {
  const counts = layer.counts('whole') ?? layer.counts('window');
  if (!counts) return null;
  const wanted = state.get('statuses');
  return Object.entries(counts).reduce((sum, [status, count]) => sum + (wanted.length && !wanted.includes(status) ? 0 : count), 0);
}

function remains(layers) {
  const shown = layers.filter((layer) => layer.shown);
  const counts = shown.map(shownOf);
  const parts = shown.map((layer, index) => t('js.filters.left', { kind: t(`js.kinds.${layer.kind}`), count: counts[index] === null ? '…' : amount(counts[index]) }));
  const nothing = shown.length > 0 && narrowed() > 0 && counts.every((count) => count === 0) && shown.every((layer) => layer.state === 'ready');
  put($('filter-left'), parts.length ? parts.join(' · ') : t('js.filters.no_layer'));
  put($('nothing'), nothing ? [t('js.filters.nothing'), ' ', h('button', { type: 'button', class: 'button button-small', onclick: clearAll }, t('js.filters.clear_all'))] : []);
  $('nothing').hidden = !nothing;
}

function build(city) {
  put($('filter-fields'), viewsRow(city), section('where', GROUPS.where.map(fieldOf)), section('what', [...GROUPS.what.map(fieldOf), unseenField(), textField()]), section('issues', [...GROUPS.issues.map(fieldOf), daysField()]));
}

/** Show or hide the card; the focus goes with it. */
export function showFilters(open) {
  $('filters').hidden = !open;
  document.body.classList.toggle('filters-open', open);
  $('filter-open').setAttribute('aria-expanded', String(open));
  if (!open) $('filter-open').focus({ preventScroll: true });
  else if (matchMedia('(pointer: fine)').matches) $('filters').querySelector('input')?.focus();
}

/** Wire the filter card, its chips and what remains. */
export function wireFilters(city) {
  build(city);
  readState();
  wireChips();
  state.hear(['filters'], () => { readState(); learn(state.now.filters).then((came) => { if (came) readState(); }); });
  learn(state.now.filters).then((came) => { if (came) readState(); });
  const left = debounce(() => remains(city.layers), 120);
  for (const layer of city.layers) layer.addEventListener('change', left);
  state.hear(['filters', 'statuses', 'on', 'layers'], left);
  city.map.on('moveend', left);
  left();
  $('filter-open').addEventListener('click', () => showFilters($('filters').hidden));
  for (const button of document.querySelectorAll('[data-close-filters]')) button.addEventListener('click', () => showFilters(false));
  $('filters').addEventListener('reset', (event) => { event.preventDefault(); clearAll(); });
  $('filters').addEventListener('submit', (event) => event.preventDefault());
  $('filters').addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); showFilters(false); } });
}

