// Reporting an issue from the map: place, class, photo, words; the named unit is shown before it is sent.
import { newKey } from './api.js';
import { classPicker } from './classes.js';
import { $, h, icon, notice, put } from './dom.js';
import { sendOrKeep } from './outbox.js';
import { titleOf } from './page.js';
import { closePanel, openPanel } from './panel.js';
import { photoField, settled } from './photo.js';
import { Place } from './place.js';
import { addressField } from './places.js';
import { nearLines, orderFields } from './report-order.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';
import { Whom } from './whom.js';

const DAY_MS = 86_400_000;
let running = null;

/** Open the report form; `point` links it to an inspection point, `onSent()` refreshes the map. */
export function openReport(map, { point = null, onSent }) {
  running?.end();
  running = new Report(map, point, onSent);
}

class Report {
  constructor(map, point, onSent) {
    Object.assign(this, { map, point, onSent, row: null, photos: [], entry: null });
    this.whom = new Whom();
    this.where = h('p', { class: 'where' });
    this.said = h('div', {});
    this.words = h('textarea', { class: 'area', maxlength: 2000, placeholder: t('js.report.words_hint') });
    this.order = orderFields();
    this.address = addressField((place, isNear) => this.byAddress(place, isNear));
    this.send = h('button', { class: 'button button-main button-wide', type: 'submit' }, t('js.report.send'));
    this.form = h('form', { class: 'report', novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } }, this.parts());
    this.closed = () => this.leave();
    this.open();
    this.locate();
  }

  open() {
    openPanel(this.point ? titleOf(this.point) : t('js.report.kicker'), t('js.report.title'), this.form);
    $('panel').classList.add('panel-wide');
    document.body.dataset.mode = 'report';
    this.place = new Place(this.map, () => this.placed());
    document.addEventListener('panel-closed', this.closed);
  }

  /** Closed before it was sent: what was entered can be had back. */
  leave() {
    const { spot } = this.place;
    const begun = this.row || this.photos.length || this.words.value.trim();
    this.end();
    if (!begun) return;
    const back = () => { running?.end(); running = this; this.open(); this.place.set(spot.lon, spot.lat, spot.accuracy_m, spot.how); };
    toast(t('js.report.left'), { act: { label: t('js.report.resume'), run: back } });
  }

  parts() {
    const step = (number, label, ...content) => h('section', { class: 'step' }, h('h3', {}, h('span', {}, h('b', { class: 'step-number' }, number), label)), content);
    const device = h('button', { type: 'button', class: 'button button-small', onclick: () => this.askDevice() }, icon('locate'), t('js.report.device'));
    return [
      step(1, t('js.report.place'), this.where, device, this.address.element),
      step(2, t('js.report.class'), classPicker((row) => { this.row = row; this.order.forClass(row); this.check(); })),
      this.whom.box,
      step(3, t('js.report.photo'), photoField(this.photos, newKey)),
      step(4, t('js.report.words'), this.words),
      this.order.element,
      h('div', { class: 'send' }, this.said, this.send),
    ];
  }

  async locate() {
    if (this.point?.geometry?.type === 'Point') {
      const [lon, lat] = this.point.geometry.coordinates;
      this.place.show(lon, lat);
      return this.place.set(lon, lat, null, 'point');
    }
    const { lng, lat } = this.map.getCenter();
    this.place.show(lng, lat, 0);
    this.place.set(lng, lat, null, 'centre');
    return this.askDevice();
  }

  async askDevice() {
    put(this.where, h('span', { class: 'spinner' }), ' ', t('js.report.locating'));
    const place = this.place;
    if (!(await place.ask()) && running === this) {
      this.placed();
      put(this.where, t('js.place.denied'));
    }
  }

  /** An address that is only known to within a street brings the map there; the pin stays to be set by hand. */
  byAddress({ lon, lat }, isNear) {
    this.place.show(lon, lat);
    if (isNear) this.place.set(lon, lat, null, 'address');
  }

  placed() {
    const { lon, lat, accuracy_m, how } = this.place.spot;
    const text = how === 'centre' ? t('js.report.tap') : accuracy_m ? t('js.report.accuracy', { m: amount(accuracy_m) }) : t('js.report.placed');
    put(this.where, text, ' ', h('span', { class: 'quiet number' }, `${lon.toFixed(5)}, ${lat.toFixed(5)}`));
    if (how !== 'centre' && how !== 'address') this.address.follow(this.place.spot);
    this.check();
  }

  check() {
    if (this.place.spot.how !== 'centre') this.whom.ask({ spot: this.place.spot, row: this.row, point: this.point });
  }

  missing() {
    if (this.place.spot.how === 'centre') return t('js.report.need_place');
    return this.row ? '' : t('js.report.need_class');
  }

  async submit() {
    const missing = this.missing();
    if (missing) return put(this.said, notice('bad', missing));
    this.busy(true);
    try {
      const photos = await settled(this.photos, 'before');
      const body = this.body(photos);
      const label = { class_name: this.row.name };
      const done = await sendOrKeep({ verb: 'report', body, photos, label, captured_at: body.captured_at }, (part) => this.progress(part), this.entry);
      this.entry = done.entry;
      if (done.problem?.status >= 429) this.failed(t('js.outbox.kept_busy'), done.problem);
      else if (done.kept) this.kept(done);
      else this.confirm(done.data);
    } catch (error) {
      this.failed(error.message);
    }
    return this.busy(false);
  }

  /** When it was seen is when the first shutter fell; without a photo, when the words were sent. */
  body(photos) {
    const { lon, lat, accuracy_m } = this.place.spot;
    this.began ??= new Date().toISOString();
    const shots = photos.map((photo) => photo.taken_at).filter((at) => Date.parse(this.began) - Date.parse(at) < DAY_MS).sort();
    const captured_at = shots[0] ?? this.began;
    const body = { class: this.row.code, description: this.words.value.trim() || this.row.name, lon, lat, captured_at };
    if (accuracy_m) body.accuracy_m = accuracy_m;
    if (this.point) body.point = this.point.code;
    return { ...body, ...this.address.body(), ...this.order.body() };
  }

  progress({ share }) {
    put(this.said, h('p', { class: 'quiet' }, t('js.photo.sending')), h('progress', { max: 1, value: share }));
  }

  failed(...words) {
    put(this.said, notice('bad', words.map((word) => word.message ?? word).join(' ')));
    this.send.textContent = t('js.retry');
  }

  busy(on) {
    this.send.disabled = on;
    if (on) put(this.send, h('span', { class: 'spinner' }), t('js.report.sending'));
    else if (!this.send.textContent || this.send.textContent === t('js.report.sending')) this.send.textContent = t('js.report.send');
  }

  again() {
    return h('button', { class: 'button', onclick: () => openReport(this.map, { onSent: this.onSent }) }, t('js.report.another'));
  }

  shut(title, done) {
    this.end();
    openPanel(t('js.report.kicker'), title, done);
    this.onSent();
  }

  confirm(answer) {
    const { issue_no: number, assignment, unit } = answer;
    const name = assignment?.unit?.name ?? unit;
    this.shut(t('js.report.title_done'), h('div', { class: 'done' }, h('p', {}, t('js.report.done')), h('p', { class: 'done-number number' }, number),
      name ? h('p', {}, t('js.report.done_unit', { unit: name })) : h('p', {}, t('js.report.done_nobody')), nearLines(answer),
      h('div', { class: 'actions' }, h('a', { class: 'button button-main', href: `/issues/${encodeURIComponent(number)}` }, t('js.report.see')), this.again(),
        h('button', { class: 'button button-plain', onclick: closePanel }, t('js.close')))));
  }

  /** It lies in the outbox: what the reporter wants to know is that nothing is lost, and where it is. */
  kept({ entry, problem }) {
    const why = entry.issue_no ? 'js.outbox.kept_held' : problem?.status === 401 ? 'js.outbox.kept_sign_in' : 'js.outbox.kept';
    this.shut(t('js.report.title'), h('div', { class: 'done' }, notice('care', t(why)),
      h('div', { class: 'actions' }, h('a', { class: 'button button-main', href: '/outbox' }, t('js.outbox.open')), this.again())));
  }

  end() {
    document.removeEventListener('panel-closed', this.closed);
    delete document.body.dataset.mode;
    this.place.remove();
    if (running === this) running = null;
  }
}
