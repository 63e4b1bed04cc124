// The round as lists: a section per team with its stops in order; focus, open menus and the place one looks at stay when it is drawn again.
import { h, icon, put } from './dom.js';
import { chip, clockOf, mark, metres, span, stroke, teamName, timeOf } from './round-looks.js';
import { stopsOf } from './round-store.js';
import { amount, t } from './texts.js';

const nameOf = (route, code) => route.stops.find((stop) => stop.code === code)?.name ?? code;

/** What a stop says beside its name, each with a word of its own. */
function signs(stop) {
  return [
    stop.is_late ? chip([icon('alert'), t('js.round.late')], 'overdue') : null,
    stop.wait_min >= 1 ? chip(t('js.round.wait', { time: span(stop.wait_min) }), 'due_soon') : null,
    stop.overdue_issues ? chip(t('js.round.overdue_n', { n: stop.overdue_issues }), 'overdue') : null,
    stop.open_issues ? chip(t('js.round.open_n', { n: stop.open_issues })) : null,
    stop.is_must ? null : chip(t('js.round.nice')),
    stop.together ? chip([icon('link'), t('js.round.together_chip')]) : null,
    stop.is_locked ? chip([icon('lock'), t('js.round.locked')]) : null,
    stop.state === 'done' ? chip([icon('check'), stop.score_rate === null || stop.score_rate === undefined ? t('js.round.state.done') : t('js.round.done_rate', { rate: rateOf(stop.score_rate) })], 'none') : null,
    stop.state === 'skipped' ? chip(t('js.round.state.skipped')) : null,
    stop.state === 'here' ? chip(t('js.round.state.here'), 'open') : null,
    stop.failed ? chip(t('js.round.failed_n', { n: stop.failed }), 'due_soon') : null,
  ].filter(Boolean);
}

const rateOf = (rate) => (typeof rate === 'number' ? `${amount(rate, 1)} %` : rate);

function times(stop) {
  if (!stop.arrive_at) return h('span', { class: 'number quiet' }, '··:··');
  return h('span', { class: 'number' }, `${timeOf(stop.arrive_at)}–${timeOf(stop.leave_at)}`);
}

/** The way to a stop; the first of a team that starts anywhere has none. */
function leg(stop) {
  if (stop.leg_m === null || stop.leg_m === undefined || (stop.position === 1 && !stop.leg_m)) return h('p', { class: 'round-leg quiet', 'aria-hidden': 'true' }, '');
  const words = [metres(stop.leg_m), span(stop.leg_min)].join(' · ');
  return h('p', { class: 'round-leg quiet number' }, icon('down'), words, stop.is_air ? h('span', { class: 'round-air', title: t('js.round.air') }, t('js.round.air_short')) : null);
}

export class RoundList {
  /** `acts`: choose, canMove(stop), canEdit(), menuOf(stop), editTeam(team), show(team). */
  constructor(box, tabs, acts) {
    Object.assign(this, { box, tabs, acts, chosen: null, only: 0, sections: new Map() });
  }

  /** Draw what changed since the last time, team by team. */
  draw(route) {
    this.route = route;
    const active = document.activeElement;
    const kept = this.box.contains(active) || this.tabs.contains(active) ? { key: active.closest('[data-key]')?.dataset.key, part: active.dataset.part } : null;
    const open = this.box.querySelector('details.menu[open]')?.closest('[data-key]')?.dataset.key;
    put(this.tabs, this.tabRow(route));
    const teams = new Set(route.teams.map((team) => team.team));
    for (const [team, { element }] of this.sections) if (!teams.has(team)) { element.remove(); this.sections.delete(team); }
    for (const team of route.teams) this.drawTeam(route, team);
    if (kept?.key && document.activeElement !== active) this.focus(kept.key, kept.part);
    const menu = open ? this.find(open)?.querySelector('details.menu') : null;
    if (menu && !menu.open) menu.open = true;
  }

  drawTeam(route, team) {
    const signature = JSON.stringify([team, stopsOf(route, team.team), this.acts.canEdit()]);
    const had = this.sections.get(team.team);
    if (had?.signature === signature) return;
    const element = this.section(route, team);
    if (had) had.element.replaceWith(element);
    else this.box.append(element);
    this.sections.set(team.team, { signature, element });
  }

  find(key) { return document.querySelector(`#round-lists [data-key="${CSS.escape(key)}"], #round-tabs [data-key="${CSS.escape(key)}"]`); }

  focus(key, part) {
    const row = this.find(key);
    const target = part ? row?.querySelector(`[data-part="${part}"]`) : null;
    (target ?? row?.querySelector('button') ?? row)?.focus({ preventScroll: true });
  }

