// What can be done with a whole round: publish, start, finish, call off, carry what is left to another day; files, paper and phone.
import { call, newKey } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { page } from './page.js';
import { closeSheet, openSheet, replanSheet } from './round-sheets.js';
import { isStarted } from './round-store.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const isLeft = (stop) => stop.state === 'skipped' || !isStarted(stop);
const left = (route) => route.stops.filter(isLeft).length + route.unreached.length;

const button = (words, sign, run, more = {}) => h('button', { type: 'button', class: `button ${more.class ?? ''}`.trim(), id: more.id, onclick: run, title: more.title, disabled: more.disabled }, sign ? icon(sign) : null, h('span', { class: more.isWord === false ? 'unseen' : 'word' }, words));

/** Ask once more before something that is not taken back. */
function sure(title, words, label, run) {
  openSheet(title, h('p', {}, words), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', onclick: closeSheet }, t('js.cancel')), h('button', { type: 'button', class: 'button button-main', id: 'round-sure', onclick: () => { closeSheet(); run(); } }, label)));
}

/** The first day that is neither over nor that of the round itself. */
function nextDay(of) {
  if (of < page.tomorrow) return page.tomorrow;
  const day = new Date(`${of}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

function carrySheet(round) {
  const day = h('input', { class: 'input', type: 'date', value: nextDay(round.truth.day), min: page.today });
  const said = h('div', { 'aria-live': 'polite' });
  const go = async () => {
    try {
      const { data } = await call('POST', `${round.path}/carry`, { body: { day: day.value }, key: newKey(), etag: round.etag });
      window.location.assign(`/routes/${encodeURIComponent(data.route)}`);
    } catch (problem) { put(said, notice('bad', problem.message)); }
  };
  openSheet(t('js.round.carry'), h('p', { class: 'quiet' }, t('js.round.carry_words', { n: amount(left(round.truth)) })), h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.day')), day), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: go }, t('js.round.carry_go'))), said);
}

function act(round, verb, words) {
  round.change({ verb, isKept: false, done: () => toast(words, { tone: 'good' }) });
}

/** Change what a round is called, its day and its remark. */
function nameSheet(round) {
  const route = round.shown;
  const name = h('input', { class: 'input', value: route.name, maxlength: 200 });
  const day = h('input', { class: 'input', type: 'date', value: route.day, required: true });
  const remark = h('textarea', { class: 'area', maxlength: 2000 });
  remark.value = route.remark ?? '';
  const field = (words, control) => h('label', { class: 'field' }, h('span', { class: 'label' }, words), control);
  const save = () => { closeSheet(); round.change({ method: 'PATCH', isKept: false, body: { name: name.value.trim(), day: day.value || route.day, remark: remark.value } }); };
  openSheet(t('js.round.facts'), h('div', { class: 'round-form' }, field(t('js.round.name'), name), field(t('js.round.day'), day), field(t('js.round.remark'), remark)), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: save }, t('js.round.save'))));
}

const naming = (round) => h('button', { type: 'button', id: 'round-facts', onclick: (event) => { event.target.closest('details').open = false; nameSheet(round); } }, icon('pen'), t('js.round.facts'));

function cancelling(round) {
  return h('button', { type: 'button', id: 'round-cancel', onclick: (event) => { event.target.closest('details').open = false; sure(t('js.round.cancel'), t('js.round.cancel_sure'), t('js.round.cancel'), () => act(round, 'cancel', t('js.round.cancelled'))); } }, icon('close'), t('js.round.cancel'));
}

/** Draw the buttons that fit the state of the round. */
export function drawVerbs(box, round) {
  const route = round.shown;
  const { state } = route;
  const may = page.may;
  const made = [];
  if (may.edit && (state === 'planned' || state === 'under_way')) {
    made.push(button(t('js.undo'), 'undo', () => round.undo(), { id: 'round-undo', isWord: false, title: t('js.undo'), disabled: !round.isSettled }));
    made.push(button(t('js.round.redo'), 'redo', () => round.redo(), { id: 'round-redo', isWord: false, title: t('js.round.redo'), disabled: !round.undone.length }));
    made.push(button(t('js.round.sick'), 'person', () => replanSheet(round), { id: 'round-replan' }));
  }
  if (may.publish && route.is_covert && !route.published_at && state !== 'planning') made.push(button(t('js.round.publish'), 'bell', () => sure(t('js.round.publish'), t('js.round.publish_sure'), t('js.round.publish'), () => act(round, 'publish', t('js.round.published'))), { id: 'round-publish' }));
  if (may.visit && (state === 'planned' || state === 'under_way')) made.push(h('a', { class: `button ${may.edit ? '' : 'button-main'}`.trim(), id: 'round-go', href: `/routes/${encodeURIComponent(round.code)}/go` }, icon('check'), h('span', { class: 'word' }, t('js.round.go'))));
  if (may.edit && state === 'planned') made.push(button(t('js.round.start'), 'play', () => act(round, 'start', t('js.round.started')), { class: 'button-main', id: 'round-start' }));
  if (may.edit && state === 'under_way') made.push(button(t('js.round.finish'), 'check', () => sure(t('js.round.finish'), left(route) ? t('js.round.finish_left', { n: amount(left(route)) }) : t('js.round.finish_all'), t('js.round.finish'), () => act(round, 'finish', t('js.round.finished'))), { class: 'button-main', id: 'round-finish' }));
  if (may.create && (state === 'finished' || state === 'cancelled') && left(route)) made.push(button(t('js.round.carry'), 'back', () => carrySheet(round)));
  if (state === 'finished' || state === 'under_way') made.push(h('a', { class: 'button', href: `/routes/${encodeURIComponent(round.code)}/result` }, icon('list'), h('span', { class: 'word' }, t('js.round.result'))));
  if (may.edit && (state === 'planned' || state === 'under_way' || state === 'planning')) made.push(h('details', { class: 'menu', id: 'round-rest' }, h('summary', { class: 'button', 'aria-label': t('js.round.rest') }, icon('dots')), h('div', { class: 'menu-sheet' }, state === 'planning' ? null : naming(round), cancelling(round))));
  const key = made.map((one) => `${one.id}${one.textContent}${one.disabled}`).join('|');
  if (box.dataset.drawn === key) return;
  const focused = box.contains(document.activeElement) ? document.activeElement.id : null;
  put(box, made);
  box.dataset.drawn = key;
  if (focused) $(focused)?.focus({ preventScroll: true });
}
