// The last step: what saving would change in one honest sentence, the saving itself, its result, and the way back.
import { API } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { RUNNING, keepingFocus, progressOf, things } from './import-looks.js';
import { amount, t } from './texts.js';

const LISTS = { points: '/points', units: '/units', zones: '/zones', segments: '/segments', issues: '/issues', shops: '/units?kind=shop', people: '/people', holidays: '/calendar', duties: '/responsibility', streets: '/', buildings: '/' };
const ON_MAP = new Set(['points', 'units', 'zones', 'segments', 'issues']);

/** Return what saving would do, in a sentence that leaves nothing out. */
export function willDo({ kind, counts }) {
  const { created = 0, updated = 0, unchanged = 0, problems = 0 } = counts;
  const parts = [t('js.import.will.create', { things: things(kind, created) }), t('js.import.will.update', { n: amount(updated) })];
  if (unchanged) parts.push(t('js.import.will.unchanged', { n: amount(unchanged) }));
  const first = parts.join(t('js.import.comma'));
  return problems ? t('js.import.will.out', { first, n: amount(problems) }) : t('js.import.will.all', { first });
}

const report = (store) => h('a', { class: 'button', href: `${API}${store.path}/report.xlsx`, download: true, 'data-key': 'report' }, icon('download'), t('js.import.report'));

/** Draw the bar at the foot: the sentence, the returned workbook, the saving. */
export function drawSave(box, truth, store) {
  const isReady = truth.state === 'ready' && truth.counts;
  box.hidden = !isReady || !store.truth.can?.length;
  if (box.hidden) return;
  const { counts } = truth;
  const does = (counts.created ?? 0) + (counts.updated ?? 0);
  const lacks = truth.layout?.fields.some((field) => field.is_required && !field.heading) ?? false;
  const words = lacks && !does ? t('js.import.will.lacks') : does ? willDo(truth) : counts.rows && counts.problems === counts.rows ? t('js.import.will.none_right', { n: amount(counts.rows) }) : counts.rows ? t(counts.problems ? 'js.import.will.nothing_out' : 'js.import.will.nothing', { n: amount(counts.problems), unchanged: amount(counts.unchanged ?? 0) }) : t('js.import.rows.none');
  const careful = counts.warnings && does ? h('span', { class: 'quiet' }, t('js.import.will.warned', { n: amount(counts.warnings) })) : null;
  const isWaiting = store.isWaiting;
  keepingFocus(box, () => put(box, h('p', { class: 'imp-will', role: 'status' }, h('strong', {}, words), h('span', { class: 'quiet' }, t('js.import.will.nothing_yet')), careful),
    h('div', { class: 'actions' }, report(store), store.can('confirm') ? h('button', { type: 'button', class: 'button button-main imp-confirm', id: 'imp-confirm', 'data-key': 'confirm', disabled: !does || isWaiting, onclick: () => store.confirm() }, t('js.import.confirm')) : null)));
  document.body.dataset.will = `${counts.created ?? 0}/${counts.updated ?? 0}/${counts.unchanged ?? 0}/${counts.problems ?? 0}`;
}

/** Draw how far the server is, with a way to stop it where there is one. */
export function drawWork(box, truth, store) {
  const isRunning = RUNNING.has(truth.state);
  box.hidden = !isRunning;
  if (!isRunning) { put(box); return; }
  const words = t(`js.import.work.${truth.state}`);
  const stop = store.can('halt') ? h('button', { type: 'button', class: 'button', 'data-key': 'halt', onclick: () => store.halt() }, t('js.import.halt')) : null;
  keepingFocus(box, () => put(box, h('div', { class: 'card-body imp-work-body' }, h('h2', {}, words), progressOf(truth.progress, words), h('p', { class: 'quiet' }, t(`js.import.work.${truth.state}.words`)), stop ? h('div', { class: 'actions' }, stop) : null)));
}

function passwordsOf(passwords) {
  const rows = Object.entries(passwords ?? {});
  return rows.length ? notice('care', h('p', {}, t('js.import.passwords')), h('table', { class: 'imp-passwords' }, h('tbody', {}, rows.map(([name, word]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, h('code', {}, word))))))) : null;
}

