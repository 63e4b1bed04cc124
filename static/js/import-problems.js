// What is wrong with a row, in sentences with their repairs: accept one, all alike, or type what is right; and take it back.
import { h, icon } from './dom.js';
import { markOf, systemName } from './import-looks.js';
import { page } from './page.js';
import { t } from './texts.js';

const PLACE = ['lon', 'lat'];

/** Return the list of words a field is chosen from, made once per page; null where anything may stand there. */
function listFor(kind, field) {
  const words = page.choices?.[kind]?.[field];
  if (!words?.length) return null;
  const id = `imp-list-${kind}-${field}`;
  if (!document.getElementById(id)) document.body.append(h('datalist', { id }, words.map((word) => h('option', { value: word }))));
  return id;
}

/** Make an input in which a field's value is typed; Enter keeps, Escape leaves. */
export function inputFor({ kind, field, value, label, keep, leave }) {
  const input = h('input', { class: 'input', value: value ?? '', 'aria-label': label, list: listFor(kind, field), autocomplete: 'off', inputmode: PLACE.includes(field) ? 'decimal' : null });
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') { event.preventDefault(); keep(input.value); }
    if (event.key === 'Escape') { event.preventDefault(); leave(); }
  });
  return input;
}

/** A small form in place of the buttons: one field, or both halves of a place. */
function typing(row, problem, acts, host) {
  const fields = PLACE.includes(problem.field) ? PLACE : [problem.field];
  const leave = () => { acts.typing(false); host.replaceChildren(...kept); kept.find((one) => one.dataset?.key)?.focus(); };
  const keep = () => {
    acts.typing(false);
    acts.type(row, Object.fromEntries(fields.map((field, at) => [field, inputs[at].value.trim()])));
  };
  const kept = [...host.childNodes];
  const nameOf = (field) => acts.fieldName(field);
  const inputs = fields.map((field) => inputFor({ kind: acts.kind, field, value: row.typed?.[field] ?? row.values?.[field], label: t('js.import.fix.value_of', { name: nameOf(field), row: row.row }), keep, leave }));
  acts.typing(true);
  host.replaceChildren(h('form', { class: 'imp-typing', onsubmit: (event) => { event.preventDefault(); keep(); } },
    fields.map((field, at) => h('label', { class: 'field' }, h('span', { class: 'label' }, nameOf(field)), inputs[at])),
    h('button', { class: 'button button-small button-main' }, t('js.import.fix.keep')), h('button', { type: 'button', class: 'button button-small button-plain', onclick: leave }, t('js.import.fix.leave'))));
  inputs[0].focus();
  inputs[0].select();
}

function buttons(row, problem, acts) {
  const key = `${row.row}:${problem.code}`;
  const host = h('span', { class: 'imp-fix' });
  const one = problem.repair ? h('button', { type: 'button', class: 'button button-small button-main', 'data-key': `fix:${key}`, onclick: () => acts.accept(row, problem, true) }, icon('check'), t('js.import.fix.one')) : null;
  const own = problem.field ? h('button', { type: 'button', class: 'button button-small', 'data-key': `own:${key}`, onclick: () => typing(row, problem, acts, host) }, icon('pen'), t('js.import.fix.own')) : null;
  host.append(...[one, ...others(row, problem, acts), own].filter(Boolean));
  return host;
}

/** Return what a repair would write, as a text. */
function offerOf({ offer }, acts) {
  const parts = Object.entries(offer && 'field' in offer && 'value' in offer ? { [offer.field]: offer.value } : offer ?? {});
  if (!parts.length) return '';
  if (parts.every(([field]) => PLACE.includes(field))) return PLACE.map((field) => offer[field]).join(', ');
  return parts.map(([field, text]) => `${acts.fieldName(field)} ${text}`).join(t('js.comma'));
}

