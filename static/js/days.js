// The map as of any day: a track of the last sixty days to slide on, play and step; the past is marked and takes no writes.
import { get, query } from './api.js';
import { wireCompare } from './compare.js';
import { $, debounce, h, icon, put, s } from './dom.js';
import { page } from './page.js';
import { amount, day, lang, t } from './texts.js';
import { warm } from './warm.js';

const SPAN = 60;
const FRAME = 200; // milliseconds: at most five days a second
const PATIENCE = 8000;
const HIGH = 44;
const STEP = 10; // units of the chart between two days
const MS = 86400000;
const locale = lang === 'zh' ? 'zh-CN' : 'en-GB';

const shifted = (iso, days) => new Date(Date.parse(`${iso}T00:00:00Z`) + days * MS).toISOString().slice(0, 10);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Write a day as the office does: 11月21日 周六. */
export const dayWords = (iso, style = { month: lang === 'zh' ? 'numeric' : 'short', day: 'numeric', weekday: 'short' }) => new Intl.DateTimeFormat(locale, { ...style, timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));

class Days {
  constructor(city) {
    Object.assign(this, { city, state: city.state, days: [], today: day(page.at), playing: false, turn: 0 });
    this.range = $('time-range');
  }

  get last() { return this.days.length - 1; }

  get shown() { return (this.state.get('on') || this.today).slice(0, 10); }

  get index() { return this.days.findIndex((row) => row.day === this.shown); }

