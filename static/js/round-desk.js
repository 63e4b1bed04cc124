// The desk of a round: map and lists show one plan; whatever is done to it is drawn at once and then told as the server counts it.
import { get, newKey, query } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { page } from './page.js';
import { drawSums, drawUnreached, RoundList } from './round-list.js';
import { Dragging, sayMoved, wireKeys } from './round-drag.js';
import { chip, metres, span, teamName } from './round-looks.js';
import { lastVisit, RoundMap } from './round-map.js';
import { addField, cheapestPlace, offerPoint, staleSheet, teamSheet } from './round-sheets.js';
import { pickSpot } from './round-spot.js';
import { dropStop, isStarted, putStop, Round, stopOf, stopsOf } from './round-store.js';
import { drawVerbs } from './round-verbs.js';
import { Waiting } from './round-wait.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const BEATS = { under_way: 6000, planned: 12000 };
const SLOW_BEAT = 60000;
const REPLAN_BEAT = 1500;
const KEY_PAUSE = 450; // arrows that follow each other are one move
const MOST_OTHERS = 600;
const skew = Date.parse(page.now) - Date.now();

const round = new Round(page.code);
round.canEdit = page.may.edit;
const isOpen = () => round.shown && ['planned', 'under_way'].includes(round.shown.state);
const canEdit = () => page.may.edit && isOpen() && !round.shown.progress;
const canMove = (stop) => canEdit() && !isStarted(stop) && !stop.is_locked;
let legs = null;
let mapped = new Map(); // the order of each team's stops that the legs speak of
let waiting = null;
let beat = null;
let only = 0;

const teamOf = (number) => round.shown.teams.find((one) => one.team === number);

/** Tell whether a stop may be moved; where it is locked, say so. */
function movable(stop) {
  if (stop?.is_locked && canEdit()) toast(t('js.round.unlock_first', { name: stop.name }));
  return Boolean(stop) && canMove(stop);
}

/** Move a stop; without a place it goes where it is cheapest. */
function move(code, team, position, { pause = 0 } = {}) {
  const stop = stopOf(round.shown, code);
  if (!movable(stop)) return;
  const place = position ?? cheapestPlace(round.shown, stop, team);
  round.again({ verb: 'move', of: code, body: { stop: code, team, position: place }, guess: (route) => { if (stopOf(route, code)) putStop(route, code, team, place); }, pause });
  sayMoved($('round-said-moved'), stop.name, teamName(teamOf(team)), place);
}

const acts = {
  canEdit,
  canMove,
  move,
  choose(code) { list.choose(code); map.choose(code); },
  step(code, by) {
    const stop = stopOf(round.shown, code);
    const place = stop.position + by;
    if (!movable(stop)) return;
    if (place >= 1 && place <= stopsOf(round.shown, stop.team).length) move(code, stop.team, place, { pause: KEY_PAUSE });
  },
  aside(code, by) {
    const stop = stopOf(round.shown, code);
    const teams = round.shown.teams.filter((one) => !one.is_absent).map((one) => one.team);
    const team = teams[teams.indexOf(stop.team) + by];
    if (!team || !movable(stop)) return;
    if (only) acts.show(team);
    move(code, team, null);
    list.focus(`stop:${code}`, 'grip');
  },
  lock(code) {
    const stop = stopOf(round.shown, code);
    if (!canEdit() || isStarted(stop)) return;
    const locked = !stop.is_locked;
    round.change({ verb: 'lock', of: code, body: { stops: [code], locked }, guess: (route) => { const one = stopOf(route, code); if (one) one.is_locked = locked; } });
  },
  remove(code) {
    const stop = stopOf(round.shown, code);
    if (!movable(stop)) return;
    round.change({ verb: 'remove', of: code, body: { stops: [code] }, guess: (route) => { if (stopOf(route, code)) dropStop(route, code); },
      done: () => toast(t('js.round.removed', { name: stop.name }), { act: { label: t('js.undo'), run: () => round.undo() } }) });
  },
  menuOf(stop) {
    const item = (words, sign, run, isOff = false) => h('button', { type: 'button', disabled: isOff, onclick: (event) => { event.target.closest('details').open = false; run(); } }, icon(sign), words);
    const count = stopsOf(round.shown, stop.team).length;
    const still = !canMove(stop);
    const others = round.shown.teams.filter((one) => one.team !== stop.team && !one.is_absent);
    return [item(t('js.round.move_up'), 'up', () => acts.step(stop.code, -1), still || stop.position === 1), item(t('js.round.move_down'), 'down', () => acts.step(stop.code, 1), still || stop.position === count),
      others.map((one) => item(t('js.round.move_to', { team: teamName(one) }), 'move', () => move(stop.code, one.team, null), still)),
      item(t(stop.is_locked ? 'js.round.unlock' : 'js.round.lock'), 'lock', () => acts.lock(stop.code), isStarted(stop)), item(t('js.round.remove'), 'close', () => acts.remove(stop.code), still),
      h('a', { href: `/points/${encodeURIComponent(stop.code)}` }, icon('map'), t('js.round.open_point'))];
  },
  editTeam(team) { teamSheet(round, team, page.people, (kind) => pickSpot(map.map, kind)); },
  show(team) {
    only = only === team ? 0 : team;
    list.show(only);
    map.show(only);
  },
  offer(code, name) { if (canEdit()) offerPoint(round, code, name); },
};

