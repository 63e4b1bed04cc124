// The desk's sheets: a team's facts, who is missing today, a point that is added on the way; each asks first what would become of the plan.
import { get, query } from './api.js';
import { choiceField } from './choice.js';
import { $, h, icon, notice, put } from './dom.js';
import { airMetres, chip, clockOf, mark, metres, minuteOf, span, teamName } from './round-looks.js';
import { stopsOf } from './round-store.js';
import { amount, t } from './texts.js';

let turn = 0;

/** Open the sheet with something in it; closing gives the focus back to where it was. */
export function openSheet(title, ...children) {
  const sheet = $('round-sheet');
  turn += 1;
  put(sheet, h('form', { method: 'dialog', class: 'round-sheet-head' }, h('h2', { id: 'round-sheet-title' }, title), h('button', { class: 'icon-button', 'aria-label': t('js.close') }, icon('close'))), children);
  if (!sheet.open) sheet.showModal();
  return sheet;
}

export const closeSheet = () => $('round-sheet').close();

const more = (value) => `${value >= 0 ? '+' : '−'}${metres(Math.abs(value))}`;

const minutesOf = (route) => route.teams.reduce((sum, team) => sum + (team.minutes ?? 0), 0);

/** Say what a plan would have that the present one has not: metres, minutes, what nobody serves. */
export function difference(now, then) {
  const [m, min] = [then.total_m - now.total_m, minutesOf(then) - minutesOf(now)];
  const lost = then.unreached.filter((one) => !now.unreached.some((other) => other.code === one.code));
  return h('p', { class: 'round-difference number' }, h('b', {}, more(m)), h('span', {}, `${min >= 0 ? '+' : '−'}${span(Math.abs(min))}`), h('span', { class: 'quiet' }, t('js.round.then_total', { m: metres(then.total_m) })),
    lost.length ? chip([icon('alert'), t('js.round.then_lost', { n: lost.length })], 'overdue') : null);
}

/** A table of what a new plan would change for each team, and which stops go to whom. */
function changesTable(now, then) {
  const was = new Map(now.stops.map((stop) => [stop.code, stop.team]));
  const rows = then.teams.map((team) => {
    const before = now.teams.find((one) => one.team === team.team);
    const come = stopsOf(then, team.team).filter((stop) => was.get(stop.code) !== team.team);
    const gone = (before?.stops ?? []).filter((code) => !team.stops.includes(code)).length;
    const named = come.slice(0, 4).map((stop) => stop.name).join(t('js.comma')) + (come.length > 4 ? '…' : '');
    const news = [...(come.length ? [t('js.round.come', { names: named })] : []), ...(gone ? [t('js.round.gone', { n: gone })] : [])];
    return h('tr', {}, h('th', { scope: 'row' }, mark(team.team, team.team, { size: 22 }), ' ', teamName(team)),
      h('td', { class: 'number' }, `${before?.stops.length ?? 0} → ${team.stops.length}`), h('td', { class: 'number' }, `${span(before?.minutes ?? 0)} → ${span(team.minutes)}`),
      h('td', {}, news.length ? news.map((words) => h('div', {}, words)) : h('span', { class: 'quiet' }, t('js.round.same'))));
  });
  const lost = then.unreached.filter((one) => !now.unreached.some((other) => other.code === one.code));
  return h('div', {}, difference(now, then), h('table', { class: 'plain-table round-changes' }, h('thead', {}, h('tr', {}, ['team', 'stops', 'time', 'gets'].map((name) => h('th', { scope: 'col' }, t(`js.round.col.${name}`))))), h('tbody', {}, rows)),
    lost.length ? notice('care', h('p', {}, t('js.round.then_lost', { n: lost.length })), h('ul', { class: 'bullets' }, lost.slice(0, 12).map((one) => h('li', {}, `${one.name} · ${one.message}`)))) : null);
}

