// What changed since the last visit: a quiet mark, a list in words, and dots on the map until they have been seen.
/* global L */
import { get, query } from './api.js';
import { $, debounce, h, icon, put } from './dom.js';
import { page, stateName } from './page.js';
import { placeSymbol } from './symbols.js';
import { amount, day, moment, t } from './texts.js';

const VISIT = 30 * 60 * 1000; // away for longer is a new visit
const KEPT = `civmap.visit.${page.user?.name ?? ''}`;
const LEAST = 10000; // milliseconds between two questions while the list is open
const QUIET = 30000; // and while only the mark shows how many there are
const KINDS = ['issues', 'points', 'segments', 'zones', 'units'];

function remembered() {
  try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; }
}

function remember(visit) {
  try { localStorage.setItem(KEPT, JSON.stringify(visit)); } catch { /* a private window forgets: then each visit is the first */ }
}

/** Say a moment as people do: 17:40, yesterday 17:40, or with its date. */
export function ago(iso) {
  const time = moment(iso).match(/\d{1,2}:\d{2}/)?.[0] ?? '';
  const [today, that] = [day(new Date().toISOString()), day(iso)];
  if (that === today) return time;
  const yesterday = day(new Date(Date.now() - 86400000).toISOString());
  return that === yesterday ? t('js.news.yesterday', { time }) : moment(iso);
}

class News {
  constructor(city) {
    const { base, last } = remembered();
    const now = { cursor: page.cursor, at: page.at };
    const isNewVisit = !last || !base || new Date(page.at) - new Date(last.at) > VISIT;
    Object.assign(this, { city, base: isNewVisit ? last ?? now : base, last: now, items: [], total: 0, seen: new Set(), asked: 0 });
    this.dots = L.layerGroup().addTo(city.map);
  }

  start() {
    this.keep();
    $('news-open').addEventListener('click', () => this.show($('news').hidden));
    $('news-close').addEventListener('click', () => { this.show(false); this.focusBack(); });
    $('news-seen').addEventListener('click', () => this.allSeen());
    $('news').addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); this.show(false); this.focusBack(); } });
    window.addEventListener('pagehide', () => this.keep());
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.keep(); });
    document.addEventListener('live-polled', ({ detail }) => { this.last = { cursor: detail.cursor, at: detail.at }; });
    const soon = debounce(() => this.ask(), 400);
    document.addEventListener('live-changed', ({ detail }) => {
      const isNews = detail.reload.length || detail.changes.some(({ own, verb }) => !own && verb !== 'counts');
      if (isNews) this.waiting ||= setTimeout(() => { this.waiting = 0; soon(); }, Math.max(0, this.asked + this.pause() - Date.now()));
    });
    this.city.state.hear(['on', 'and'], () => this.mark());
    if (this.base.cursor && this.base.cursor !== page.cursor) this.ask();
  }

  pause() { return $('news').hidden && this.total ? QUIET : LEAST; }

  keep() { remember({ base: this.base, last: this.last }); }

  focusBack() { ($('news-open').hidden ? document.getElementById('main') : $('news-open')).focus({ preventScroll: true }); }

  async ask() {
    this.asked = Date.now();
    try {
      const { data } = await get(`/news${query({ since: this.base.cursor })}`);
      Object.assign(this, { items: data.items, total: data.total, isCut: data.cut });
    } catch {
      return; // the live map says that it is offline
    }
    this.fill();
    this.mark();
  }

  fill() {
    const button = $('news-open');
    button.hidden = !this.total && $('news').hidden;
    const said = { n: amount(this.total) + (this.isCut ? '+' : ''), at: ago(this.base.at) };
    put(button, h('span', { class: 'news-dot', 'aria-hidden': 'true' }), h('b', { class: 'number' }, said.n), h('span', { class: 'news-words' }, t('js.news.since', said)));
    button.setAttribute('aria-label', t('js.news.label', said));
    $('news-since').textContent = t('js.news.since_long', said);
    if (!$('news').hidden) this.list();
  }

  show(open) {
    $('news').hidden = !open;
    $('news-open').setAttribute('aria-expanded', String(open));
    this.fill();
    if (open) { this.list(); $('news').focus({ preventScroll: true }); }
  }

  list() {
    $('news-seen').hidden = !this.items.length;
    if (!this.items.length) return put($('news-list'), h('p', { class: 'empty' }, t('js.news.nothing', { at: ago(this.base.at) })));
    const groups = KINDS.map((kind) => [kind, this.items.filter((item) => item.kind === kind)]).filter(([, items]) => items.length);
    const more = this.total - this.items.length;
    return put($('news-list'), groups.map(([kind, items]) => h('section', {}, h('h3', {}, t(`js.layer.${kind}`), h('span', { class: 'quiet number' }, amount(items.length))),
      h('ul', { class: 'rows' }, items.map((item) => h('li', {}, this.line(item)))))), more > 0 ? h('p', { class: 'quiet' }, t('js.news.more', { n: amount(more) })) : null);
  }

  line(item) {
    const what = [item.verb_name, item.state ? stateName(item.state) : ''].filter(Boolean).join(' → ');
    const who = [item.who, item.times > 1 ? t('js.news.times', { n: item.times }) : '', item.kind === 'issues' ? item.code : ''].filter(Boolean).join(' · ');
    return h('button', { type: 'button', 'data-code': item.code, onclick: () => this.go(item) }, this.isSeen(item) ? placeSymbol('none', 0, 16) : h('span', { class: 'news-dot' }),
      h('span', {}, h('strong', {}, item.name), ' ', what), h('span', { class: 'quiet number' }, ago(item.at)), h('span', { class: 'quiet' }, who));
  }

  isSeen(item) { return this.seen.has(`${item.kind}/${item.code}/${item.at}`); }

  /** Fly to a thing and open it; its dot goes. */
  async go(item) {
    const { city } = this;
    this.seen.add(`${item.kind}/${item.code}/${item.at}`);
    if (matchMedia('(max-width: 720px)').matches) this.show(false);
    else this.list();
    this.mark();
    if (item.lon !== null) city.map.setView([item.lat, item.lon], Math.max(city.map.getZoom(), 16), { animate: false });
    const layer = city.layerOf(item.kind);
    if (!layer.shown) await city.switchLayer(item.kind, true);
    city.choose(layer, { code: item.code, name: item.name });
  }

  allSeen() {
    this.base = { ...this.last };
    Object.assign(this, { items: [], total: 0, isCut: false });
    this.keep();
    this.fill();
    this.list();
    this.mark();
    $('news-close').focus();
  }

  /** Put a small dot on what changed and was not looked at; never on a past day. */
  mark() {
    this.dots.clearLayers();
    if (this.city.state.get('on')) return;
    for (const item of this.items) {
      if (item.lon === null || this.isSeen(item)) continue;
      const dot = L.divIcon({ className: 'news-dot news-dot-map', iconSize: [10, 10], iconAnchor: [-5, 16] });
      this.dots.addLayer(L.marker([item.lat, item.lon], { icon: dot, interactive: false, keyboard: false, zIndexOffset: 4000 }));
    }
  }
}

/** Wire the mark of what is new. */
export function wireNews(city) {
  if (!page.user) return;
  city.news = new News(city);
  city.news.start();
}
