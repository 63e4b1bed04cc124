// While a plan is being made: how far it is, the best length found so far as a falling line, and the way to stop and keep it.
import { call, newKey } from './api.js';
import { h, notice, put, s } from './dom.js';
import { metres } from './round-looks.js';
import { t } from './texts.js';

const BEAT = 500;
const [WIDTH, HEIGHT, PAD] = [420, 120, 8];

/** Draw the lengths that were the best at their second. */
export function chartOf(told) {
  const seen = told.length === 1 ? [{ ...told[0], seconds: 0 }, ...told] : told;
  if (!seen.length) return h('p', { class: 'quiet round-chart' }, t('js.round.searching'));
  const lengths = seen.map((one) => one.best_m);
  const [low, high] = [Math.min(...lengths), Math.max(...lengths)];
  const last = Math.max(seen.at(-1).seconds, 0.1);
  const x = (seconds) => PAD + (seconds / last) * (WIDTH - 2 * PAD);
  const y = (value) => PAD + (high > low ? (high - value) / (high - low) : 0.5) * (HEIGHT - 2 * PAD);
  const path = seen.map((one, index) => (index ? `H${x(one.seconds).toFixed(1)}V${y(one.best_m).toFixed(1)}` : `M${x(one.seconds).toFixed(1)} ${y(one.best_m).toFixed(1)}`)).join('');
  const words = t('js.round.chart', { first: metres(lengths[0]), now: metres(lengths.at(-1)) });
  return h('figure', { class: 'round-chart' }, s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words },
    s('path', { d: `${path}V${HEIGHT - PAD}H${x(seen[0].seconds).toFixed(1)}Z`, class: 'round-chart-under' }), s('path', { d: path, class: 'round-chart-line' }),
    s('circle', { cx: x(last), cy: y(lengths.at(-1)), r: 4, class: 'round-chart-now' })), h('figcaption', { class: 'quiet' }, words));
}

/** The card of a planning. `onDone()` is called when the plan stands. */
export class Waiting {
  constructor(box, round, onDone) {
    Object.assign(this, { box, round, onDone, seen: [], isHalting: false });
    this.bar = h('progress', { max: 1, 'aria-label': t('js.round.planning') });
    this.words = h('p', { class: 'number', role: 'status' });
    this.chart = h('div', {});
    this.broken = h('div', { 'aria-live': 'polite' });
    this.button = h('button', { type: 'button', class: 'button', id: 'round-halt', onclick: () => this.halt() }, t('js.round.halt'));
    put(box, h('div', { class: 'card-head' }, h('h2', {}, t('js.round.planning'))), h('div', { class: 'card-body round-wait-body' }, h('div', { class: 'round-wait-words' }, this.bar, this.words, h('p', { class: 'quiet' }, t('js.round.planning_words')), this.broken, h('div', { class: 'actions' }, this.button)), this.chart));
    box.hidden = false;
  }

  tell(route) {
    const progress = route.progress ?? {};
    if (route.state !== 'planning') return this.end();
    if (progress.best_m && (this.seen.at(-1)?.best_m !== progress.best_m || progress.seconds > this.seen.at(-1).seconds)) this.seen.push({ seconds: progress.seconds ?? 0, best_m: progress.best_m });
    if (progress.fraction > 0) this.bar.value = progress.fraction;
    this.words.textContent = progress.best_m ? t(route.balance === 'balanced' ? 'js.round.held' : 'js.round.best', { m: metres(progress.best_m), s: Math.round(progress.seconds ?? 0) }) : t('js.round.measuring');
    put(this.chart, route.balance === 'balanced' ? null : chartOf(this.seen));
    this.button.disabled = this.isHalting || !this.round.canEdit;
    this.tellBroken(progress);
    this.timer = setTimeout(() => this.ask(), BEAT);
    return null;
  }

  /** The server that planned has gone: what it found can be taken, or it is planned anew. */
  tellBroken(progress) {
    const isBroken = Boolean(progress.is_interrupted) && !this.isHalting;
    if (isBroken === this.isBroken) return;
    this.isBroken = isBroken;
    const again = h('button', { type: 'button', class: 'button button-small', onclick: () => this.send('replan', { wait: false }) }, t('js.round.plan_anew'));
    put(this.broken, isBroken ? notice('care', h('p', {}, t('js.round.interrupted')), this.round.canEdit ? again : null) : null);
  }

  async send(verb, body) {
    try {
      await call('POST', `${this.round.path}/${verb}`, { body, key: newKey(), etag: this.round.etag });
    } catch (problem) { put(this.broken, notice('bad', problem.message)); }
  }

  async ask() {
    try {
      await this.round.load();
      this.tell(this.round.truth);
    } catch {
      this.timer = setTimeout(() => this.ask(), BEAT * 6);
    }
  }

  async halt() {
    this.isHalting = true;
    this.button.disabled = true;
    put(this.button, t('js.round.halting'));
    try {
      await call('POST', `${this.round.path}/halt`, { key: newKey(), etag: this.round.etag });
    } catch (problem) {
      this.words.textContent = problem.message;
      this.isHalting = false;
      put(this.button, t('js.round.halt'));
    }
  }

  end() {
    clearTimeout(this.timer);
    this.box.hidden = true;
    put(this.box);
    this.onDone();
  }
}