/** Plan again: who is missing today, how to weigh; what would change is shown before it is written. */
export function replanSheet(round, { absent = [] } = {}) {
  const route = round.shown;
  const fields = route.teams.map((team) => h('label', { class: 'check' }, h('input', { type: 'checkbox', value: team.team, checked: absent.includes(team.team) || team.is_absent }), mark(team.team, team.team, { size: 24 }), h('span', {}, teamName(team), ' ', h('span', { class: 'quiet' }, (team.people ?? []).map((one) => one.full_name).join(t('js.comma'))))));
  const balance = h('select', { class: 'select' }, ['balanced', 'shortest'].map((name) => h('option', { value: name, selected: route.balance === name }, t(`js.round.balance.${name}`))));
  const said = h('div', { 'aria-live': 'polite' });
  const go = h('button', { type: 'button', class: 'button button-main', disabled: true, onclick: () => { closeSheet(); round.change({ verb: 'replan', body: wish() }); } }, t('js.round.take_plan'));
  const wish = () => ({ absent: fields.filter((field) => field.querySelector('input').checked).map((field) => Number(field.querySelector('input').value)), balance: balance.value, keep_started: true });
  const ask = async () => {
    go.disabled = true;
    put(said, h('p', { class: 'quiet' }, h('span', { class: 'spinner' }), ' ', t('js.round.asking')));
    try {
      const then = await round.preview('replan', wish());
      put(said, changesTable(round.truth, then));
      go.disabled = false;
    } catch (problem) { put(said, notice('bad', problem.message)); }
  };
  openSheet(t('js.round.replan'), h('p', { class: 'quiet' }, t('js.round.replan_words')), h('fieldset', { class: 'round-absent' }, h('legend', { class: 'label' }, t('js.round.who_absent')), fields),
    h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.balance')), balance),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', id: 'round-preview', onclick: ask }, t('js.round.preview')), go), said);
  if (absent.length) ask();
}

/** Show where one more point would be cheapest, with what it adds, before it is put in. */
export async function offerPoint(round, code, name, { isForced = false } = {}) {
  const asked = turn + 1;
  const said = h('div', { 'aria-live': 'polite' }, h('p', { class: 'quiet' }, h('span', { class: 'spinner' }), ' ', t('js.round.asking')));
  const team = h('select', { class: 'select' }, h('option', { value: '' }, t('js.round.cheapest')), round.shown.teams.filter((one) => !one.is_absent).map((one) => h('option', { value: one.team }, teamName(one))));
  const verb = isForced ? 'move' : 'add'; // what nobody serves is on the round already
  const body = () => ({ ...(isForced ? { stop: code } : { points: [code] }), ...(team.value ? { team: Number(team.value) } : {}) });
  const go = h('button', { type: 'button', class: 'button button-main', id: 'round-add-go', disabled: true, onclick: () => { closeSheet(); round.change({ verb, body: body() }); } }, t('js.round.add_go'));
  const ask = async () => {
    go.disabled = true;
    try {
      const then = await round.preview(verb, body());
      if (turn !== asked) return;
      const stop = then.stops.find((one) => one.code === code);
      const after = stop && stopsOf(then, stop.team)[stop.position - 2];
      put(said, stop ? h('p', { class: 'round-offer' }, mark(stop.team, stop.position), h('span', {}, after ? t('js.round.between', { team: teamName(then.teams.find((one) => one.team === stop.team)), n: stop.position, after: after.name }) : t('js.round.as_first', { team: teamName(then.teams.find((one) => one.team === stop.team)) }))) : null,
        stop ? difference(round.truth, then) : notice('care', then.unreached.find((one) => one.code === code)?.message ?? t('js.round.no_place')), stop?.is_late ? notice('care', t('js.round.would_be_late')) : null);
      go.disabled = !stop;
    } catch (problem) { if (turn === asked) put(said, notice('bad', problem.message)); }
  };
  team.addEventListener('change', ask);
  openSheet(t(isForced ? 'js.round.put_in_title' : 'js.round.add_title', { name }), said, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.to_team')), team), h('div', { class: 'actions' }, go));
  await ask();
}

/** The field that finds a point to be added on the way. */
export function addField(round, box) {
  const names = new Map();
  const field = choiceField({ name: 'add', label: t('js.round.add'), hint: t('js.round.add_hint'), nameOf: (code) => names.get(code) ?? code,
    ask: async (text) => {
      const { data } = await get(`/points${query({ q: text, limit: 12 })}`);
      const rows = (data.features ?? data.items ?? []).map((one) => one.properties ?? one);
      for (const row of rows) names.set(row.code, row.name);
      const inside = new Set(round.shown.stops.map((stop) => stop.code));
      return { items: rows.filter((row) => !inside.has(row.code)).map((row) => ({ code: row.code, name: row.name, detail: row.address || row.code })), more: Boolean(data.next) };
    },
    onChange: (codes) => { if (!codes.length) return; field.set([]); offerPoint(round, codes[0], names.get(codes[0]) ?? codes[0]); } });
  put(box, field.element);
}

/** Change a team: its name, people, start and hours. */
export function teamSheet(round, team, people, pickSpot) {
  const known = new Map(people.map((one) => [one.name, one]));
  const name = h('input', { class: 'input', value: team.name ?? '', maxlength: 60, autocomplete: 'off' });
  const members = choiceField({ name: `people-${team.team}`, label: t('js.round.people'), hint: t('js.round.people_hint'), nameOf: (code) => known.get(code)?.full_name ?? code, onChange: () => {},
    ask: (text) => { const low = text.toLowerCase(); return { items: people.filter((one) => `${one.name} ${one.full_name} ${one.role_name}`.toLowerCase().includes(low)).slice(0, 30).map((one) => ({ code: one.name, name: one.full_name || one.name, detail: one.role_name })), more: false }; } });
  members.set((team.people ?? []).map((one) => one.name));
  const hour = (minute) => h('input', { class: 'input number', type: 'time', value: minute === null ? '' : clockOf(minute) });
  const [from, until] = [hour(team.from_min), hour(team.until_min)];
  const spot = { start: team.start, ends: team.ends, end: team.end };
  const ends = h('select', { class: 'select' }, ['open', 'return', 'fixed'].map((kind) => h('option', { value: kind, selected: team.ends === kind }, t(`js.round.ends.${kind}`))));
  const place = h('div', {});
  const showPlace = () => put(place, h('p', { class: 'quiet' }, t('js.round.start_now', { place: spot.start ? spot.start.name || `${spot.start.lon}, ${spot.start.lat}` : t('js.round.start_free') })), h('div', { class: 'actions' },
    h('button', { type: 'button', class: 'button button-small', onclick: async () => { spot.start = (await pickSpot('start')) ?? spot.start; showPlace(); } }, icon('cross'), t('js.round.pick_start')),
    ends.value === 'fixed' ? h('button', { type: 'button', class: 'button button-small', onclick: async () => { spot.end = (await pickSpot('end')) ?? spot.end; showPlace(); } }, icon('flag'), spot.end?.name || t('js.round.pick_end')) : null));
  ends.addEventListener('change', showPlace);
  showPlace();
  const save = () => {
    const row = { team: team.team, name: name.value.trim(), people: members.codes, from_min: minuteOf(from.value) ?? team.from_min, until_min: minuteOf(until.value), start: spot.start, ends: ends.value, end: ends.value === 'fixed' ? spot.end : null };
    closeSheet();
    round.change({ method: 'PATCH', body: { teams: [row] }, isKept: false });
  };
  openSheet(t('js.round.edit_team', { team: teamName(team) }), h('div', { class: 'round-form' }, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.team_name')), name), members.element,
    h('div', { class: 'pair-even' }, h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.from')), from), h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.until')), until)),
    h('label', { class: 'field' }, h('span', { class: 'label' }, t('js.round.ends')), ends), place), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: save }, t('js.round.save')),
    h('button', { type: 'button', class: 'button button-warn', onclick: () => { closeSheet(); replanSheet(round, { absent: [team.team] }); } }, t('js.round.is_ill'))));
}

