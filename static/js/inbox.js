// The inbox: the queues of a role, the rows of one, and what is done with them by key, button or many at once.
import { get, query } from './api.js';
import { openBulk } from './bulk.js';
import { $, h, icon, put } from './dom.js';
import { carryOut, flush, isBusy } from './inbox-acts.js';
import { KEYS, wireKeys } from './inbox-keys.js';
import { rowOf } from './inbox-row.js';
import { page } from './page.js';
import { amount, moment, t } from './texts.js';

const BEAT = 5000, CLOCK = 60000, PAGE = 30;

class Inbox {
  constructor(found) {
    Object.assign(this, { data: found, shown: PAGE, at: null, chosen: new Set(), rows: new Map(), near: null, asked: Date.now(), cursor: found.cursor, seen: found.at });
    this.title = document.title.replace(/^\(\d+\) /, '');
    this.list = h('ol', { class: 'wait-rows' });
    this.bar = h('div', { class: 'wait-bar no-print', role: 'toolbar', 'aria-label': t('js.inbox.tools') });
    this.many = h('div', { class: 'wait-many', hidden: true });
    this.rest = h('div', { class: 'wait-rest' });
    put($('waiting'), this.bar, this.many, this.list, this.rest);
  }

  get queue() { return this.data.queues.find((one) => one.name === this.data.queue); }

  get current() { return this.data.rows.find((row) => row.issue_no === this.at); }

