// At a stop: checking in, judging, leaving or passing by. Every step is kept on the phone first and queued to be sent.
import { get } from './api.js';
import { $, h, icon, put } from './dom.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';
import { settled } from './photo.js';
import { doneCard } from './walk-done.js';
import { openFail } from './walk-fail.js';
import { CheckList, rateOf } from './walk-list.js';
import { sendArrival, sendFail, sendFinish, sendSkip } from './walk-send.js';
import { ask, sheet } from './walk-sheet.js';
import { countsOf } from './walk-store.js';
import { metres } from './walk-where.js';

const REASONS = ['closed', 'nobody', 'works', 'time'];

export class Checking {
  constructor(round) {
    Object.assign(this, { round, stop: null, list: null, photos: new Map() });
  }

  get draft() { return this.round.draft(this.stop); }
  get items() { return this.round.data.lists[this.stop.type] ?? []; }
  get number() { return (item) => this.draft?.issues[item.item] ?? null; }

  /** Draw what can be done at a stop now. */
  show(stop, state) {
    this.stop = stop;
    this.list = null;
    if (state === 'here' && this.draft) return this.judge();
    put($('walk-list'), state === 'planned' || state === 'here' ? null : this.summary(state));
    const again = state !== 'planned' && state !== 'here';
    const arrive = h('button', { type: 'button', class: `button button-wide walk-main ${again ? '' : 'button-main'}`, id: 'walk-arrive', onclick: () => this.arrive() }, icon('flag'), t(again ? 'walk.check_again' : this.round.data.route ? 'walk.arrive' : 'walk.begin'));
    const skip = this.round.data.route && !again ? h('button', { type: 'button', class: 'button', id: 'walk-skip', onclick: () => this.skip() }, t('walk.skip')) : null;
    const next = again && this.round.current === stop && this.round.data.route ? h('button', { type: 'button', class: 'button button-main', onclick: () => this.round.next() }, t('walk.next')) : null;
    put($('walk-foot'), this.round.may.visit && !this.round.isClosed ? [skip, arrive, next] : next);
    return null;
  }

  summary(state) {
    const { stop, draft } = this;
    return doneCard(stop, draft, state, this.round.may, this.round.sent[draft?.key]?.visit ?? stop.visit);
  }

  /** Check in where one stands; far away or without a place it is asked once, and never forbidden. */
  async arrive() {
    const place = this.round.where.now();
    const length = place ? metres(place, this.stop) : null;
    if (length !== null && length > this.stop.reach_m + Math.min(place.accuracy_m, 500)) {
      const said = await ask(t('walk.far.title'), t('walk.far.words', { m: amount(length), reach: amount(this.stop.reach_m) }), [{ value: 'yes', label: t('walk.far.yes'), kind: 'button-main' }, { value: null, label: t('walk.far.no') }]);
      if (!said) return;
    }
    this.round.walk.begin(this.stop.code, place ? { lon: place.lon, lat: place.lat, accuracy_m: place.accuracy_m } : null);
    this.round.chosen = this.stop.code;
    this.send(sendArrival(this.draft, this.stop, this.round.label));
    this.round.draw();
    scrollTo({ top: 0 });
  }

  /** What cannot even be kept on the phone is said; everything else goes on by itself. */
  send(going) {
    going.catch((error) => toast(error.message, { tone: 'bad' }));
  }

  judge() {
    const facts = (item) => ({ finding: this.draft?.findings[item.item], number: this.number(item), isWaiting: Boolean(this.round.sent[this.draft?.key]?.waiting) });
    this.list = new CheckList(this.items, facts, { choose: (item, result) => this.choose(item, result), fail: (item) => this.fail(item), rest: () => this.rest() }, this.round.may, this.round.data.thresholds?.[this.stop.type]);
    put($('walk-list'), this.list.element);
    put($('walk-foot'), h('button', { type: 'button', class: 'button button-main button-wide walk-main', id: 'walk-finish', onclick: () => this.finish() }, icon('check'), t(this.round.data.route ? 'walk.finish' : 'walk.finish_point')));
    this.learning = this.learnWhom();
  }

  /** Who answers for each class here: asked while there is a network, kept by the phone. */
  async learnWhom() {
    const { code } = this.stop;
    if (this.round.whom[code]) return this.round.whom[code];
    const answer = await get(`/points/${encodeURIComponent(code)}/checklist?units=true`).catch(() => null);
    if (answer) this.round.whom[code] = answer.data.whom;
    return answer?.data.whom ?? null;
  }

  choose(item, result) {
    const { findings } = this.draft;
    const known = findings[item.item];
    if (known?.report && result !== 'fail') return toast(t('walk.item.has_issue'));
    if (known?.result === result && result !== 'fail') delete findings[item.item];
    else findings[item.item] = { ...known, result };
    this.keep(item);
    return result === 'fail' && !known?.report && this.round.may.report ? this.fail(item) : null;
  }