/** Say that somebody else changed the plan: theirs is drawn, ours can be done to it once more. */
export function staleSheet({ act, mine, base, theirs }, { again }) {
  const before = (route, stop) => stopsOf(route, stop.team)[stop.position - 2]?.code ?? null;
  const moved = (route) => route.stops.filter((stop) => { const was = base.stops.find((one) => one.code === stop.code); return !was || was.team !== stop.team || (act.of === stop.code && route === mine) || (route !== mine && before(route, stop) !== before(base, was)); });
  const side = (title, route, isGuess) => h('section', { class: 'card card-body' }, h('h3', {}, title), h('p', { class: 'number' }, isGuess ? t('js.round.stale_open') : metres(route.total_m)),
    h('ul', { class: 'bullets' }, moved(route).slice(0, 8).map((stop) => h('li', {}, t('js.round.stale_row', { name: stop.name, team: teamName(route.teams.find((one) => one.team === stop.team) ?? { team: stop.team ?? 0 }), n: amount(stop.position ?? 0) })))));
  openSheet(t('js.round.stale'), h('p', {}, t('js.round.stale_words')), h('div', { class: 'round-two' }, side(t('js.round.theirs'), theirs, false), side(t('js.round.mine'), mine, true)),
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button', onclick: closeSheet }, t('js.round.take_theirs')), h('button', { type: 'button', class: 'button button-main', onclick: () => { closeSheet(); again(act); } }, t('js.round.mine_again'))));
}

/** Return the place of a team's list where a stop adds fewest metres as the crow flies, for a first picture. */
export function cheapestPlace(route, stop, teamNumber) {
  const team = route.teams.find((one) => one.team === teamNumber);
  const row = stopsOf(route, teamNumber).filter((one) => one.code !== stop.code);
  const spot = (one) => (one ? [one.lon, one.lat] : null);
  let best = { added: Infinity, place: 1 };
  for (let place = 1; place <= row.length + 1; place += 1) {
    const [a, b] = [spot(place === 1 ? team.start : row[place - 2]), spot(row[place - 1] ?? null)];
    const here = spot(stop);
    const added = (a ? airMetres(a, here) : 0) + (b ? airMetres(here, b) : 0) - (a && b ? airMetres(a, b) : 0);
    if (added < best.added) best = { added, place };
  }
  return best.place;
}