  start() {
    this.draw();
    wireKeys(this);
    window.addEventListener('pagehide', flush);
    window.addEventListener('popstate', () => this.go(new URLSearchParams(location.search).get('queue'), false));
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.poll(); });
    document.addEventListener('live-poll', () => this.poll());
    this.beat = setInterval(() => { if (!document.hidden) this.poll(); }, BEAT);
  }

  /** Ask what changed; only where an issue did, or the clock has moved on, are the rows asked for anew. */
  async poll() {
    if (this.polling) return;
    this.polling = true;
    try {
      const { data } = await get(`/changes${query({ since: this.cursor, seen: this.seen })}`);
      const touched = data.reload.length || [...data.changes, ...data.gone].some(({ kind }) => kind === 'issues');
      Object.assign(this, { cursor: data.cursor, seen: data.at });
      if (touched || Date.now() - this.asked > CLOCK) await this.refresh();
      document.dispatchEvent(new CustomEvent('live-polled', { detail: data }));
      if (touched) document.dispatchEvent(new CustomEvent('live-changed', { detail: data }));
    } catch (error) {
      if (error.status === 422) this.cursor = '';
      if (error.status === 401) clearInterval(this.beat);
      this.say(error.message);
    } finally {
      this.polling = false;
    }
  }

  async refresh(name = this.data.queue) {
    if (isBusy() && name === this.data.queue) return;
    const asked = { queue: name, limit: this.shown, near: this.near?.join() };
    const { data } = await get(`/inbox${query(asked)}`);
    this.asked = Date.now();
    this.data = data;
    this.say('');
    this.draw();
  }

  /** Go to another queue; the address follows. */
  async go(name, asStep = true) {
    if (!name || name === this.data.queue) return;
    Object.assign(this, { shown: PAGE, at: null, near: null });
    this.chosen.clear();
    try {
      await this.refresh(name);
      if (asStep) history.pushState(null, '', `/inbox?queue=${encodeURIComponent(name)}`);
      this.move(1);
    } catch (error) {
      this.say(error.message);
    }
  }

  say(words) { $('inbox-said').textContent = words || t('js.inbox.total', { n: amount(this.data.total) }); }

  draw() {
    const { data } = this;
    document.title = data.total ? `(${data.total}) ${this.title}` : this.title;
    this.say('');
    this.drawTabs();
    for (const number of this.chosen) if (!data.rows.some((row) => row.issue_no === number)) this.chosen.delete(number);
    this.drawBar();
    this.drawRows();
    this.drawRest();
  }

  /** Draw the queues; on a phone, where they lie in a row, the chosen one is brought into sight. */
  drawTabs() {
    const box = $('queues');
    const had = box.contains(document.activeElement) ? document.activeElement.dataset.queue : null;
    put(box, this.data.queues.map((queue, index) => this.tab(queue, index)));
    if (had) box.querySelector(`[data-queue="${had}"]`)?.focus({ preventScroll: true });
    const tab = box.querySelector('[aria-current]');
    if (tab) box.scrollLeft = Math.max(0, tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2);
  }

  tab(queue, index) {
    const go = (event) => { event.preventDefault(); this.go(queue.name); };
    const late = queue.late ? h('span', { class: 'queue-late' }, icon('status-overdue'), t(queue.target ? 'js.inbox.late_target' : 'js.inbox.late', { n: amount(queue.late) })) : null;
    const target = queue.target_words ? h('span', { class: 'quiet' }, t('js.inbox.target', { limit: queue.target_words })) : null;
    return h('a', { href: `/inbox?queue=${queue.name}`, 'aria-current': queue.name === this.data.queue ? 'page' : null, 'data-queue': queue.name, class: queue.count ? null : 'is-empty', onclick: go, 'aria-keyshortcuts': index < 9 ? String(index + 1) : null },
      h('span', { class: 'queue-name' }, queue.title), h('b', { class: 'number' }, amount(queue.count)), h('span', { class: 'queue-more' }, late ?? target));
  }

  drawBar() {
    const { queue } = this;
    const button = (key, name, act, more = {}) => h('button', { type: 'button', class: 'button wait-key', 'data-key': key, onclick: act, ...more }, more.icon ? icon(more.icon) : null, h('span', {}, t(`js.inbox.${name}`)), h('kbd', { 'aria-hidden': 'true' }, key));
    const has = this.data.rows.length > 0;
    put(this.bar, h('h2', {}, queue?.title ?? '', ' ', h('span', { class: 'quiet number' }, queue ? amount(queue.count) : '')),
      has ? [button('k', 'previous', () => this.move(-1), { class: 'button wait-key wait-wide' }), button('j', 'next', () => this.move(1), { class: 'button wait-key wait-wide' }),
        h('label', { class: 'button wait-all' }, h('input', { type: 'checkbox', checked: this.chosen.size === this.data.rows.length, onchange: (event) => this.chooseAll(event.target.checked) }), t('js.inbox.all'))] : null,
      queue?.is_near && has ? button('n', this.near ? 'by_time' : 'near', () => this.toNear(), { 'aria-pressed': String(Boolean(this.near)) }) : null,
      queue ? h('a', { class: 'button wait-list', href: queue.href }, icon('list'), h('span', {}, t('js.inbox.as_list'))) : null,
      button('?', 'keys', () => KEYS['?'].run(this)));
    this.drawMany();
  }

  drawMany() {
    const count = this.chosen.size;
    const was = document.activeElement?.closest('.wait-many') !== null;
    this.many.hidden = !count;
    const verbs = this.queue?.verbs.filter((verb) => verb !== 'feedback') ?? [];
    put(this.many, h('b', {}, t('js.inbox.chosen', { n: amount(count) })), verbs.map((verb, index) => h('button', { type: 'button', class: `button ${index ? '' : 'button-main'}`, 'data-many': verb, onclick: () => this.bulk(verb) }, t(`js.bulk.verb_${verb}`), '…')),
      h('button', { type: 'button', class: 'button', 'data-many': 'other', onclick: () => this.bulk() }, t('js.inbox.other')), h('button', { type: 'button', class: 'button button-plain', onclick: () => this.chooseAll(false) }, t('js.inbox.none')));
    if (was && count) this.many.querySelector('button').focus();
  }

  /** Put the rows in order; a row that did not change keeps its very element, so that focus and place stay. */
  drawRows() {
    const known = new Map();
    const hadFocus = this.list.contains(document.activeElement);
    const place = [...this.list.children].findIndex((one) => one.dataset.no === this.at);
    let next = this.list.firstElementChild;
    for (const row of this.data.rows) {
      const sign = JSON.stringify(row);
      let held = this.rows.get(row.issue_no);
      if (!held || held.sign !== sign) {
        const element = rowOf(row, this);
        if (held) { if (next === held.element) next = element; held.element.replaceWith(element); }
        held = { sign, element };
      }
      known.set(row.issue_no, held);
      if (held.element === next) next = next.nextElementSibling;
      else this.list.insertBefore(held.element, next);
    }
    for (const [number, { element }] of this.rows) if (!known.has(number)) { if (element === next) next = next.nextElementSibling; element.remove(); }
    this.rows = known;
    if (this.at && !known.has(this.at)) {
      const rows = [...this.list.children];
      this.at = rows[Math.min(Math.max(place, 0), rows.length - 1)]?.dataset.no ?? null;
    }
    this.mark();
    if (hadFocus && this.at && !this.list.contains(document.activeElement)) this.rows.get(this.at).element.focus({ preventScroll: true });
  }

  drawRest() {
    const { queue, data } = this;
    const left = queue ? queue.count - data.rows.length : 0;
    if (!data.rows.length) return put(this.rest, this.nothing());
    return put(this.rest, left > 0 ? h('button', { type: 'button', class: 'button button-wide', onclick: () => this.more() }, t('js.inbox.more', { n: amount(left) })) : null);
  }

  nothing() {
    const { done, queues } = this.data;
    const elsewhere = queues.find((one) => one.count && !one.is_lens) ?? queues.find((one) => one.count);
    const last = done ? t('js.inbox.last', { at: moment(done.at), verb: done.verb_name, no: done.issue_no }) : t('js.inbox.never');
    return h('div', { class: 'wait-nothing' }, icon('check'), h('p', {}, h('strong', {}, t('js.inbox.nothing'))), h('p', { class: 'quiet' }, last),
      elsewhere ? h('button', { type: 'button', class: 'button', onclick: () => this.go(elsewhere.name) }, t('js.inbox.elsewhere', { name: elsewhere.title, n: amount(elsewhere.count) })) : null);
  }

  async more() {
    this.shown = Math.min(200, this.shown + PAGE);
    if (this.data.rows.length >= 200) location.assign(this.queue.href);
    else await this.refresh();
  }

  /** Move the place by some rows; keys and buttons follow it. */
  move(step) {
    const rows = this.data.rows.map((row) => row.issue_no);
    if (!rows.length) return;
    const from = rows.indexOf(this.at);
    this.at = rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step))];
    this.mark();
    const { element } = this.rows.get(this.at);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
  }

  mark() {
    for (const [number, { element }] of this.rows) {
      if (number === this.at) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
      element.classList.toggle('is-chosen', this.chosen.has(number));
      element.querySelector('input[type="checkbox"]').checked = this.chosen.has(number);
    }
  }

  choose(number, on = !this.chosen.has(number)) {
    if (on) this.chosen.add(number);
    else this.chosen.delete(number);
    this.mark();
    this.drawMany();
  }

  chooseAll(on) {
    this.chosen = new Set(on ? this.data.rows.map((row) => row.issue_no) : []);
    this.mark();
    this.drawBar();
  }

  bulk(verb) {
    const numbers = [...this.chosen];
    if (!numbers.length) return;
    const aside = { add: () => {}, become: () => {} };
    openBulk({ selection: aside, refresh: () => { this.chosen.clear(); this.refresh(); } }, numbers, verb);
  }

  act(row, verb) {
    this.at = row.issue_no;
    this.mark();
    carryOut(this, row, verb);
  }

  /** A row is done with: it leaves at once, the next one takes its place. */
  leave(number) {
    this.data.rows = this.data.rows.filter((row) => row.issue_no !== number);
    this.chosen.delete(number);
    this.drawRows();
    this.drawMany();
    if (this.at) this.rows.get(this.at)?.element.focus({ preventScroll: true });
  }

  toNear() {
    if (this.near) { this.near = null; return this.refresh(); }
    const found = ({ coords }) => { this.near = [coords.longitude.toFixed(6), coords.latitude.toFixed(6)]; this.refresh(); };
    return navigator.geolocation?.getCurrentPosition(found, () => this.say(t('js.inbox.no_place')), { enableHighAccuracy: true, timeout: 10000 });
  }
}

new Inbox(page.inbox).start();
