// The calendar page: a tap turns a day; what would move is told before anything is saved; every step can be undone.
import { call, Problem } from './api.js';
import { $, debounce, h, notice, put } from './dom.js';
import { page } from './page.js';
import { moment, t } from './texts.js';
import { toast } from './toast.js';

const KEPT = 'civmap-calendar-undo';
const SIGNS = { holiday: document.querySelector('.calendar-legend .day-holiday .sign').textContent, makeup: document.querySelector('.calendar-legend .day-makeup .sign').textContent };
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
let state = { days: {}, shifts: page.shifts };
let past = [];
let told = null;

const cellOf = (day) => document.querySelector(`button.day[data-day="${day}"]`);
const isWorked = (cell) => ['work', 'makeup'].includes(cell.dataset.kind);
const isWeekend = (day) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

function step(next) {
  past.push(state);
  state = next;
  draw();
}

function turn(cell) {
  const { day } = cell.dataset;
  const days = { ...state.days };
  if (days[day]) delete days[day];
  else days[day] = 'own' in cell.dataset ? { is_worked: null, name: '' } : { is_worked: !isWorked(cell), name: '' };
  step({ ...state, days });
  cellOf(day)?.scrollIntoView({ block: 'nearest' }); // above the panel that tells what would move
}

/** Show a day as it would be. */
function paint(cell) {
  const { day, kind } = cell.dataset;
  const change = state.days[day];
  const worked = change && change.is_worked !== null ? change.is_worked : change ? !isWorked(cell) : null;
  const shown = worked === null ? kind : worked ? (isWeekend(day) ? 'makeup' : 'work') : (isWeekend(day) ? 'weekend' : 'holiday');
  cell.classList.remove('day-work', 'day-weekend', 'day-holiday', 'day-makeup');
  cell.classList.add(`day-${shown}`);
  cell.classList.toggle('is-changed', Boolean(change));
  cell.setAttribute('aria-pressed', String(Boolean(change)));
  cell.querySelector('.sign').textContent = SIGNS[shown] ?? '';
}

function edit() {
  const days = Object.entries(state.days).map(([day, said]) => ({ day, ...said }));
  return { days, ...(same(state.shifts, page.shifts) ? {} : { shifts: state.shifts }) };
}

const isEmpty = (wish) => !wish.days.length && !wish.shifts;
/** Return what a wish moves by: a day's name moves nothing. */
const moving = (wish) => ({ ...wish, days: wish.days.map(({ name, ...rest }) => rest) });

function changeLine([day, said]) {
  const words = said.is_worked === null ? 'to_official' : said.is_worked ? 'to_work' : 'to_rest';
  const name = said.is_worked === null ? null : h('input', { class: 'input', 'aria-label': `${day} ${t('js.calendar.name')}`, placeholder: t('js.calendar.name'), maxlength: 60, value: said.name,
    oninput: (event) => { state = { ...state, days: { ...state.days, [day]: { ...state.days[day], name: event.target.value } } }; } });
  return h('li', {}, h('b', { class: 'number' }, day), h('span', {}, t(`js.calendar.${words}`)), name,
    h('button', { type: 'button', class: 'button button-plain', onclick: () => turn(cellOf(day) ?? { dataset: { day } }) }, t('js.calendar.remove')));
}

function movesTold() {
  if (told === null) return h('p', { class: 'quiet' }, t('js.calendar.checking'));
  if (told instanceof Problem) return notice('bad', told.status === 412 ? t('js.calendar.stale') : told.message);
  if (!told.count) return h('p', { class: 'quiet' }, t('js.calendar.no_moves'));
  return h('details', { class: 'moves', open: told.count <= 6 }, h('summary', {}, t('js.calendar.moves', { n: told.count })),
    h('table', {}, h('tbody', {}, told.moves.map((move) => h('tr', {}, h('td', {}, h('a', { href: `/issues/${encodeURIComponent(move.issue_no)}` }, move.issue_no)), h('td', {}, move.unit ?? '—'), h('td', { class: 'number' }, `${moment(move.before)} → ${moment(move.after)}`))))),
    told.count > told.moves.length ? h('p', { class: 'quiet' }, t('js.calendar.more', { n: told.count - told.moves.length })) : null);
}

/** Draw anew, and leave whoever types a name at the letter. */
function drawPending() {
  const { activeElement: typed } = document;
  const label = typed?.matches?.('.changes input') ? typed.getAttribute('aria-label') : null;
  const caret = label === null ? 0 : typed.selectionStart;
  putPending();
  const again = label === null ? null : [...document.querySelectorAll('.changes input')].find((one) => one.getAttribute('aria-label') === label);
  again?.focus();
  again?.setSelectionRange(caret, caret);
}