  start() {
    const later = debounce((to) => this.go(to), 90);
    this.range.addEventListener('input', () => { this.stop(); const row = this.days[this.range.value]; if (row) { this.say(row); later(row.day); } });
    $('time-open').addEventListener('click', () => this.open($('time').hidden));
    $('time-close').addEventListener('click', () => { this.open(false); $('time-open').focus(); });
    $('time-play').addEventListener('click', () => (this.playing ? this.stop() : this.play()));
    $('time-before').addEventListener('click', () => this.step(-1));
    $('time-after').addEventListener('click', () => this.step(1));
    for (const id of ['time-today', 'past-today']) $(id).addEventListener('click', () => { this.stop(); this.state.set({ on: '', and: '' }); });
    $('time-date').addEventListener('change', ({ target }) => { this.stop(); if (target.value && target.value <= this.today) this.go(target.value); else this.show(); });
    this.state.hear(['on', 'and'], () => this.show());
    this.state.hear(['filters'], debounce(() => this.load(), 300));
    document.addEventListener('live-changed', debounce(() => { if (!$('time').hidden) this.load(); }, 3000));
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.stop(); });
    new ResizeObserver(([entry]) => document.body.style.setProperty('--time-high', `${Math.round(entry.target.offsetHeight)}px`)).observe($('time'));
    this.show();
  }

  /** Open the track or put it away; away means today. */
  open(open) {
    $('time').hidden = !open;
    $('time-open').setAttribute('aria-expanded', String(open));
    document.body.classList.toggle('time-shown', open);
    if (!open) { this.stop(); this.state.set({ on: '', and: '' }); return; }
    this.show();
    this.load();
  }

  /** Go to a day; today is the live map. */
  go(to) { this.state.set({ on: to === this.today && !this.state.get('and') ? '' : to }); }

  step(by) {
    this.stop();
    const to = shifted(this.shown, by);
    if (to <= this.today) this.go(to);
  }

  /** Return the filters that narrow issues, without those that speak of a moment. */
  asked() {
    const { status, state, from, to, on, ...asked } = this.state.narrowing('issues');
    return asked;
  }

  async load() {
    if ($('time').hidden) return;
    const mine = ++this.turn;
    const end = this.shown < shifted(this.today, 1 - SPAN) ? shifted(this.shown, SPAN / 2) : this.today;
    try {
      const { data } = await get(`/days${query({ ...this.asked(), from: shifted(end, 1 - SPAN), to: end })}`);
      if (mine !== this.turn) return;
      this.days = data.days;
      $('time-failed').hidden = true;
    } catch (error) {
      if (mine !== this.turn) return;
      put($('time-failed'), error.message, ' ', h('button', { class: 'button button-small', onclick: () => this.load() }, t('js.retry')));
      $('time-failed').hidden = false;
    }
    this.draw();
    this.show();
  }

  draw() {
    const most = Math.max(1, ...this.days.map((row) => row.open));
    const y = (value) => (HIGH - 3 - (value / most) * (HIGH - 6)).toFixed(1);
    const line = (name) => this.days.map((row, index) => `${index * STEP},${y(row[name])}`).join(' ');
    const wide = Math.max(1, this.last) * STEP;
    const chart = $('time-chart');
    chart.setAttribute('viewBox', `0 0 ${wide} ${HIGH}`);
    put(chart, s('polygon', { class: 'time-area', points: `0,${HIGH} ${line('open')} ${wide},${HIGH}` }),
      s('polyline', { class: 'time-open-line', points: line('open') }), s('polyline', { class: 'time-overdue-line', points: line('overdue') }));
    this.range.max = Math.max(0, this.last);
    put($('time-ends'), h('span', {}, this.days[0] ? dayWords(this.days[0].day) : ''), h('span', {}, this.days[this.last]?.day === this.today ? t('js.time.today') : this.days[this.last] ? dayWords(this.days[this.last].day) : ''));
  }

  /** Show where the map stands: the track, the date, the banner, and what may be done. */
  show() {
    const [on, and] = [this.state.get('on'), this.state.get('and')];
    const isPast = Boolean(on || and);
    if (isPast && $('time').hidden) return this.open(true);
    document.body.classList.toggle('is-past', isPast);
    $('past').hidden = !isPast || Boolean(and);
    $('past-words').textContent = on ? t('js.time.past', { day: dayWords(on, { dateStyle: 'long' }) }) : '';
    $('time-date').max = this.today;
    $('time-differences').href = `/differences${query({ from: on?.slice(0, 10), to: and?.slice(0, 10) })}`;
    $('time-date').value = this.shown;
    $('time-after').disabled = this.shown >= this.today;
    $('time-today').disabled = !isPast;
    const row = this.days[this.index];
    if (row) { this.range.value = this.index; this.say(row); } else if (this.days.length && this.lacking !== this.shown) { this.lacking = this.shown; this.load(); }
    return null;
  }

  say(row) {
    const facts = { day: dayWords(row.day), open: amount(row.open), overdue: amount(row.overdue) };
    this.range.setAttribute('aria-valuetext', t('js.time.value', facts));
    put($('time-said'), h('strong', {}, row.day === this.today ? t('js.time.today') : facts.day),
      h('span', { class: 'time-key time-key-open' }, t('js.time.open'), ' ', h('b', { class: 'number' }, facts.open)),
      h('span', { class: 'time-key time-key-overdue' }, t('js.time.overdue'), ' ', h('b', { class: 'number' }, facts.overdue)),
      h('span', { class: 'quiet' }, t('js.time.flow', { reported: amount(row.reported), closed: amount(row.closed) })));
  }

  async play() {
    if (!this.days.length) return;
    this.button(true);
    const mine = ++this.run || (this.run = 1);
    for (let index = this.index >= this.last || this.index < 0 ? 0 : this.index + 1; index <= this.last && this.playing && mine === this.run; index += 1) {
      const begun = performance.now();
      this.go(this.days[index].day);
      if (index < this.last) this.warm(this.days[index + 1].day);
      await this.settled();
      await pause(Math.max(0, FRAME - (performance.now() - begun)));
    }
    if (mine === this.run) this.stop();
  }

  stop() {
    this.run = (this.run ?? 0) + 1;
    if (this.playing) this.button(false);
  }

  button(playing) {
    this.playing = playing;
    put($('time-play'), icon(playing ? 'pause' : 'play'));
    $('time-play').setAttribute('aria-label', t(playing ? 'js.time.pause' : 'js.time.play'));
  }

  /** Fetch the data of the day that comes next, so that it is here when its turn has come. */
  warm(on) {
    for (const layer of this.city.layers) if (layer.shown && !layer.tiled) warm(layer, { on: on === this.today ? undefined : on });
  }

  /** Wait until every layer has drawn; a frame is never blank, the last one stays until then. */
  settled() {
    const layers = this.city.layers.filter((layer) => layer.shown);
    const isDone = () => layers.every((layer) => layer.state !== 'loading');
    return Promise.race([pause(PATIENCE), new Promise((done) => {
      const look = () => { if (isDone()) { for (const layer of layers) layer.removeEventListener('change', look); done(); } };
      for (const layer of layers) layer.addEventListener('change', look);
      look();
    })]);
  }

  /** Return the counts of one day. */
  async countsOf(on) {
    const known = this.days.find((row) => row.day === on);
    if (known) return known;
    const { data } = await get(`/days${query({ ...this.asked(), from: on, to: on })}`);
    return data.days[0];
  }
}

/** Wire the time slider, and the two days side by side. */
export function wireDays(city) {
  city.days = new Days(city);
  city.days.start();
  wireCompare(city, { dayWords, shifted });
}
