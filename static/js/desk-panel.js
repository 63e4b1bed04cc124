// The panel of the drawing desk: a menu of tasks, then for each task one sentence that says what comes next, its few choices, and what would change.
import { h, icon, put } from './dom.js';
import { BYS, HOWS, TASKS, isPicking, kindOf, offers } from './desk-tasks.js';
import { titleOfDraft } from './drafts.js';
import { lookup } from './lookup.js';
import { page } from './page.js';
import { amount, moment, t } from './texts.js';

const name = (zone) => zone.name || zone.code;

/** The menu: what can be done, and what was not finished. */
export function menu({ picked, drafts, note, acts }) {
  const task = (key) => h('button', { type: 'button', class: 'desk-task', 'data-task': key, onclick: (event) => acts.begin(key, event.detail === 0) }, icon(TASKS[key].icon), h('strong', {}, t(`js.desk.task.${key}`)), h('span', { class: 'quiet' }, t(`js.desk.about.${key}`)));
  const draft = (row) => h('li', {}, h('span', {}, h('strong', {}, titleOfDraft(row)), h('small', { class: 'quiet' }, moment(row.at))),
    h('button', { type: 'button', class: 'button button-small button-main', onclick: () => acts.resume(row.key) }, t('js.desk.draft_go_on')), h('button', { type: 'button', class: 'button button-small', onclick: () => acts.discard(row.key) }, t('js.desk.draft_discard')));
  return [
    note, h('p', { class: 'desk-next' }, picked ? t('js.desk.next.menu_picked', { name: name(picked) }) : t('js.desk.next.menu')),
    h('div', { class: 'desk-tasks' }, Object.keys(TASKS).filter((key) => offers(TASKS[key].op)).map(task)),
    drafts.length ? h('section', {}, h('h3', {}, t('js.desk.drafts')), h('ul', { class: 'desk-drafts' }, drafts.map(draft))) : null,
  ];
}

const radios = (legend, group, values, now, words, choose) => h('fieldset', { class: 'segments desk-choice' }, h('legend', {}, legend),
  h('div', {}, values.map((value) => h('label', {}, h('input', { type: 'radio', name: group, value, checked: value === now, onchange: () => choose(value) }), h('span', {}, words(value))))));

function splitChoices(state, acts, streets) {
  const count = h('input', { class: 'input number', type: 'number', min: 2, max: 50, step: 1, value: state.parts, 'aria-label': t('js.desk.parts'), onchange: (event) => acts.set({ parts: Math.max(2, Math.min(50, Math.round(Number(event.target.value)) || 2)) }) });
  const street = (row) => h('li', {}, h('button', { type: 'button', class: 'button button-small', 'aria-pressed': String((row.code ?? row.name) === (state.street?.code ?? state.street?.name)), onclick: () => acts.set({ street: { code: row.code, name: row.name, geometry: row.geometry } }) }, row.name || row.code));
  return [
    radios(t('js.desk.how'), 'desk-how', HOWS, state.how, (value) => t(`js.desk.how.${value}`), (how) => acts.cutBy(how)),
    state.how === 'street' ? h('div', { class: 'desk-streets' }, streets === null ? h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.loading') }) : streets.length ? [h('p', { class: 'label' }, t('js.desk.streets')), h('ul', {}, streets.map(street))] : h('p', { class: 'quiet' }, t('js.desk.no_streets'))) : null,
    state.how === 'parts' ? h('div', { class: 'desk-parts' }, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.desk.parts')), count), radios(t('js.desk.by'), 'desk-by', BYS, state.by, (value) => t(`js.desk.by.${value}`), (by) => acts.set({ by }))) : null,
  ];
}

function mergeChoices(state, acts) {
  if (state.zones.length < 2) return null;
  return radios(t('js.desk.keep'), 'desk-keep', state.zones.map((zone) => zone.code), state.keep ?? state.zones[0].code, (code) => name(state.zones.find((zone) => zone.code === code)), (keep) => acts.set({ keep }));
}

function fillChoices(state, acts) {
  const kinds = (page.zone_kinds ?? []).filter((row) => row.must_tile || row.forbids_overlap);
  const select = h('select', { class: 'select', name: 'fill-kind', onchange: (event) => acts.set({ kind: event.target.value, to: null }) }, kinds.map((row) => h('option', { value: row.code, selected: row.code === state.kind }, row.name)));
  const to = radios(t('js.desk.fill_to'), 'desk-to', ['new', 'zone'], state.to ? 'zone' : 'new', (value) => (value === 'zone' && state.to && state.to !== 'ask' ? state.toName ?? state.to : t(`js.desk.fill_to.${value}`)), (value) => acts.set({ to: value === 'zone' ? 'ask' : null }));
  return [h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.desk.kind')), select), state.spot ? to : null];
}

function reshapeChoices(state, acts) {
  if (!offers('reshape') || !kindOf(state.zones[0]?.kind).forbids_overlap) return null;
  return radios(t('js.desk.neighbours'), 'desk-neighbours', ['follow', 'refuse'], state.neighbours, (value) => t(`js.desk.neighbours.${value}`), (neighbours) => acts.set({ neighbours }));
}

const CHOICES = { split: splitChoices, merge: mergeChoices, fill: fillChoices, reshape: reshapeChoices };

/** The choices of a task that are open now. */
export function choices(state, acts, { streets = null } = {}) {
  const own = state.zones.length >= Math.min(1, TASKS[state.task].zones ?? 0) ? CHOICES[state.task]?.(state, acts, streets) : null;
  return own ?? null;
}

/** The zones chosen so far, each with a button to take it out. */
export function chosen(state, acts) {
  if (!state.zones.length) return null;
  const row = (zone, index) => h('li', {}, h('span', {}, h('strong', {}, name(zone)), h('small', { class: 'quiet' }, `${kindOf(zone.kind).name} · ${zone.code}`)),
    TASKS[state.task].zones > 1 || TASKS[state.task].more ? h('button', { type: 'button', class: 'icon-button', 'aria-label': t('js.desk.take_out', { name: name(zone) }), onclick: () => acts.takeOut(index) }, icon('close')) : null);
  return h('ul', { class: 'desk-zones' }, state.zones.map(row));
}

/** A box to find a zone by name, beside tapping on the map. */
export function finder(step, acts, except) {
  if (!isPicking(step) || step === 'pick_street' || step === 'tap_gap') return null;
  const field = lookup('zones', t('js.desk.find'), { onPick: (row) => { if (row && !except.includes(row.code)) acts.take(row.code); } });
  return field.element;
}

/** Size and soundness of the sketch, as one line. */
export function measures(box, facts, form, isDone) {
  if (!facts || !facts.corners) return put(box);
  const size = form === 'area' && facts.m2 ? t('js.desk.area', { m2: amount(facts.m2, 1), m: amount(facts.metres, 1) }) : t('js.desk.length', { m: amount(facts.metres, 1) });
  const sound = facts.wrong ? h('span', { class: 'status-overdue' }, t(`js.desk.${facts.wrong}`)) : isDone ? h('span', { class: 'status-none' }, t('js.desk.sound')) : t('js.desk.corners_so_far', { count: facts.corners });
  return put(box, facts.wrong || !isDone ? h('span', { class: 'number' }, size) : h('strong', { class: 'number' }, size), ' ', sound);
}