function putPending() {
  const wish = edit();
  const body = $('pending-body');
  $('pending').classList.toggle('is-full', !isEmpty(wish));
  if (isEmpty(wish)) { put(body, h('p', {}, t('js.calendar.nothing')), past.length ? undoButton() : null); return; }
  const hours = wish.shifts ? h('li', {}, t('js.calendar.hours_changed', { hours: state.shifts.map((one) => one.join('–')).join(' ') })) : null;
  put(body, h('div', { class: 'pending-list' }, h('h2', {}, t('js.calendar.changes')), h('ul', { class: 'changes' }, Object.entries(state.days).sort().map(changeLine), hours), movesTold()),
    h('div', { class: 'actions foot-do' }, h('button', { type: 'button', class: 'button button-main', id: 'save', disabled: told === null || told instanceof Problem, onclick: save }, t('js.calendar.save')),
      undoButton(), h('button', { type: 'button', class: 'button button-plain', onclick: () => step({ days: {}, shifts: page.shifts }) }, t('js.calendar.discard'))));
}

function undoButton() {
  return h('button', { type: 'button', class: 'button', onclick: undo }, t('js.calendar.undo'));
}

function undo() {
  if (!past.length) return;
  state = past.pop();
  draw();
}

function drawShifts() {
  const change = (number, side, value) => step({ ...state, shifts: state.shifts.map((one, at) => (at === number ? one.map((text, end) => (end === side ? value : text)) : one)) });
  const field = (number, side) => h('input', { class: 'input number', type: 'time', required: true, value: state.shifts[number][side], 'aria-label': t(side ? 'js.calendar.closes' : 'js.calendar.opens'), onchange: (event) => change(number, side, event.target.value) });
  put($('shifts'), state.shifts.map((_, number) => h('div', { class: 'shift' }, field(number, 0), '–', field(number, 1),
    state.shifts.length > 1 ? h('button', { type: 'button', class: 'button button-plain', onclick: () => step({ ...state, shifts: state.shifts.filter((__, at) => at !== number) }) }, t('js.calendar.remove_shift')) : null)),
  h('div', {}, h('button', { type: 'button', class: 'button', onclick: () => step({ ...state, shifts: [...state.shifts, ['19:00', '21:00']] }) }, t('js.calendar.add_shift'))));
}

const ask = debounce(async () => {
  const wish = edit();
  if (isEmpty(wish)) return;
  try {
    const { data } = await call('PUT', '/calendar?preview=true', { body: wish, etag: page.etag });
    if (same(moving(wish), moving(edit()))) told = data;
  } catch (problem) {
    if (same(moving(wish), moving(edit()))) told = problem;
  }
  drawPending();
}, 250);

function draw() {
  told = null;
  for (const cell of document.querySelectorAll('#year .day')) paint(cell);
  drawShifts();
  drawPending();
  ask();
}

/** What brings everything back to how it was before saving. */
function inverse(wish) {
  const days = wish.days.map(({ day }) => {
    const cell = cellOf(day);
    const own = cell && 'own' in cell.dataset;
    return own ? { day, is_worked: isWorked(cell), name: cell.dataset.name } : { day, is_worked: null, name: '' };
  });
  return { days, ...(wish.shifts ? { shifts: page.shifts } : {}) };
}

async function save() {
  const wish = edit();
  try {
    await call('PUT', '/calendar', { body: wish, etag: page.etag });
    sessionStorage.setItem(KEPT, JSON.stringify(inverse(wish)));
    window.location.reload();
  } catch (problem) {
    told = problem;
    drawPending();
  }
}

function offerUndo() {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  sessionStorage.removeItem(KEPT);
  const run = async () => {
    try {
      await call('PUT', '/calendar', { body: JSON.parse(kept), etag: page.etag });
      window.location.reload();
    } catch (problem) {
      toast(problem.message, { tone: 'bad' });
    }
  };
  toast(t('js.calendar.saved'), { act: { label: t('js.calendar.take_back'), run } });
}

$('campaign').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    await call('PUT', '/calendar/campaign', { body: { factor: Number(form.factor.value), is_on: form.is_on.checked }, etag: `"v${page.campaign.version}"` });
    window.location.reload();
  } catch (problem) {
    toast(problem.message, { tone: 'bad' });
  }
});
$('year').addEventListener('click', (event) => {
  const cell = event.target.closest('button.day');
  if (cell) turn(cell);
});
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !event.target.closest('input')) { event.preventDefault(); undo(); }
});
draw();
offerUndo();
