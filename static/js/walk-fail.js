// A fail becomes an issue in one tap: class, unit, limit and words are there already; a photo and a remark may be added.
import { newKey } from './api.js';
import { h, notice, put } from './dom.js';
import { photoField, settled } from './photo.js';
import { sheet } from './walk-sheet.js';
import { t } from './texts.js';

function offersOf(numbers, issues, pick) {
  if (!numbers.length) return null;
  const words = (number) => issues.find((issue) => issue.issue_no === number)?.description ?? '';
  const choice = (value, label, more, on) => h('label', { class: 'walk-pick' }, h('input', { type: 'radio', name: 'same', value, checked: on, onchange: () => pick(value) }), h('span', {}, h('strong', {}, label), more ? h('small', {}, more) : null));
  pick(numbers[0]);
  return h('fieldset', { class: 'walk-offers' }, h('legend', {}, t('walk.fail.known')),
    numbers.map((number, index) => choice(number, t('walk.fail.same', { no: number }), words(number), index === 0)), choice('', t('walk.fail.other'), '', false));
}

/**
 * Open the sheet of one fail. `facts` is {item, finding, whom, offers, issues, may, place, photos, isNear, later}: `later` promises `whom` where it is not there yet.
 *
 * Resolves to null (only the fail is kept), or to {remark, report, photos}: report null keeps the remark alone.
 */
export function openFail({ item, finding, whom, offers, issues, may, place, photos, isNear, later }) {
  return sheet(t('walk.fail.title', { item: item.name }), (close) => {
    const said = { class: item.class, link: '' };
    const about = h('dl', { class: 'walk-facts' });
    const show = () => {
      const row = item.classes.find((one) => one.class === said.class);
      const unit = whom?.[said.class];
      const line = (term, value) => [h('dt', {}, term), h('dd', {}, value)];
      put(about, line(t('walk.fail.class'), row.class_name), line(t('walk.fail.unit'), unit?.unit_name ?? t(unit ? 'walk.fail.nobody' : 'walk.fail.later')), line(t('walk.fail.limit'), row.limit_name));
      about.hidden = Boolean(said.link);
      put(send, t(said.link ? 'walk.fail.link' : may.order && unit?.unit !== null ? 'walk.fail.order' : 'walk.fail.report'));
    };
    const words = h('textarea', { class: 'area', rows: 2, maxlength: 1000, placeholder: t('walk.fail.words_hint') });
    words.value = finding.remark ?? '';
    const problem = h('div', { 'aria-live': 'polite' });
    const classes = item.classes.length > 1 ? h('div', { class: 'walk-chips', role: 'radiogroup', 'aria-label': t('walk.fail.class') }, item.classes.map((one) => h('label', { class: 'walk-chip' },
      h('input', { type: 'radio', name: 'class', checked: one.class === said.class, onchange: () => { said.class = one.class; show(); } }), h('span', {}, one.class_name)))) : null;
    const send = h('button', { type: 'button', class: 'button button-main button-wide', onclick: () => done(true) });
    const leave = h('button', { type: 'button', class: 'button button-plain button-wide', onclick: () => done(false) }, t('walk.fail.only'));

    async function done(isReported) {
      send.disabled = true;
      const remark = words.value.trim();
      try {
        const shots = isReported ? await settled(photos, 'before') : [];
        close({ remark, photos: shots, report: isReported ? reportOf(shots) : null });
      } catch (error) {
        put(problem, notice('bad', error.message));
        send.disabled = false;
      }
    }

    /** The words are put by the server in the city's language, the item first; the spot is where the photo was taken, else where one stands, else the point's. */
    function reportOf(shots) {
      const spot = [...shots.filter((shot) => Number.isFinite(shot.lon)), place].find((one) => one && isNear(one));
      const taken = shots.map((shot) => shot.taken_at).sort()[0];
      const report = { class: said.class, captured_at: taken ?? new Date().toISOString() };
      if (said.link) report.link = said.link;
      else if (offers.length) report.new = true;
      if (spot) Object.assign(report, { lon: spot.lon, lat: spot.lat, accuracy_m: spot.accuracy_m ?? undefined });
      return report;
    }

    const picks = offersOf(offers, issues, (number) => { said.link = number; });
    picks?.addEventListener('change', show);
    show();
    later?.then((told) => { whom = told; show(); });
    const parts = [h('p', { class: 'quiet' }, item.rule), picks, classes, about, photoField(photos, newKey, t('walk.fail.photo')), h('p', { class: 'quiet walk-hint' }, t('walk.fail.photo_hint')), words, problem];
    return [...parts, h('div', { class: 'walk-sheet-foot' }, may.report ? send : null, leave)];
  }, 'walk-fail');
}