function savedCard(truth, store) {
  const { counts, kind } = truth;
  const done = [t('js.import.done.created', { things: things(kind, counts?.created) }), counts?.updated ? t('js.import.done.updated', { n: amount(counts.updated) }) : '', counts?.unchanged ? t('js.import.will.unchanged', { n: amount(counts.unchanged) }) : ''].filter(Boolean).join(t('js.import.comma'));
  const out = counts?.problems ? h('p', {}, t('js.import.done.out', { n: amount(counts.problems) })) : null;
  const links = [h('a', { class: 'button button-main', href: LISTS[kind] ?? '/', 'data-key': 'list' }, icon('list'), t('js.import.done.list')), ON_MAP.has(kind) ? h('a', { class: 'button', href: `/?layers=${kind}`, 'data-key': 'map' }, icon('map'), t('js.import.done.map')) : null, report(store),
    h('a', { class: 'button', href: '#imp-quality', 'data-key': 'quality' }, t('js.import.done.quality'))];
  const undo = store.can('undo') ? h('button', { type: 'button', class: 'button button-warn', id: 'imp-undo', 'data-key': 'undo', onclick: () => store.undo() }, icon('undo'), t('js.import.undo')) : null;
  return h('div', { class: 'card-body imp-done' }, h('span', { class: 'imp-done-sign' }, icon('check')), h('div', { class: 'imp-done-words' }, h('h2', {}, t('js.import.done.title')), h('p', { class: 'imp-done-big' }, done, t('js.import.full_stop')), out, passwordsOf(truth.passwords), h('div', { class: 'actions' }, links), undo ? h('p', { class: 'imp-undo' }, undo, h('span', { class: 'quiet' }, t('js.import.undo_words'))) : null,
    h('p', { class: 'imp-next' }, h('a', { href: '/imports' }, t('js.import.done.next')))));
}

function endedCard(truth, store) {
  const { error, state } = truth;
  const tone = state === 'failed' && error?.code !== 'columns_missing' ? 'bad' : 'care';
  const isColumns = state === 'failed' && error?.code === 'columns_missing' && truth.layout && store.can('change');
  const words = isColumns ? [h('h2', {}, t('js.import.failed_columns')), h('p', {}, t('js.import.failed_columns_words')), h('p', { class: 'quiet' }, error.message)] : state === 'failed' ? [h('h2', {}, t('js.import.failed')), h('p', { class: 'imp-done-big' }, error?.message), error?.hint && !error.message?.includes(error.hint) ? h('p', {}, error.hint) : null] : [h('h2', {}, t(`js.import.${state}.title`)), h('p', {}, t(`js.import.${state}.words`))];
  const drop = store.can('drop') && state === 'failed' ? h('button', { type: 'button', class: 'button', 'data-key': 'drop', onclick: () => store.drop() }, t('js.import.drop')) : null;
  const kind = state === 'failed' && !isColumns && store.can('change') ? h('p', { class: 'quiet' }, t('js.import.failed_change')) : null;
  return h('div', { class: 'card-body imp-done' }, h('span', { class: `imp-done-sign is-${tone}` }, icon(state === 'failed' ? 'alert' : state === 'undone' ? 'undo' : 'retire')), h('div', { class: 'imp-done-words' }, words, kind, h('div', { class: 'actions' }, h('a', { class: `button ${isColumns ? '' : 'button-main'}`, href: '/imports', 'data-key': 'again' }, t('js.import.again')), drop)));
}

/** Draw what became of the import, once it is over. */
export function drawResult(box, truth, store) {
  const isOver = ['saved', 'failed', 'dropped', 'undone'].includes(truth.state);
  box.hidden = !isOver;
  const signature = isOver ? JSON.stringify([truth.version, truth.state, truth.can]) : '';
  if (box.dataset.seen === signature) return;
  box.dataset.seen = signature;
  keepingFocus(box, () => put(box, isOver ? (truth.state === 'saved' ? savedCard(truth, store) : endedCard(truth, store)) : null));
}

/** Draw what can be done with the import at any time, beside its name. */
export function drawActs(truth, store) {
  const drop = store.can('drop') && truth.state !== 'failed' ? h('button', { type: 'button', class: 'button', id: 'imp-drop-it', 'data-key': 'drop', onclick: () => store.drop() }, t('js.import.drop')) : null;
  keepingFocus($('imp-acts'), () => put($('imp-acts'), drop));
}