/** Return what is said behind a problem's sentence: the repair, what was repaired, or a hint that the sentence lacks. */
function betterOf(problem, acts) {
  const offer = offerOf(problem, acts);
  if (problem.accepted) return t('js.import.fix.done', { what: offer || problem.suggestion || '' });
  if (offer && !problem.message.includes(offer)) return t('js.import.fix.to', { what: offer });
  const said = problem.suggestion ?? '';
  return said.startsWith('--') || problem.message.includes(said) ? '' : said;
}

/** Where a cell may mean several words, systems or places: a button for each. */
function others(row, problem, acts) {
  if (problem.repair || !acts.canRepair) return [];
  if (Array.isArray(problem.choices) && problem.field) return problem.choices.slice(0, 4).map((text) => h('button', { type: 'button', class: 'button button-small', 'data-key': `choice:${row.row}:${text}`, onclick: () => acts.type(row, { [problem.field]: text }) }, t('js.import.fix.choose', { text })));
  if (!Array.isArray(problem.alternatives)) return [];
  return problem.alternatives.slice(0, 4).map((one) => {
    const system = one.system ?? null;
    const name = one.name ?? (system ? systemName(system) : `${one.lon}, ${one.lat}`);
    const values = system && acts.hasField('crs') ? { crs: system } : { lon: String(one.lon), lat: String(one.lat) };
    return h('button', { type: 'button', class: 'button button-small', 'data-key': `other:${row.row}:${name}`, onclick: () => acts.type(row, values) }, t(system ? 'js.import.fix.as' : 'js.import.fix.at', { name: system ? systemName(system) : name }));
  });
}

/** Draw one problem of a row; an accepted one says so and can be taken back. */
function line(row, problem, acts) {
  const look = problem.accepted ? null : problem.severity === 'warning' ? 'warning' : 'error';
  const better = betterOf(problem, acts);
  const back = problem.accepted && acts.canRepair ? h('button', { type: 'button', class: 'button button-small', 'data-key': `back:${row.row}:${problem.code}`, onclick: () => acts.accept(row, problem, false) }, icon('undo'), t('js.import.fix.back')) : null;
  return h('li', { class: `imp-problem is-${problem.accepted ? 'done' : problem.severity ?? 'error'}`, 'data-code': problem.code },
    look ? markOf(look, t(`js.import.severity.${problem.severity ?? 'error'}`)) : icon('check'),
    h('span', { class: 'imp-problem-words' }, problem.column ? h('b', {}, problem.column === problem.field ? acts.fieldName(problem.field) : problem.column, t('js.import.colon')) : null, problem.message, better ? h('span', { class: 'imp-suggestion' }, ' ', better) : null),
    problem.accepted ? back : acts.canRepair ? buttons(row, problem, acts) : null);
}

function typedLine(row, field, text, acts) {
  return h('li', { class: 'imp-problem is-done' }, icon('pen'), h('span', { class: 'imp-problem-words' }, t('js.import.fix.typed', { name: acts.fieldName(field), text })),
    acts.canRepair ? h('button', { type: 'button', class: 'button button-small', 'data-key': `untype:${row.row}:${field}`, onclick: () => acts.type(row, { [field]: null }) }, icon('undo'), t('js.import.fix.back')) : null);
}

/** Return all that is said about a row, or null where there is nothing. */
export function problemsOf(row, acts) {
  const typed = Object.entries(row.typed ?? {});
  const isTyped = (problem) => problem.accepted && typed.some(([field]) => field === problem.field);
  const told = (row.problems ?? []).filter((problem) => !isTyped(problem));
  if (!told.length && !typed.length) return null;
  return h('ul', { class: 'imp-problems' }, told.map((problem) => line(row, problem, acts)), typed.map(([field, text]) => typedLine(row, field, text, acts)));
}

/** Return the worst that is still open about a field of a row. */
export function faultOf(row, field, heading) {
  const open = (row.problems ?? []).filter((problem) => !problem.accepted && (problem.column === heading || (problem.field && problem.field === field)));
  return open.some((problem) => problem.severity !== 'warning') ? 'error' : open.length ? 'warning' : null;
}