const list = new RoundList($('round-lists'), $('round-tabs'), acts);
const map = new RoundMap(window.civmap?.map, acts);
const dragging = new Dragging($('round-board'), { canMove: (code) => { const stop = stopOf(round.shown, code); return Boolean(stop) && canMove(stop); }, move });

/** How far a team is: what is done, where it was last, when it will be through and how late it is. */
function progressOf(team) {
  const stops = stopsOf(round.shown, team.team);
  const done = stops.filter((stop) => stop.state === 'done' || stop.state === 'skipped').length;
  const last = lastVisit(round.shown, team.team);
  const next = stops.find((stop) => !isStarted(stop));
  const late = [last && last.arrive_at ? Date.parse(last.visited_at) - Date.parse(last.arrive_at) : 0, next?.arrive_at ? Date.now() + skew - Date.parse(next.arrive_at) : 0];
  const lateMin = next ? Math.max(0, ...late) / 60000 : 0;
  const endsAt = !next && last ? last.left_at ?? last.visited_at : team.ends_at ? new Date(Date.parse(team.ends_at) + lateMin * 60000).toISOString() : null;
  return { done, total: stops.length, last, endsAt, lateMin };
}

function drawHead(route) {
  const longest = Math.max(0, ...route.teams.map((team) => team.minutes ?? 0));
  const count = route.stops.filter((stop) => stop.team).length;
  put($('round-state'), chip(route.state_name, { under_way: 'open', finished: 'none', cancelled: 'overdue' }[route.state] ?? ''), route.is_covert ? chip([icon('lock'), t(route.published_at ? 'js.round.was_covert' : 'js.round.covert')], route.published_at ? '' : 'due_soon') : null);
  put($('round-total'), h('span', {}, t('js.round.stops_n', { n: amount(count) })), h('b', {}, metres(route.total_m)), longest ? h('span', {}, t('js.round.longest', { time: span(longest) })) : null, h('span', { class: 'quiet' }, t(`js.round.mode.${route.mode ?? 'walk'}`), ' · ', t(`js.round.metric.${route.metric}`)), round.wasGuess ? h('span', { class: 'spinner', role: 'img', 'aria-label': t('js.round.counting') }) : null);
  $('round-total').classList.toggle('is-guess', Boolean(round.wasGuess));
  $('round-name').textContent = route.name || route.route;
  $('round-day').textContent = route.day;
  put($('round-remark'), route.remark);
  put($('round-notes'), route.progress ? notice('care', h('p', {}, h('span', { class: 'spinner' }), ' ', t('js.round.is_replanned'))) : null, route.notes.length ? notice('care', route.notes.map((note) => h('p', {}, note.message))) : null);
}

function draw() {
  const route = round.shown;
  document.body.dataset.round = route.state;
  if (route.state === 'planning') { wait(route); drawVerbs($('round-verbs'), round); put($('round-state'), chip(route.state_name)); return; }
  if ($('round-board').hidden) first(route);
  drawHead(route);
  drawVerbs($('round-verbs'), round);
  list.draw(route);
  drawSums($('round-sums'), route, route.state === 'planned' ? null : progressOf);
  drawUnreached($('round-unreached'), route, canEdit() ? (one) => offerPoint(round, one.code, one.name, { isForced: true }) : null);
  $('round-add').hidden = !canEdit();
  drawMap(route);
  if (others) drawOthers();
}

