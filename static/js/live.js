// The live map: asks every few seconds what others changed and fetches just that; the viewer's place, focus and words stay.
// For tests and other modules: the event `live-poll` on `document` asks at once; `live-polled` tells the answer.
import { Problem, get, query } from './api.js';
import { $, h, put } from './dom.js';
import { page } from './page.js';
import { refreshObject, shownObject } from './panel.js';
import { moment, t } from './texts.js';

const BEAT = 3500; // milliseconds between two questions
const LONGEST = 30000; // after failures
const PATIENCE = 15000;
const QUIET = 20000; // between two things said aloud

class Live {
  constructor(city) {
    Object.assign(this, { city, cursor: page.cursor, seen: page.at, failures: 0, since: null, timer: 0, said: 0, asking: null });
  }

  start() {
    document.addEventListener('live-poll', () => this.poll());
    document.addEventListener('visibilitychange', () => (document.hidden ? this.pause() : this.poll()));
    window.addEventListener('online', () => this.poll());
    window.addEventListener('offline', () => this.lost(new Problem(0)));
    this.city.state.hear(['on'], () => this.tell());
    this.wait(BEAT);
  }

  pause() { clearTimeout(this.timer); }

  wait(delay) {
    this.pause();
    if (!document.hidden) this.timer = setTimeout(() => this.poll(), delay * (0.9 + Math.random() * 0.2));
  }

  /** Ask what changed; one question at a time. */
  poll() {
    this.pause();
    this.asking ??= this.ask().finally(() => { this.asking = null; });
    return this.asking;
  }

  async ask() {
    let delay = BEAT;
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const { data } = await get(`/changes${query({ since: this.cursor, seen: this.seen, counts: this.counted() })}`, { signal: abort.signal });
      this.found();
      await this.apply(data);
      delay = untilNext(data);
      document.dispatchEvent(new CustomEvent('live-polled', { detail: data }));
    } catch (error) {
      if (error.status === 422) this.cursor = ''; // another life of the city: begin anew
      this.lost(error);
      delay = Math.min(LONGEST, BEAT * 2 ** this.failures);
    } finally {
      clearTimeout(late);
    }
    if (this.stopped) this.pause();
    else this.wait(delay);
  }

  /** Name the layers that take new counts as they are told: what only weighs otherwise is not fetched again. */
  counted() {
    if (this.city.state.get('on')) return '';
    return this.city.layers.filter((layer) => layer.takesCounts).map(({ kind }) => kind).join();
  }

  found() {
    if (!this.failures && !this.since) return;
    Object.assign(this, { failures: 0, since: null });
    this.tell();
    for (const layer of this.city.layers) if (layer.shown && layer.state === 'failed') layer.load(true);
  }

  lost(error) {
    this.failures += 1;
    this.since ??= new Date().toISOString();
    this.stopped = error.status === 401;
    this.tell();
  }

  /** Say quietly how things are: since when nothing was heard, or nothing at all. */
  tell() {
    const box = $('live-state');
    box.hidden = !this.since;
    document.body.classList.toggle('is-offline', Boolean(this.since));
    if (!this.since) return;
    put(box, this.stopped ? h('a', { href: '/login' }, t('js.live.signed_out')) : t('js.live.offline', { at: moment(this.since) }));
  }

  async apply(data) {
    const isNew = Boolean(this.cursor) && data.cursor !== this.cursor;
    this.cursor = data.cursor;
    this.seen = data.at;
    const touched = [...data.changes, ...data.gone];
    if (!touched.length && !data.reload.length) return;
    const isPast = Boolean(this.city.state.get('on'));
    const work = isPast ? [] : this.layersOf(touched, data.reload);
    this.panel(data);
    await Promise.allSettled(work);
    document.dispatchEvent(new CustomEvent('live-changed', { detail: { ...data, isNew } }));
    if (!isPast) this.speak(data);
  }

  layersOf(touched, reload) {
    const work = [];
    for (const layer of this.city.layers) {
      const own = touched.filter(({ kind }) => kind === layer.kind);
      const isTold = layer.takesCounts && own.length > 0 && own.every(({ verb, status }) => verb === 'counts' && status);
      const codes = [...new Set(own.map(({ code }) => code))];
      const isAll = reload.includes(layer.kind);
      if (!layer.shown && (isAll || codes.length)) layer.state = 'idle'; // fetched anew when it is shown
      else if (isAll) work.push(layer.load(true));
      else if (isTold) layer.recount(own);
      else if (codes.length) work.push(layer.refreshCodes(codes));
    }
    return work;
  }

  async panel({ changes, gone, reload }) {
    const shown = shownObject();
    if (!shown) return;
    const isIt = ({ kind, code }) => kind === shown.kind && code === shown.code;
    if (gone.some(isIt)) return mark(t('js.live.gone'));
    if (!reload.length && !changes.some(isIt)) return;
    try {
      await refreshObject(h('p', { class: 'live-mark', 'data-live': 'changed' }, t('js.live.updated', { at: moment(new Date().toISOString()) })));
    } catch (error) {
      if (error.status === 404) mark(t('js.live.gone'));
    }
  }

  speak({ changes }) {
    const others = changes.filter(({ kind, own, verb }) => !own && verb !== 'counts' && kind !== 'routes');
    if (!others.length || Date.now() - this.said < QUIET) return;
    this.said = Date.now();
    $('live-said').textContent = t('js.live.said', { n: others.length });
  }
}

function mark(words) {
  const body = $('panel-body');
  body.querySelector('.live-mark')?.remove();
  body.prepend(h('p', { class: 'live-mark live-gone' }, words));
}

/** The moment at which the clock alone changes a colour is worth a question of its own. */
function untilNext({ at, next_status_at: next }) {
  if (!next) return BEAT;
  const left = new Date(next) - new Date(at) + 250;
  return left > 0 && left < BEAT ? left : BEAT;
}

/** Wire the live map. */
export function wireLive(city) {
  city.live = new Live(city);
  city.live.start();
}
