// The phone page of a round: next stop, check-in, check list, next. It works on what the phone has kept; the outbox carries the rest.
import { get } from './api.js';
import { $, debounce, h, icon, notice, put } from './dom.js';
import { work } from './outbox.js';
import { hear } from './outbox-store.js';
import { page } from './page.js';
import { Checking } from './walk-checking.js';
import { rateOf } from './walk-list.js';
import { drawMap } from './walk-map.js';
import { known } from './walk-send.js';
import { Walk, countsOf, stateOf } from './walk-store.js';
import { drawStop } from './walk-stop.js';
import { day, moment, t } from './texts.js';
import { Where } from './walk-where.js';

const [FRESH_MS, DRAWN_MS, SURE_MS, MOST_KEPT] = [60_000, 5000, 60_000, 40];
const DATA = page.route ? `/routes/${encodeURIComponent(page.route)}/walk${page.team ? `?team=${page.team}` : ''}` : `/points/${encodeURIComponent(page.point)}/checklist?units=true`;

/** A check list without a round has the shape of a round of one stop. */
function asRound(list) {
  const stop = { ...list, code: list.point, position: null, state: 'planned', navigation: null };
  return { route: null, team: null, name: list.name, teams: [], legs: [], streets: [], stops: [stop], lists: { [list.type]: list.items }, thresholds: { [list.type]: list.thresholds }, may: list.may, whom: { [list.point]: list.whom } };
}

