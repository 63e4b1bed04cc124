// The list beside the map, in step with it: what the map shows of a layer, in any order, all of it reachable by keyboard.
import { get, query } from './api.js';
import { CODE, NAME, columnsOf } from './columns.js';
import { $, debounce, h, notice, put } from './dom.js';
import { showFilters } from './filters.js';
import { page } from './page.js';
import { measureOf } from './scales.js';
import { selection } from './selection.js';
import { state } from './state.js';
import { placeSymbol } from './symbols.js';
import { amount, t } from './texts.js';

const KINDS = ['issues', 'points', 'segments', 'zones', 'units'];
const SIZE = 50;
const view = { kind: 'points', sort: 'status', order: 'asc', offset: 0, inView: false, total: 0, rows: [], at: 0, counts: {} };
let city;
let turn = 0;

const isOpen = () => !$('drawer').hidden;
const boxOf = () => city.map.getBounds().toBBoxString().split(',').map((edge) => Number(edge).toFixed(6)).join();
/** Return the query of everything that the list holds, page by page or not. */
export const listQuery = (kind = view.kind) => ({ ...state.narrowing(kind), ...(view.inView ? { bbox: boxOf() } : {}) });

/** Give a line `[code, status]` for everything the list holds. */
export async function allCodes(kind = view.kind, more = {}) {
  const { data } = await get(`/rows/${kind}${query({ ...listQuery(kind), ...more, only: 'codes' })}`);
  return data;
}

async function load(keepFocus = false) {
  if (!isOpen()) return;
  turn += 1;
  const mine = turn;
  const { kind } = view;
  const focused = keepFocus || $('list-body').contains(document.activeElement);
  $('list-table').setAttribute('aria-busy', 'true');
  try {
    const { data } = await get(`/rows/${kind}${query({ ...listQuery(), ...(measureOf(kind) ? { by: measureOf(kind) } : {}), sort: view.sort, order: view.order, offset: view.offset, limit: SIZE })}`);
    if (mine !== turn) return;
    if (view.offset && view.offset >= data.total) { view.offset = Math.max(0, Math.ceil(data.total / SIZE) - 1) * SIZE; load(keepFocus); return; }
    Object.assign(view, { rows: data.rows, total: data.total });
    view.at = Math.min(view.at, Math.max(0, data.rows.length - 1));
    draw(data.statuses);
    if (focused) rowAt(view.at)?.focus({ preventScroll: true });
  } catch (error) {
    if (mine !== turn) return;
    put($('list-said'), notice('bad', error.message, ' ', h('button', { type: 'button', class: 'button button-small', onclick: () => load() }, t('js.retry'))));
  } finally {
    if (mine === turn) $('list-table').removeAttribute('aria-busy');
  }
}

const rowAt = (index) => $('list-body').querySelector(`tr[data-index="${index}"]`);

function status(row) {
  const name = row.status ?? 'none';
  return h('span', { class: `status status-${name}` }, placeSymbol(name, 0, 14), t(`js.status.${name}`));
}

function line(row, index) {
  const chosen = selection.has(view.kind, row.code);
  const box = h('input', { type: 'checkbox', tabindex: -1, checked: chosen, 'aria-label': t('js.list.select', { name: NAME.words(row) }), onclick: (event) => { event.stopPropagation(); pick(index, event.shiftKey); } });
  const cells = columnsOf(view.kind, measureOf(view.kind)).map((column) => h('td', { class: column.number ? 'number' : null, 'data-column': column.name }, column.words(row)));
  return h('tr', { 'data-index': index, 'data-code': row.code, tabindex: index === view.at ? 0 : -1, 'aria-rowindex': view.offset + index + 2, 'aria-selected': String(chosen), class: city.shown === `${view.kind}/${row.code}` ? 'current' : null },
    h('td', { class: 'list-check' }, h('label', {}, box)), h('td', { 'data-column': 'status' }, status(row)), h('th', { scope: 'row', class: 'list-name' }, NAME.words(row), h('span', { class: 'quiet number' }, CODE.words(row))), cells);
}

