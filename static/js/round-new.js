// A new round: points, teams, day and way on one page; beside them what it would come to; one button plans it.
/* global L */
import { call, newKey } from './api.js';
import { layGround } from './basemap.js';
import { $, debounce, h, notice, put } from './dom.js';
import { page } from './page.js';
import { wireCustoms } from './round-customs.js';
import { airMetres, clockOf, metres, minuteOf, span } from './round-looks.js';
import { Points } from './round-points.js';
import { Teams } from './round-teams.js';
import { amount, t } from './texts.js';

const BENDS = { road: 1.35, air: 1 }; // how much longer ways along streets are than the bird's
const TOUR = 0.7124; // a tour of N spots scattered over an area A is about this times the root of N·A
const map = window.civmap?.map;
const form = $('round-form');
const value = (name) => form.elements[name].value;
let key = newKey();
let spots = null;

const minutesOf = (type) => {
  const own = form.querySelector(`[data-visit="${CSS.escape(type)}"]`)?.value;
  if (own) return Number(own);
  return Number(value('visit_min')) || page.customs.visit_minutes[type] || page.customs.visit_minutes.default;
};

function lunch() {
  if (!form.elements.lunch.checked) return false;
  return [minuteOf(value('lunch_from')), minuteOf(value('lunch_until'))];
}

const day = () => ({ from: minuteOf(value('from')) ?? page.customs.day.from, until: form.elements.no_end.checked ? null : minuteOf(value('until')) ?? page.customs.day.until });

/** Guess the metres of all ways together. */
function tour(all) {
  if (all.length < 2) return 0;
  const [lons, lats] = [all.map((one) => one.lon), all.map((one) => one.lat)];
  const [west, south, east, north] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const area = Math.max(airMetres([west, south], [east, south]), 50) * Math.max(airMetres([west, south], [west, north]), 50);
  return TOUR * Math.sqrt(all.length * area) * BENDS[value('metric')];
}

/** Say beside the form what it would come to. */
function sum() {
  const all = [...points.all.values()];
  const ways = tour(all) * (1 + (teams.spots().length ? 0.03 : 0) * (teams.count - 1));
  const visits = all.reduce((total, one) => total + minutesOf(one.type), 0);
  const each = (visits + ways / (page.customs.speeds[value('mode')] * 1000 / 60)) / teams.count;
  const { from, until } = day();
  const pause = lunch();
  const free = until === null ? null : until - from - (pause ? pause[1] - pause[0] : 0);
  const row = (words, said) => h('div', {}, h('dt', {}, words), h('dd', { class: 'number' }, said));
  put($('round-sum'), row(t('js.round.sum.points'), amount(all.length)), row(t('js.round.sum.teams'), amount(teams.count)), row(t('js.round.sum.way'), all.length > 1 ? t('js.round.about', { what: metres(ways) }) : '—'),
    row(t('js.round.sum.visits'), all.length ? span(visits) : '—'), row(t('js.round.sum.each'), all.length ? t('js.round.about', { what: span(each) }) : '—'), row(t('js.round.sum.hours'), free === null ? t('js.round.no_limit') : `${clockOf(from)}–${clockOf(until)} · ${span(free)}`));
  const wanted = free ? Math.ceil((each * teams.count) / free) : 1;
  put($('round-advice'), all.length && free !== null && each > free * 1.05 ? notice('care', h('p', {}, t('js.round.too_much', { n: Math.min(12, wanted) })), wanted > teams.count && wanted <= 12 ? h('button', { type: 'button', class: 'button button-small', onclick: () => teams.set(wanted) }, t('js.round.make_teams', { n: wanted })) : null) : null);
  $('round-plan').disabled = !all.length;
  $('round-plan-said').textContent = all.length ? t('js.round.ready', { n: amount(all.length), teams: amount(teams.count), time: span(each) }) : t('js.round.choose_first');
  document.body.dataset.points = String(all.length);
}

function drawMap() {
  if (!map) return;
  spots ??= L.featureGroup().addTo(map);
  spots.clearLayers();
  for (const one of points.all.values()) L.circleMarker([one.lat, one.lon], { radius: 5, className: one.isMust ? 'round-spot' : 'round-spot is-nice' }).bindTooltip(() => h('span', {}, one.name)).addTo(spots);
  for (const spot of teams.spots()) L.circleMarker([spot.lat, spot.lon], { radius: 8, className: 'round-spot-start' }).bindTooltip(() => h('span', {}, spot.name ?? '')).addTo(spots);
  const box = spots.getBounds();
  if (box.isValid()) map.fitBounds(box, { animate: false, padding: [18, 18], maxZoom: 16 });
}

function drawVisits() {
  const types = [...new Set([...points.all.values()].map((one) => one.type))];
  const box = $('round-visits');
  const had = new Map([...box.querySelectorAll('[data-visit]')].map((input) => [input.dataset.visit, input.value]));
  if (box.contains(document.activeElement) || types.join() === box.dataset.types) return;
  box.dataset.types = types.join();
  put(box, types.map((type) => h('label', { class: 'field' }, h('span', { class: 'label' }, page.types.find((one) => one.code === type)?.name ?? type),
    h('input', { class: 'input number', type: 'number', min: 0, max: 480, step: 1, inputmode: 'numeric', 'data-visit': type, value: had.get(type) ?? '', placeholder: String(page.customs.visit_minutes[type] ?? page.customs.visit_minutes.default) }))));
}

function body() {
  const hours = day();
  const types = [...new Set([...points.all.values()].map((one) => one.type))];
  const visit = form.querySelectorAll('[data-visit]');
  const own = [...visit].some((input) => input.value) || value('visit_min') ? { visit_min: Object.fromEntries(types.map((type) => [type, minutesOf(type)])) } : {};
  const name = value('name').trim();
  return { ...points.body(), ...teams.body(hours), ...own, ...(name ? { name } : {}), day: value('day'), lunch: lunch(), metric: value('metric'), mode: value('mode'), balance: value('balance'),
    seconds: Number(value('seconds')), covert: form.elements.covert.checked, ...(form.elements.ignore_opening.checked ? { ignore_opening: true } : {}), wait: false };
}

async function plan(event) {
  event.preventDefault();
  const missing = teams.missing();
  if (missing) { put($('said'), notice('bad', missing)); return; }
  const button = $('round-plan');
  button.disabled = true;
  put($('said'));
  $('round-plan-said').textContent = t('js.round.sending');
  try {
    const { data } = await call('POST', '/routes', { body: body(), key });
    window.location.assign(`/routes/${encodeURIComponent(data.route)}`);
  } catch (problem) {
    put($('said'), notice('bad', problem.message));
    $('said').scrollIntoView({ block: 'center' });
    key = newKey();
    sum();
  }
}

const changed = debounce(() => { drawVisits(); sum(); drawMap(); }, 60);
if (map) { layGround(map); L.control.zoom({ position: 'topright', zoomInTitle: t('js.round.zoom_in'), zoomOutTitle: t('js.round.zoom_out') }).addTo(map); new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer()); }
const points = new Points(() => { if (points?.draw?.isCovert) form.elements.covert.checked = true; changed(); });
const teams = new Teams(map, () => changed());
points.wire();
form.addEventListener('input', () => { key = newKey(); changed(); });
form.addEventListener('submit', plan);
if ($('round-customs')) wireCustoms($('round-customs'), map);
points.begin();