  tabRow(route) {
    if (route.teams.length < 2) return [];
    const tab = (team, words, more) => h('button', { type: 'button', class: 'round-tab', 'aria-pressed': String(this.only === team), 'data-key': `tab:${team}`, 'data-team': team || null, onclick: () => this.acts.show(team) }, words, more);
    return [tab(0, t('js.round.all_teams'), h('span', { class: 'quiet number' }, amount(route.stops.filter((stop) => stop.team).length))),
      ...route.teams.map((team) => tab(team.team, [mark(team.team, team.team, { size: 22 }), h('span', { class: 'round-tab-name' }, teamName(team))], h('span', { class: 'quiet number' }, amount(stopsOf(route, team.team).length))))];
  }

  section(route, team) {
    const stops = stopsOf(route, team.team);
    const rows = stops.map((stop) => this.row(stop));
    const empty = h('li', { class: 'round-empty quiet' }, team.is_absent ? t('js.round.absent') : t(this.acts.canEdit() ? 'js.round.no_stops' : 'js.round.none_seen'));
    const back = team.last_leg_m ? h('p', { class: 'round-leg round-back quiet number' }, icon('back'), t('js.round.way_back', { m: metres(team.last_leg_m) })) : null;
    return h('section', { class: ['card round-team', team.isGuess ? 'is-guess' : '', team.is_absent ? 'is-absent' : ''].join(' ').trim(), 'data-key': `team:${team.team}`, 'data-team': team.team, hidden: Boolean(this.only) && this.only !== team.team, 'aria-label': teamName(team) },
      this.head(team, stops), h('ol', { class: 'round-stops', 'data-team': team.team }, rows.length ? rows : empty), back);
  }

  head(team, stops) {
    const people = (team.people ?? []).map((one) => one.full_name || one.name).join(t('js.comma'));
    const hours = team.starts_at ? `${timeOf(team.starts_at)}–${timeOf(team.ends_at)}` : clockOf(team.from_min);
    const late = team.until_min !== null && team.minutes > 0 && team.from_min + team.minutes > team.until_min + 0.5;
    const start = team.start ? team.start.name || t('js.round.on_map') : t('js.round.start_free');
    const more = this.acts.canEdit() ? h('button', { type: 'button', class: 'icon-button', 'data-part': 'edit', 'aria-label': t('js.round.edit_team', { team: teamName(team) }), title: t('js.round.edit_team', { team: teamName(team) }), onclick: () => this.acts.editTeam(team) }, icon('pen')) : null;
    return h('header', { class: 'round-team-head' }, mark(team.team, team.team, { size: 34 }),
      h('div', { class: 'round-team-words' }, h('h3', {}, teamName(team)), h('p', { class: 'quiet' }, [people, start].filter(Boolean).join(' · ')),
        h('p', { class: 'round-team-sums number' }, stroke(team.team), h('span', {}, hours), h('span', {}, metres(team.length_m)), h('span', {}, t('js.round.stops_n', { n: amount(stops.length) })), late ? chip([icon('alert'), t('js.round.over_hours')], 'overdue') : null)), more);
  }

  row(stop) {
    const key = `stop:${stop.code}`;
    const isStill = !this.acts.canMove(stop);
    const said = t('js.round.row_said', { n: stop.position, name: stop.name, time: timeOf(stop.arrive_at) });
    const grip = h('button', { type: 'button', class: 'round-grip', 'data-part': 'grip', 'aria-label': said, 'aria-describedby': isStill ? null : 'round-keys', 'aria-pressed': String(stop.code === this.chosen), onclick: () => this.acts.choose(stop.code) }, mark(stop.team, stop.position, { size: 32, state: stop.state, isLocked: stop.is_locked }));
    const menu = this.acts.canEdit() ? h('details', { class: 'menu round-menu' }, h('summary', { 'aria-label': t('js.round.menu', { name: stop.name }), 'data-part': 'menu' }, icon('dots')), h('div', { class: 'menu-sheet' })) : null;
    menu?.addEventListener('toggle', () => { if (menu.open) put(menu.lastElementChild, this.acts.menuOf(stop)); });
    const under = [stop.type_name, stop.address].filter(Boolean).join(' · ');
    return h('li', { class: ['round-row', `is-${stop.state}`, stop.is_late ? 'is-late' : '', isStill ? 'is-still' : '', stop.code === this.chosen ? 'is-chosen' : ''].join(' ').trim(), 'data-key': key, 'data-code': stop.code, 'data-position': stop.position },
      leg(stop), grip, h('div', { class: 'round-row-words', onclick: (event) => { if (!event.target.closest('a')) this.acts.choose(stop.code); } }, h('p', { class: 'round-row-first' }, h('strong', {}, stop.name), times(stop)), h('p', { class: 'quiet round-row-under', title: under }, under), h('p', { class: 'round-signs' }, signs(stop))), menu);
  }

