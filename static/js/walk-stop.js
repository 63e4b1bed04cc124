// The next stop, big: how far and whither, when, what is open there, whom to call, which app leads the way.
import { h, icon, put, s } from './dom.js';
import { amount, moment, t } from './texts.js';
import { bearing, metres } from './walk-where.js';

const TURNS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'];
const far = (length) => (length < 1000 ? t('walk.metres', { m: amount(length < 50 ? length : Math.round(length / 10) * 10) }) : t('walk.kilometres', { km: amount(length / 1000, 1) }));
const clock = (iso) => moment(iso).split(/[\s,]+/).at(-1);

/** How far and in which direction a stop lies; says so where the device tells no place. */
export function whither(stop, { spot, problem }) {
  if (!spot) return h('p', { class: 'walk-whither is-lost' }, icon('lost'), h('span', {}, t(`walk.where.${problem ?? 'waiting'}`)));
  const length = metres(spot, stop);
  if (length <= stop.reach_m) return h('p', { class: 'walk-whither is-there' }, icon('check'), h('strong', {}, t('walk.where.there')), h('span', { class: 'quiet' }, t('walk.where.within', { m: far(length), accuracy: amount(spot.accuracy_m) })));
  const turn = bearing(spot, stop);
  const arrow = s('svg', { viewBox: '0 0 32 32', class: 'walk-arrow', 'aria-hidden': 'true' }, s('g', { transform: `rotate(${turn.toFixed(0)} 16 16)` }, s('path', { d: 'M16 3 26 27 16 21.5 6 27z' })));
  return h('p', { class: 'walk-whither' }, arrow, h('strong', { class: 'number' }, far(length)), h('span', {}, t(`walk.turn.${TURNS[Math.round(turn / 45) % 8]}`)), h('span', { class: 'quiet' }, t('walk.where.air', { accuracy: amount(spot.accuracy_m) })));
}

function planned(stop) {
  const lines = [];
  if (stop.arrive_at) lines.push(t(stop.leave_at ? 'walk.window' : 'walk.from', { from: clock(stop.arrive_at), to: clock(stop.leave_at ?? stop.arrive_at) }));
  if (stop.leg_m) lines.push(t(stop.is_air ? 'walk.leg_air' : 'walk.leg', { m: far(stop.leg_m) }));
  if (stop.open_hours) lines.push(t('walk.open_hours', { hours: stop.open_hours }));
  return lines.map((line) => h('li', {}, line));
}

function issues(stop) {
  if (!stop.issues?.length) return h('p', { class: 'quiet' }, t('walk.no_issues'));
  return h('details', { class: 'walk-issues' }, h('summary', {}, icon('flag'), t(stop.issues.some((one) => one.is_overdue) ? 'walk.issues_overdue' : 'walk.issues', { n: stop.issues.length, over: stop.issues.filter((one) => one.is_overdue).length }), icon('chevron')),
    h('ul', {}, stop.issues.map((one) => h('li', {}, h('a', { href: `/issues/${encodeURIComponent(one.issue_no)}` }, h('span', { class: 'number' }, one.issue_no), one.is_overdue ? h('span', { class: 'chip chip-overdue' }, icon('status-overdue'), t('walk.overdue')) : null, h('span', {}, one.description))))));
}

function tools(stop) {
  const call = stop.phone && !stop.phone.includes('*') ? h('a', { class: 'button', href: `tel:${stop.phone.replace(/[^\d+]/g, '')}` }, icon('phone'), t('walk.call')) : null;
  const maker = (name) => h('a', { class: 'button', href: stop.navigation[name], target: name === 'geo' ? null : '_blank', rel: 'noreferrer' }, t(`walk.nav.${name}`));
  const lead = stop.navigation ? h('details', { class: 'walk-nav' }, h('summary', { class: 'button' }, icon('locate'), t('walk.navigate')), h('div', { class: 'walk-nav-links' }, ['amap', 'baidu', 'tencent', 'geo'].map(maker))) : null;
  return h('div', { class: 'walk-tools' }, lead, call);
}

/** Draw the head of a stop into `box`; `isOpen` is false once its check list lies open: then it is brief. */
export function drawStop(box, stop, { number, state, where, isBrief }) {
  const who = stop.unit_name ? h('p', { class: 'quiet' }, t('walk.unit', { unit: stop.unit_name }), stop.phone ? ` · ${stop.phone}` : '') : null;
  const whitherBox = h('div', { class: 'walk-whither-box' }, whither(stop, where));
  const head = h('header', { class: 'walk-stop-head' }, number ? h('span', { class: `walk-number number is-${state}` }, number) : null,
    h('div', {}, h('h2', { tabindex: -1 }, stop.name || stop.code), h('p', { class: 'quiet' }, [stop.type_name, stop.address].filter(Boolean).join(' · '))));
  const more = [h('ul', { class: 'walk-plan' }, planned(stop)), who, issues(stop), tools(stop)];
  put(box, head, isBrief ? null : whitherBox, isBrief ? h('details', { class: 'walk-more' }, h('summary', {}, t('walk.more')), whitherBox, more) : more);
  return { moved: (now) => put(whitherBox, whither(stop, now)) };
}