function heading(column) {
  if (!column.sort) return h('th', { scope: 'col', 'data-column': column.name }, column.label);
  const now = view.sort === column.sort ? view.order : null;
  const turned = () => { Object.assign(view, { sort: column.sort, order: now ? (now === 'asc' ? 'desc' : 'asc') : column.first ?? 'asc', offset: 0, at: 0 }); load().then(() => $('list-head').querySelector(`[data-column="${column.name}"] button`)?.focus()); };
  return h('th', { scope: 'col', 'data-column': column.name, 'aria-sort': now === 'asc' ? 'ascending' : now === 'desc' ? 'descending' : 'none' }, h('button', { type: 'button', onclick: turned }, column.label, h('span', { class: 'sort-mark', 'aria-hidden': 'true' }, now === 'asc' ? '↑' : now === 'desc' ? '↓' : '')));
}

function draw(statuses) {
  const all = h('input', { type: 'checkbox', checked: view.rows.length > 0 && view.rows.every((row) => selection.has(view.kind, row.code)), 'aria-label': t('js.list.select_page'), onclick: (event) => pickPage(event.target.checked) });
  put($('list-head'), h('tr', { 'aria-rowindex': 1 }, h('td', { class: 'list-check' }, h('label', {}, all)), heading({ name: 'status', sort: 'status', label: t('js.fact.state_now') }), heading(NAME), columnsOf(view.kind, measureOf(view.kind)).map(heading)));
  put($('list-body'), view.rows.map(line));
  $('list-table').setAttribute('aria-rowcount', view.total + 1);
  put($('list-said'), view.total ? [] : h('p', { class: 'empty' }, t(view.inView ? 'js.list.empty_view' : 'js.list.empty')));
  $('list-table').hidden = !view.total;
  const tally = ['overdue', 'due_soon', 'open', 'none'].filter((name) => statuses[name]).map((name) => `${t(`js.status.${name}`)} ${amount(statuses[name])}`).join(' · ');
  put($('list-count'), h('b', { class: 'number' }, amount(view.total)), ' ', t(`js.kinds.${view.kind}`), tally ? h('span', { class: 'quiet' }, tally) : null);
  drawPager();
}

function drawPager() {
  const pages = Math.max(1, Math.ceil(view.total / SIZE));
  const now = view.offset / SIZE;
  const button = (label, to, off) => h('button', { type: 'button', class: 'button button-small', disabled: off, onclick: () => turnTo(to) }, label);
  $('list-pager').hidden = pages < 2;
  put($('list-pager'), button(t('js.list.before'), now - 1, now < 1), h('span', { class: 'quiet number' }, t('js.list.page', { now: amount(now + 1), pages: amount(pages) })), button(t('js.list.next'), now + 1, now + 1 >= pages));
}

function turnTo(number, at = 0) {
  Object.assign(view, { offset: number * SIZE, at });
  $('list-scroll').scrollTop = 0;
  return load(true);
}

let anchor = 0;
function pick(index, isRange) {
  const [from, to] = isRange ? [Math.min(anchor, index), Math.max(anchor, index)] : [index, index];
  if (isRange) selection.add(view.kind, view.rows.slice(from, to + 1).map((row) => [row.code, row.status]));
  else selection.toggle(view.kind, view.rows[index].code, view.rows[index].status);
  anchor = index;
}

function pickPage(on) {
  if (on) selection.add(view.kind, view.rows.map((row) => [row.code, row.status]));
  else selection.remove(view.kind, view.rows.map((row) => row.code));
}

/** Open a row's thing in the panel and bring the map to it. */
async function openRow(index) {
  const row = view.rows[index];
  if (!row) return;
  const layer = city.layerOf(view.kind);
  await city.switchLayer(view.kind, true);
  if (row.box) {
    const [west, south, east, north] = row.box;
    city.map.fitBounds([[south, west], [north, east]], { maxZoom: Math.max(17, city.map.getZoom()), padding: [60, 60], animate: false });
  }
  city.choose(layer, row);
  marked();
}

function marked() {
  const all = $('list-head').querySelector('input');
  if (all) all.checked = view.rows.length > 0 && view.rows.every((row) => selection.has(view.kind, row.code));
  for (const row of $('list-body').rows) {
    const chosen = selection.has(view.kind, row.dataset.code);
    row.setAttribute('aria-selected', String(chosen));
    row.querySelector('input').checked = chosen;
    row.classList.toggle('current', city.shown === `${view.kind}/${row.dataset.code}`);
  }
}

function stand(index) {
  rowAt(view.at)?.setAttribute('tabindex', '-1');
  view.at = index;
  const row = rowAt(index);
  row?.setAttribute('tabindex', '0');
  row?.focus();
}