  choose(code, scroll = true) {
    this.chosen = code;
    for (const row of this.box.querySelectorAll('.round-row')) {
      const on = row.dataset.code === code;
      row.classList.toggle('is-chosen', on);
      row.querySelector('.round-grip').setAttribute('aria-pressed', String(on));
      if (on && scroll) row.scrollIntoView({ block: 'nearest' });
    }
  }

  show(team) {
    this.only = team;
    for (const section of this.box.children) section.hidden = Boolean(team) && Number(section.dataset.team) !== team;
    for (const tab of this.tabs.children) tab.setAttribute('aria-pressed', String(Number(tab.dataset.team ?? 0) === team));
  }
}

/** Draw what no team serves, each with its reason and a way to put it in. */
export function drawUnreached(box, route, put_in) {
  box.hidden = !route.unreached.length;
  put(box, h('div', { class: 'card-head' }, h('h2', {}, t('js.round.unreached')), h('b', { class: 'count count-bad number' }, amount(route.unreached.length))),
    h('div', { class: 'card-body' }, h('p', { class: 'quiet' }, t('js.round.unreached_words')), h('ul', { class: 'round-missing', tabindex: 0, 'aria-label': t('js.round.unreached') }, route.unreached.map((one) => h('li', { 'data-code': one.code },
      h('span', {}, h('strong', {}, one.name || nameOf(route, one.code)), h('span', { class: 'quiet' }, one.message || one.reason)),
      put_in ? h('button', { type: 'button', class: 'button button-small', onclick: () => put_in(one) }, t('js.round.put_in')) : null)))));
}

/** Draw length and time of each team as bars, time against its working hours; while it is under way what is done and left. */
export function drawSums(box, route, progressOf) {
  const longest = Math.max(...route.teams.map((team) => team.length_m ?? 0), 1);
  const rows = route.teams.map((team) => sumRow(team, longest, progressOf?.(team)));
  put(box, h('table', { class: 'round-sums' }, h('caption', { class: 'unseen' }, t('js.round.sums')),
    h('thead', {}, h('tr', {}, ['team', 'length', 'time', ...(progressOf ? ['progress', 'last', 'end'] : [])].map((name) => h('th', { scope: 'col' }, t(`js.round.col.${name}`))))), h('tbody', {}, rows)));
}

function bar(share, words, tone = '') {
  return h('span', { class: `round-bar ${tone}` }, h('i', { style: `width: ${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%` }), h('span', { class: 'number' }, words));
}

function sumRow(team, longest, progress) {
  const hours = team.until_min === null ? null : team.until_min - team.from_min;
  const isOver = hours !== null && team.minutes > hours + 0.5;
  const time = hours === null ? span(team.minutes) : t('js.round.of_hours', { time: span(team.minutes), hours: span(hours) });
  return h('tr', { 'data-team': team.team, class: team.isGuess ? 'is-guess' : null }, h('th', { scope: 'row' }, mark(team.team, team.team, { size: 24 }), h('span', {}, teamName(team))),
    h('td', { 'data-label': t('js.round.col.length') }, bar((team.length_m ?? 0) / longest, metres(team.length_m))),
    h('td', { 'data-label': t('js.round.col.time') }, bar(hours ? team.minutes / hours : team.minutes ? 1 : 0, time, isOver ? 'is-over' : ''), isOver ? h('span', { class: 'status-overdue' }, t('js.round.over_hours')) : null),
    progress ? progressCells(progress) : null);
}

function progressCells({ done, total, last, endsAt, lateMin }) {
  return [h('td', { 'data-label': t('js.round.col.progress') }, bar(total ? done / total : 0, t('js.round.done_of', { done, total }), 'is-done')),
    h('td', { 'data-label': t('js.round.col.last') }, last ? [h('span', { class: 'number' }, timeOf(last.visited_at)), ' ', h('span', {}, last.name)] : h('span', { class: 'quiet' }, t('js.round.not_yet'))),
    h('td', { 'data-label': t('js.round.col.end') }, h('span', { class: 'number' }, endsAt ? timeOf(endsAt) : '—'), lateMin >= 1 ? [' ', chip([icon('alert'), t('js.round.late_by', { time: span(lateMin) })], 'overdue')] : null)];
}

