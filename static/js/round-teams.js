// The teams of a new round: how many, who walks, where each begins and ends.
import { choiceField } from './choice.js';
import { $, h, icon, put } from './dom.js';
import { page } from './page.js';
import { mark, minuteOf } from './round-looks.js';
import { myPlace, pickSpot } from './round-spot.js';
import { t } from './texts.js';

const MOST = 12;
const office = page.customs.office;

const labelled = (words, control) => h('label', { class: 'field' }, h('span', { class: 'label' }, words), control);

/** A choice of a place: the office, where I am, a spot on the map, or none. `value()` is {lon, lat, name} or null. */
class SpotField {
  constructor(label, map, { first, kinds, onChange }) {
    Object.assign(this, { map, onChange, spot: null });
    this.select = h('select', { class: 'select' }, kinds.map((kind) => h('option', { value: kind, selected: kind === first }, t(`js.round.spot.${kind}`))));
    this.said = h('p', { class: 'quiet', role: 'status' });
    this.element = h('div', {}, labelled(label, this.select), this.said);
    this.select.addEventListener('change', () => this.chosen());
    this.kind = first;
  }

  async chosen() {
    const kind = this.select.value;
    put(this.said);
    if (kind === 'here' || kind === 'map') {
      const spot = kind === 'here' ? await myPlace() : await pickSpot(this.map, 'start');
      if (!spot) { put(this.said, t(kind === 'here' ? 'js.place.denied' : 'js.round.nothing_picked')); this.select.value = this.kind; return; }
      this.spot = spot;
      put(this.said, `${spot.lon.toFixed(6)}, ${spot.lat.toFixed(6)}`);
    }
    this.kind = kind;
    this.onChange();
  }

  value() {
    if (this.kind === 'office') return office;
    return this.kind === 'here' || this.kind === 'map' ? this.spot : null;
  }

  get isUsual() { return this.kind === 'usual'; }
}

export class Teams {
  constructor(map, onChange) {
    Object.assign(this, { map, onChange, rows: [] });
    const starts = office ? ['office', 'here', 'map', 'free'] : ['free', 'here', 'map'];
    this.start = new SpotField(t('js.round.start_at'), map, { first: starts[0], kinds: starts, onChange: () => this.changed() });
    this.ends = h('select', { class: 'select' }, ['open', 'return', 'fixed'].map((kind) => h('option', { value: kind }, t(`js.round.ends.${kind}`))));
    this.end = new SpotField(t('js.round.end_at'), map, { first: 'none', kinds: ['none', ...(office ? ['office'] : []), 'here', 'map'], onChange: () => this.changed() });
    this.end.element.hidden = true;
    this.ends.addEventListener('change', () => { this.end.element.hidden = this.ends.value !== 'fixed'; this.changed(); });
    put($('round-start'), this.start.element, h('div', {}, labelled(t('js.round.ends'), this.ends)), this.end.element);
    $('round-more-teams').addEventListener('click', () => this.set(this.rows.length + 1));
    $('round-fewer-teams').addEventListener('click', () => this.set(this.rows.length - 1));
    $('round-team-count').addEventListener('change', (event) => this.set(Number(event.target.value)));
    this.set(1);
  }

  get count() { return this.rows.length; }

  set(count) {
    const wanted = Math.min(MOST, Math.max(1, Math.round(count) || 1));
    while (this.rows.length > wanted) this.rows.pop().element.remove();
    while (this.rows.length < wanted) { const row = this.row(this.rows.length + 1); this.rows.push(row); $('round-teams').append(row.element); }
    $('round-team-count').value = String(wanted);
    $('round-fewer-teams').disabled = wanted === 1;
    $('round-more-teams').disabled = wanted === MOST;
    this.changed();
  }

  changed() { if (this.rows.length) this.onChange(); }

  /** Who already walks with another team. */
  taken(row) { return new Set(this.rows.filter((one) => one !== row).flatMap((one) => one.people.codes)); }

  row(number) {
    const row = {};
    const known = new Map(page.people.map((one) => [one.name, one]));
    row.name = h('input', { class: 'input', maxlength: 60, autocomplete: 'off', placeholder: t('js.round.team_n', { n: number }) });
    row.people = choiceField({ name: `people-${number}`, label: t('js.round.people'), hint: t('js.round.people_hint'), nameOf: (code) => known.get(code)?.full_name ?? code, onChange: () => this.changed(),
      ask: (text) => {
        const low = text.toLowerCase();
        const taken = this.taken(row);
        const isCovert = document.querySelector('[name=covert]')?.checked;
        return { items: page.people.filter((one) => !taken.has(one.name) && (one.may_covert || !isCovert) && `${one.name} ${one.full_name} ${one.role_name}`.toLowerCase().includes(low)).slice(0, 30).map((one) => ({ code: one.name, name: one.full_name, detail: one.role_name })), more: false };
      } });
    row.start = new SpotField(t('js.round.start_at'), this.map, { first: 'usual', kinds: ['usual', ...(office ? ['office'] : []), 'here', 'map', 'free'], onChange: () => this.changed() });
    row.ends = h('select', { class: 'select' }, ['usual', 'open', 'return'].map((kind) => h('option', { value: kind }, t(`js.round.ends.${kind}`))));
    row.from = h('input', { class: 'input number', type: 'time' });
    row.until = h('input', { class: 'input number', type: 'time' });
    row.element = h('fieldset', { class: 'round-new-team' }, h('legend', { class: 'unseen' }, t('js.round.team_n', { n: number })), mark(number, number, { size: 36 }), labelled(t('js.round.team_name'), row.name), row.people.element,
      h('details', { class: 'more' }, h('summary', {}, icon('chevron'), t('js.round.own_way')), h('div', { class: 'round-own' }, row.start.element, h('div', {}, labelled(t('js.round.ends'), row.ends)), labelled(t('js.round.from'), row.from), labelled(t('js.round.until'), row.until))));
    return row;
  }

  spots() { return [this.start, ...this.rows.map((row) => row.start)].map((field) => field.value()).filter(Boolean); }

  /** Return the members of the wish that speak of teams; `day` are its usual hours. */
  body(day) {
    const usual = { start: this.start.value(), ends: this.ends.value, end: this.ends.value === 'fixed' ? this.end.value() : null };
    const teams = this.rows.map((row) => ({
      ...(row.name.value.trim() ? { name: row.name.value.trim() } : {}), ...(row.people.codes.length ? { people: row.people.codes } : {}),
      ...(row.start.isUsual ? {} : { start: row.start.value() }), ...(row.ends.value === 'usual' ? {} : { ends: row.ends.value }),
      from_min: minuteOf(row.from.value) ?? day.from, until_min: minuteOf(row.until.value) ?? day.until }));
    return { start: usual.start, ends: usual.ends, ...(usual.end ? { end: usual.end } : {}), teams };
  }

  /** Say what is still missing; null where nothing is. */
  missing() { return this.ends.value === 'fixed' && !this.end.value() ? t('js.round.end_missing') : null; }
}