class Round {
  constructor() {
    Object.assign(this, { data: null, walk: new Walk(page.route ?? `point:${page.point}`), chosen: null, whom: {}, sent: {}, near: true, stopView: null, isKept: false, drawnAt: 0 });
    this.where = new Where(() => this.moved());
    this.checking = new Checking(this);
    this.refreshSoon = debounce(() => this.refresh(), 1500);
    hear(() => this.heard());
    window.addEventListener('online', () => this.refreshSoon());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.refreshSoon(); });
    setInterval(() => { if (!document.hidden && navigator.onLine) this.refresh(); }, FRESH_MS);
    $('walk-near')?.addEventListener('click', () => { this.near = !this.near; this.map(); });
  }

  get stops() { return this.data.stops; }
  get may() { return this.data.may; }
  get label() { return { route: this.data.route, team: this.data.team, covert: Boolean(this.data.is_covert) }; }
  get isClosed() { return ['finished', 'cancelled', 'planning'].includes(this.data.state); }
  draft(stop) { return this.walk.of(stop.code); }
  state(stop) { return stateOf(stop, this.draft(stop)); }
  isLeft(stop) { return ['planned', 'here'].includes(this.state(stop)); }

  async load() {
    try {
      this.take((await get(DATA)).data);
    } catch (error) {
      put($('walk-stop'), notice('bad', error.status === 0 ? t('walk.not_kept') : error.message), h('button', { type: 'button', class: 'button button-wide', onclick: () => this.load() }, t('walk.again')));
      return;
    }
    await this.heard();
    this.keepForTheStreet();
  }

  take(data) {
    this.data = page.route ? data : asRound(data);
    Object.assign(this.whom, this.data.whom ?? {});
    this.draw();
  }

  /** Ask anew what others did meanwhile; what lies open is not disturbed. */
  async refresh() {
    if (!this.data || !page.route) return;
    const answer = await get(DATA).catch(() => null);
    if (!answer) return;
    this.data = answer.data;
    this.dropLost();
    this.head();
    this.list();
    this.map();
  }

  /** A visit that was thrown out of the outbox was not made: the stop is to be done again. */
  dropLost() {
    for (const stop of this.stops.filter(({ state }) => state === 'planned')) {
      const draft = this.draft(stop);
      const sent = this.sent[draft?.key];
      if (draft?.left_at && !sent?.waiting && !sent?.held && !sent?.visit && Date.now() - Date.parse(draft.left_at) > SURE_MS) this.walk.drop(stop.code);
    }
  }

  /** Let the phone keep the page, its data, and who answers at each stop, while there is a network. */
  async keepForTheStreet() {
    if (!('serviceWorker' in navigator)) return;
    const api = (path) => `/api/v1${path}`;
    const lists = page.route ? this.stops.filter((stop) => this.isLeft(stop)).slice(0, MOST_KEPT).map((stop) => `/points/${encodeURIComponent(stop.code)}/checklist?units=true`) : [];
    const { active } = await navigator.serviceWorker.ready;
    const urls = [location.pathname + location.search, api(DATA), ...lists.map(api)];
    active.postMessage({ kind: 'warm', urls });
    this.whenKept(urls);
  }

  /** Say when all of it lies on the phone: then one may walk into a cellar. */
  async whenKept(urls, tries = 60) {
    const found = await Promise.all(urls.map((url) => caches.match(url)));
    this.isKept = found.every(Boolean);
    if (this.isKept) this.head();
    else if (tries) setTimeout(() => this.whenKept(urls, tries - 1), 1500);
  }

  /** Something in the outbox changed: numbers of issues come in, what waits is said on the page. */
  async heard() {
    this.sent = await known().catch(() => ({}));
    for (const draft of Object.values(this.walk.drafts)) Object.assign(draft.issues, this.sent[draft.key]?.issues ?? {});
    this.walk.keep();
    if (!this.data) return;
    this.unsent();
    this.checking.heard();
    this.list();
    if (navigator.onLine && this.waiting === 0) this.refreshSoon();
  }

  get waiting() { return Object.values(this.sent).reduce((sum, one) => sum + one.waiting + one.held, 0); }

  unsent() {
    const held = Object.values(this.sent).reduce((sum, one) => sum + one.held, 0);
    const box = $('walk-unsent');
    box.hidden = !this.waiting;
    box.classList.toggle('is-held', held > 0);
    put(box, icon(held ? 'alert' : 'up'), h('span', {}, t(held ? 'walk.held' : navigator.onLine ? 'walk.sending' : 'walk.unsent', { n: this.waiting, held })), h('a', { href: '/outbox' }, t('walk.outbox')));
  }

  /** The stop that lies open: the chosen one, one that was begun, or the next that is left. */
  get current() {
    const chosen = this.stops.find((stop) => stop.code === this.chosen);
    return chosen ?? this.stops.find((stop) => this.state(stop) === 'here' && this.draft(stop)) ?? this.stops.find((stop) => this.state(stop) === 'planned') ?? this.stops.find((stop) => this.isLeft(stop)) ?? null;
  }

  draw() {
    this.head();
    this.stop();
    this.list();
    this.map();
    this.unsent();
    document.documentElement.dataset.walk = 'ready';
  }

  head() {
    if (!page.route || $('walk-head').contains(document.activeElement)) return; // a list that lies open is not shut
    const [left, done] = [this.stops.filter((stop) => this.isLeft(stop)).length, this.stops.filter((stop) => this.state(stop) === 'done').length];
    const skipped = this.stops.length - left - done;
    const bar = h('div', { class: 'walk-bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': this.stops.length, 'aria-valuenow': done + skipped, 'aria-label': t('walk.progress', { done, total: this.stops.length }) }, this.stops.map((stop) => h('i', { class: `is-${this.state(stop)}` })));
    put($('walk-head'), h('p', { class: 'walk-progress' }, h('strong', { class: 'number' }, t('walk.progress', { done, total: this.stops.length })), skipped ? h('span', { class: 'quiet' }, t('walk.skipped', { n: skipped })) : null, this.isKept ? h('span', { class: 'walk-kept' }, icon('check'), t('walk.kept')) : null, this.teams()), bar, this.note());
  }

  /** What one should know before setting out: the day, that it is over, that it is secret. */
  note() {
    const { day: when, state_name: state, is_covert: isCovert } = this.data;
    const lines = [this.isClosed ? t('walk.closed', { state }) : when !== day(new Date().toISOString()) ? t('walk.other_day', { day: when }) : '', isCovert ? t('walk.covert') : ''].filter(Boolean);
    return lines.length ? h('p', { class: 'walk-note' }, icon(isCovert ? 'lock' : 'clock'), lines.join(' ')) : null;
  }

  /** Whose round it is; the office looks into the others' too. */
  teams() {
    const mine = this.data.teams.find((team) => team.team === this.data.team);
    if (!mine) return null;
    if (this.data.teams.length < 2) return h('span', { class: 'quiet' }, mine.name);
    const go = (event) => { location.search = `?team=${event.target.value}`; };
    return h('label', { class: 'walk-team' }, h('span', { class: 'unseen' }, t('walk.team')), h('select', { class: 'select', onchange: go }, this.data.teams.map((team) => h('option', { value: team.team, selected: team === mine }, t('walk.team_of', { name: team.name, done: team.done, total: team.total })))));
  }

  stop() {
    const stop = this.current;
    if (!stop) return this.finished();
    const state = this.state(stop);
    const isBrief = state === 'here' && Boolean(this.draft(stop));
    this.stopView = drawStop($('walk-stop'), stop, { number: stop.position, state, where: this.where, isBrief });
    this.checking.show(stop, state);
    return null;
  }

  finished() {
    put($('walk-stop'), h('div', { class: 'walk-all-done' }, icon('check'), h('h2', { tabindex: -1 }, t(this.stops.length ? 'walk.finished' : 'walk.nothing')), h('p', {}, t(!this.stops.length ? 'walk.nothing_words' : this.waiting ? 'walk.finished_unsent' : 'walk.finished_words', { n: this.waiting }))));
    put($('walk-list'));
    put($('walk-foot'), page.route ? h('a', { class: 'button button-main button-wide', href: `/routes/${encodeURIComponent(page.route)}` }, t('walk.to_round')) : h('a', { class: 'button button-main button-wide', href: `/points/${encodeURIComponent(page.point)}` }, t('walk.to_point')));
  }

  moved() {
    if (!this.data) return;
    this.stopView?.moved(this.where);
    if (Date.now() - this.drawnAt > DRAWN_MS) this.map();
  }

  list() {
    if (!page.route) return;
    const row = (stop) => {
      const state = this.state(stop);
      const unsent = this.sent[this.draft(stop)?.key];
      const own = this.draft(stop)?.left_at ? rateOf(countsOf(this.draft(stop))) : null;
      const score = state !== 'done' ? '' : own ?? (Number.isFinite(stop.score_rate) ? `${stop.score_rate.toFixed(1)} %` : '');
      return h('li', {}, h('button', { type: 'button', class: `walk-row is-${state}`, 'aria-current': stop === this.current ? 'step' : null, onclick: () => this.open(stop) },
        h('span', { class: `walk-number number is-${state}` }, stop.position), h('span', { class: 'walk-row-name' }, h('strong', {}, stop.name || stop.code), h('small', {}, [t(`walk.state.${state}`), score, stop.open_issues ? t('walk.open', { n: stop.open_issues }) : '', unsent?.waiting || unsent?.held ? t('walk.row_unsent') : ''].filter(Boolean).join(' · '))),
        h('span', { class: 'number quiet' }, stop.arrive_at && this.isLeft(stop) ? moment(stop.arrive_at).split(/[\s,]+/).at(-1) : '')));
    };
    put($('walk-stops'), this.stops.map(row));
    $('walk-all').hidden = false;
  }

  map() {
    if (!page.route || !this.data) return;
    this.drawnAt = Date.now();
    drawMap($('walk-map'), { stops: this.stops, legs: this.data.legs, streets: this.data.streets, next: this.current, spot: this.where.spot, stateOf: (stop) => this.state(stop), near: this.near });
    $('walk-near').textContent = t(this.near ? 'walk.map.all' : 'walk.map.near');
    $('walk-map-box').hidden = false;
  }

  open(stop) {
    this.chosen = stop.code;
    this.draw();
    scrollTo({ top: 0 });
    document.querySelector('#walk-stop h2')?.focus({ preventScroll: true });
  }

  /** Done with a stop: the next one comes up by itself. */
  next() {
    this.chosen = null;
    this.draw();
    scrollTo({ top: 0 });
    document.querySelector('#walk-stop h2')?.focus({ preventScroll: true });
    work({ now: true });
  }
}

new Round().load();