/** Draw the map; teams whose legs are not told yet go as the crow flies. */
function drawMap(route) {
  for (const team of route.teams) team.isUntold = mapped.get(team.team) !== team.stops.join();
  map.draw(route, legs);
}

/** Show the board; on a phone one team at a time. */
function first(route) {
  $('round-board').hidden = false;
  if (route.teams.length > 1 && matchMedia('(max-width: 620px)').matches) { only = route.teams[0].team; list.only = only; map.only = only; }
}

/** While it is planned: the card that waits for the plan. */
function wait(route) {
  $('round-board').hidden = true;
  if (waiting) return;
  waiting = new Waiting($('round-wait'), round, () => { waiting = null; draw(); ways(); pulse(); });
  waiting.tell(route);
}

async function ways() {
  const asked = round.truth.version;
  const found = await round.legs();
  if (!found || asked !== round.truth.version) return;
  legs = found;
  mapped = new Map(round.truth.teams.map((team) => [team.team, team.stops.join()]));
  drawMap(round.shown);
  document.body.dataset.version = String(asked);
}

/** Ask again after a while: what teams do shows without anybody touching the page. */
function pulse() {
  clearTimeout(beat);
  beat = setTimeout(async () => {
    const isFree = !document.hidden && !dragging.now && !map.isDragging && !waiting;
    if (isFree) await round.load().catch(() => {});
    pulse();
  }, round.truth?.progress ? REPLAN_BEAT : BEATS[round.truth?.state] ?? SLOW_BEAT);
}

let drawnVersion = null;
round.addEventListener('change', () => {
  draw();
  if (round.wasGuess || round.truth.state === 'planning') return;
  if (drawnVersion !== round.truth.version) { drawnVersion = round.truth.version; ways(); }
});
round.addEventListener('settled', () => { drawVerbs($('round-verbs'), round); document.body.dataset.settled = String(Number(document.body.dataset.settled ?? 0) + 1); });
round.addEventListener('refused', ({ detail: { problem } }) => toast(problem.message, { tone: 'bad' }));
round.addEventListener('stale', ({ detail }) => staleSheet(detail, { again: (act) => round.change({ ...act, key: newKey(), isSent: false }) }));

/** Points of the view that are not in the round, to be tapped. */
let others = null;

function drawOthers() {
  const inside = new Set([...round.shown.stops, ...round.shown.unreached].map((stop) => stop.code));
  map.offer(others?.filter((one) => !inside.has(one.properties.code)) ?? null);
}

async function offerOthers() {
  const isOn = $('round-others').getAttribute('aria-pressed') === 'true';
  others = null;
  try {
    if (isOn) others = (await get(`/points.geojson${query({ bbox: map.box, limit: MOST_OTHERS })}`)).data.features;
  } catch (problem) { toast(problem.message, { tone: 'bad' }); }
  drawOthers();
}

function wire() {
  wireKeys($('round-board'), acts);
  addField(round, $('round-add-field'));
  $('round-fit').addEventListener('click', () => map.fit());
  $('round-others').addEventListener('click', () => { const on = $('round-others').getAttribute('aria-pressed') !== 'true'; $('round-others').setAttribute('aria-pressed', String(on)); offerOthers(); });
  map.onView = () => { if ($('round-others').getAttribute('aria-pressed') === 'true') offerOthers(); };
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches('input, textarea, select') || !canEdit()) return;
    if (event.key.toLowerCase() === 'z') { event.preventDefault(); if (event.shiftKey) round.redo(); else round.undo(); }
    if (event.key.toLowerCase() === 'y') { event.preventDefault(); round.redo(); }
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && !waiting) round.load().catch(() => {}); });
}

async function begin() {
  try {
    await round.load();
    $('round-loading').hidden = true;
    pulse();
  } catch (problem) {
    put($('round-loading'), notice('bad', h('p', {}, problem.message), h('button', { type: 'button', class: 'button', onclick: begin }, t('js.round.again'))));
  }
}

wire();
begin();