function step(by) {
  const to = view.at + by;
  if (to < 0 && view.offset) return turnTo(view.offset / SIZE - 1, SIZE - 1);
  if (to >= view.rows.length && view.offset + view.rows.length < view.total) return turnTo(view.offset / SIZE + 1, 0);
  return stand(Math.max(0, Math.min(view.rows.length - 1, to)));
}

const KEYS = {
  ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => stand(0), End: () => stand(view.rows.length - 1), PageDown: () => step(10), PageUp: () => step(-10),
  Enter: () => openRow(view.at), ' ': (event) => pick(view.at, event.shiftKey),
};

function keyed(event) {
  if (!event.target.closest('tr') || !KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey && event.key.startsWith('Arrow')) { pick(view.at, false); KEYS[event.key](event); return; }
  KEYS[event.key](event);
}

function hover(code) { city.layerOf(view.kind).hover?.(code); }

function wireTable() {
  const body = $('list-body');
  const of = (event) => event.target.closest('tr');
  body.addEventListener('click', (event) => { const row = of(event); if (row && !event.target.closest('label')) { stand(Number(row.dataset.index)); openRow(view.at); } });
  body.addEventListener('keydown', keyed);
  for (const name of ['mouseover', 'focusin']) body.addEventListener(name, (event) => hover(of(event)?.dataset.code ?? null));
  for (const name of ['mouseleave', 'focusout']) body.addEventListener(name, () => hover(null));
}

function tabs() {
  put($('list-tabs'), KINDS.map((kind) => h('button', { type: 'button', role: 'tab', id: `list-tab-${kind}`, 'aria-controls': 'list-scroll', 'aria-selected': String(kind === view.kind), tabindex: kind === view.kind ? 0 : -1, onclick: () => state.set({ list: kind }) }, t(`js.kinds.${kind}`))));
}

function wireTabs() {
  $('list-tabs').addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    state.set({ list: KINDS[(KINDS.indexOf(view.kind) + by + KINDS.length) % KINDS.length] });
    $(`list-tab-${view.kind}`).focus();
  });
}

function follow() {
  const wanted = state.get('list');
  const known = KINDS.includes(wanted);
  const opened = known && !isOpen();
  if (opened && !$('filters').hidden && !matchMedia('(min-width: 1100px)').matches) showFilters(false);
  $('drawer').hidden = !known;
  document.body.classList.toggle('list-open', known);
  $('list-open').setAttribute('aria-expanded', String(known));
  if (opened || !known) city.map.invalidateSize({ animate: false });
  if (opened && city.map.getSize().y < 600 && $('legend-fold')?.getAttribute('aria-expanded') === 'true') $('legend-fold').click();
  if (!known) return;
  if (wanted !== view.kind) Object.assign(view, { kind: wanted, sort: 'status', order: 'asc', offset: 0, at: 0, rows: [] });
  tabs();
  load();
}

/** Open the list on a kind, or close it; the focus follows. */
export function showList(kind) {
  state.set({ list: kind });
  if (kind) $(`list-tab-${kind}`)?.focus();
  else $('list-open').focus({ preventScroll: true });
}

const firstKind = () => state.get('layers').find((kind) => KINDS.includes(kind)) ?? 'points';

/** Wire the list: its button, tabs, rows, and what it hears of the map. */
export function wireDrawer(shared) {
  city = shared;
  wireTable();
  wireTabs();
  $('list-open').addEventListener('click', () => showList(isOpen() ? '' : firstKind()));
  $('list-close').addEventListener('click', () => showList(''));
  $('list-in-view').addEventListener('change', (event) => { Object.assign(view, { inView: event.target.checked, offset: 0, at: 0 }); load(); });
  $('drawer').addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); showList(''); } });
  const again = debounce(() => load(), 200);
  state.hear(['filters', 'statuses', 'on', 'by'], () => { Object.assign(view, { offset: 0, at: 0 }); again(); });
  state.hear(['list'], follow);
  state.hear(['show'], marked);
  selection.addEventListener('change', marked);
  city.map.on('moveend', () => { if (view.inView && isOpen()) again(); });
  for (const layer of city.layers) {
    layer.addEventListener('change', () => { if (layer.kind === view.kind && layer.state === 'ready' && isOpen()) again(); });
    layer.addEventListener('hover', ({ detail }) => { if (layer.kind === view.kind) for (const row of $('list-body').rows) row.classList.toggle('hover', row.dataset.code === String(detail.code)); });
  }
  if (page.user === null) $('list-open').hidden = true;
  follow();
}