  keep(item) {
    this.round.walk.keep();
    this.list?.refresh(item);
  }

  async fail(item) {
    const { stop, draft } = this;
    const finding = draft.findings[item.item];
    const photos = this.photosOf(item);
    const offers = stop.offers?.[item.item] ?? [];
    const said = await openFail({ item, finding, offers, photos, issues: stop.issues ?? [], whom: this.round.whom[stop.code], later: this.learning, may: this.round.may, place: this.round.where.now() ?? draft.place, isNear: (spot) => metres(spot, stop) <= stop.reach_m + Math.min(spot.accuracy_m ?? 0, 500) });
    if (!said) return;
    finding.remark = said.remark;
    if (said.report) {
      finding.report = said.report;
      this.send(sendFail(draft, stop, this.round.label, item.item, said.photos));
      this.photos.delete(`${draft.key}:${item.item}`);
      toast(t(navigator.onLine ? 'walk.fail.sent' : 'walk.fail.kept'));
    }
    this.keep(item);
  }

  photosOf(item) {
    const name = `${this.draft.key}:${item.item}`;
    if (!this.photos.has(name)) this.photos.set(name, []);
    return this.photos.get(name);
  }

  /** The photos that were taken of fails which are only reported now, each with its item. */
  async photosOfAll(items) {
    const found = await Promise.all(items.map(async (item) => (await settled(this.photosOf(item), 'before')).map((photo) => ({ ...photo, item: item.item }))));
    return found.flat();
  }

  /** All that is not judged yet passes; one tap takes it back. */
  rest() {
    const { draft } = this;
    const set = this.items.filter((item) => !draft.findings[item.item]);
    for (const item of set) draft.findings[item.item] = { result: 'pass' };
    this.round.walk.keep();
    this.list.refreshAll();
    const undo = () => {
      for (const item of set) if (draft.findings[item.item]?.result === 'pass') delete draft.findings[item.item];
      this.round.walk.keep();
      this.list?.refreshAll();
    };
    this.closeToast = toast(t('walk.rest_done', { n: set.length }), { act: { label: t('walk.undo'), run: undo } });
  }

  async finish() {
    this.closeToast?.();
    const { draft, stop } = this;
    const open = this.items.filter((item) => !draft.findings[item.item]);
    if (open.length) {
      const said = await ask(t('walk.open_items', { n: open.length }), t('walk.open_items_words'), [{ value: 'back', label: t('walk.go_on'), kind: 'button-main' }, { value: 'so', label: t('walk.finish_so') }]);
      if (said !== 'so') return;
    }
    const bare = this.round.may.report ? this.items.filter((item) => draft.findings[item.item]?.result === 'fail' && !draft.findings[item.item].report) : [];
    if (bare.length) {
      const said = await ask(t('walk.bare', { n: bare.length }), bare.map((item) => item.name), [{ value: 'report', label: t('walk.report_all'), kind: 'button-main' }, { value: 'only', label: t('walk.only') }, { value: null, label: t('walk.back') }]);
      if (!said) return;
      if (said === 'report') for (const item of bare) draft.findings[item.item].report = { class: item.class, captured_at: new Date().toISOString() };
    }
    const photos = await this.photosOfAll(bare.filter((item) => draft.findings[item.item].report));
    draft.left_at = new Date().toISOString();
    this.round.walk.keep();
    this.send(sendFinish(draft, stop, this.round.label, photos));
    const counts = countsOf(draft);
    toast(t('walk.left', { name: stop.name || stop.code, rate: rateOf(counts) }));
    this.round.next();
  }

  async skip() {
    const { stop } = this;
    const why = await sheet(t('walk.skip_title'), (close) => {
      const words = h('input', { class: 'input', maxlength: 200, 'aria-label': t('walk.skip_words'), placeholder: t('walk.skip_words') });
      const form = h('form', { class: 'walk-skip-own', onsubmit: (event) => { event.preventDefault(); if (words.value.trim()) close(words.value.trim()); } }, words, h('button', { class: 'button button-main' }, t('walk.skip_do')));
      return [h('div', { class: 'walk-choices' }, REASONS.map((reason) => h('button', { type: 'button', class: 'button button-wide', onclick: () => close(t(`walk.why.${reason}`)) }, t(`walk.why.${reason}`)))), form];
    });
    if (!why) return;
    const place = this.round.where.now();
    const draft = this.round.walk.begin(stop.code, place);
    Object.assign(draft, { outcome: 'skipped', remark: why });
    this.round.walk.keep();
    this.send(sendSkip(draft, stop, this.round.label));
    this.round.next();
  }

  heard() { this.list?.refreshAll(); }
}
