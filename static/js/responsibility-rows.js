// The table of professional owners and the decisions kept as rules: rows that are added, changed and retired.
import { call } from './api.js';
import { h, notice, put } from './dom.js';
import { lookup } from './lookup.js';
import { page } from './page.js';
import { rulingFields } from './ruling.js';
import { day, t } from './texts.js';
import { toast } from './toast.js';

const tagOf = (row) => `"v${row.version}"`;
const labelled = (label, field) => h('label', { class: 'field' }, h('span', { class: 'label' }, label), field);
const button = (words, act, more = '') => h('button', { type: 'button', class: `button ${more}`, onclick: act }, words);

function choose(name, none, rows, value) {
  return h('select', { class: 'select', name }, h('option', { value: '' }, none), rows.map(([code, words]) => h('option', { value: code, selected: code === value }, words)));
}

function table(heads, rows) {
  if (!rows.length) return h('p', { class: 'quiet' }, t('js.cascade.empty'));
  return h('table', { class: 'own-table' }, h('thead', {}, h('tr', {}, heads.map((key) => h('th', { scope: 'col' }, t(key))), h('th', { scope: 'col' }, h('span', { class: 'unseen' }, t('js.cascade.do'))))), h('tbody', {}, rows));
}

async function again(kind) {
  return (await call('GET', `/${kind}`)).data.items;
}

/** Show the table of owners with its form. */
export function showDuties(box, place, add, rows, canEdit, newKey) {
  const draw = (items) => put(box, table(['js.cascade.duty.what', 'js.cascade.duty.where', 'js.cascade.duty.unit', 'js.cascade.duty.when'], items.map((row) => h('tr', { 'data-duty': row.id },
    h('td', {}, h('strong', {}, row.class ? `${row.class_name} ${row.class}` : page.categories.find(({ code }) => code === row.category)?.name ?? row.category)), h('td', { class: 'number' }, row.territory || t('js.cascade.duty.city')),
    h('td', {}, h('a', { href: `/units/${encodeURIComponent(row.unit)}` }, row.unit_name)), h('td', { class: 'number quiet' }, row.valid_from ? t('js.cascade.since', { day: day(row.valid_from) }) : ''),
    h('td', { class: 'actions-cell' }, canEdit ? h('span', { class: 'actions' }, button(t('js.cascade.change'), () => open(row), 'button-plain'), button(t('js.cascade.retire'), () => retire(row), 'button-plain button-warn')) : null)))));

  async function done(words) {
    draw(await again('duties'));
    put(place);
    toast(words);
  }

  async function retire(row) {
    try {
      await call('DELETE', `/duties/${row.id}`, { etag: tagOf(row) });
      await done(t('js.cascade.retired'));
    } catch (error) { put(place, notice('bad', error.message)); }
  }

  function open(row) {
    const unit = lookup('units', t('js.cascade.duty.unit'), { chosen: row ? { code: row.unit, name: row.unit_name } : null });
    const what = choose('class', t('js.cascade.duty.by_category'), page.classes.map(({ code, name }) => [code, `${name} ${code}`]), row?.class);
    const category = choose('category', '—', page.categories.map(({ code, name }) => [code, name]), row?.category);
    const where = h('input', { class: 'input number', name: 'territory', maxlength: 20, inputmode: 'numeric', value: row?.territory ?? '' });
    const from = h('input', { class: 'input', type: 'date', name: 'valid_from' });
    const said = h('div', { class: 'wide', 'aria-live': 'polite' });
    const key = newKey();
    const send = async (event) => {
      event.preventDefault();
      const body = { class: what.value || null, category: what.value ? null : category.value || null, territory: where.value.trim() || null, unit: unit.code, valid_from: from.value || null };
      if (row && !from.value) body.valid_from = row.valid_from;
      try {
        await call(row ? 'PUT' : 'POST', row ? `/duties/${row.id}` : '/duties', { body, key: row ? undefined : key, etag: row ? tagOf(row) : undefined });
        await done(t('js.cascade.duty.kept'));
      } catch (error) { put(said, notice('bad', error.message)); }
    };
    put(place, h('form', { class: 'own-form', onsubmit: send }, labelled(t('js.cascade.duty.class'), what), labelled(t('js.cascade.duty.category'), category), labelled(t('js.cascade.duty.where'), where), unit.element, labelled(t('js.cascade.duty.from'), from), said,
      h('div', { class: 'actions wide' }, h('button', { class: 'button button-main' }, t('js.cascade.duty.save')), button(t('js.cancel'), () => put(place), 'button-plain'))));
    what.focus();
  }

  add?.addEventListener('click', () => open(null));
  draw(rows);
}

/** Show the decisions; a new one is about the spot that is tried on the map. */
export function showRulings(box, place, add, rows, attempt, newKey) {
  const draw = (items) => put(box, table(['js.cascade.ruling.what', 'js.cascade.ruling.unit', 'js.cascade.ruling.why', 'js.cascade.ruling.who'], items.map((row) => h('tr', { 'data-ruling': row.id },
    h('td', {}, h('strong', {}, row.class ? row.class_name : t('js.ruling.any')), h('br'), h('span', { class: 'quiet number' }, `${row.lon.toFixed(5)}, ${row.lat.toFixed(5)}`)), h('td', {}, row.unit_name),
    h('td', {}, row.reason, row.issue ? [' · ', h('a', { href: `/issues/${encodeURIComponent(row.issue)}` }, row.issue)] : null), h('td', { class: 'quiet' }, `${row.made_by} · ${day(row.made_at)}`),
    h('td', { class: 'actions-cell' }, h('span', { class: 'actions' }, button(t('js.cascade.retire'), () => retire(row), 'button-plain button-warn')))))));

  async function done(words) {
    draw(await again('rulings'));
    put(place);
    attempt.again();
    toast(words);
  }

  async function retire(row) {
    try {
      await call('DELETE', `/rulings/${row.id}`, { etag: tagOf(row) });
      await done(t('js.cascade.retired'));
    } catch (error) { put(place, notice('bad', error.message)); }
  }

  function open() {
    const unit = lookup('units', t('js.cascade.duty.unit'));
    const fields = rulingFields();
    const said = h('div', { class: 'wide', 'aria-live': 'polite' });
    const key = newKey();
    const send = async (event) => {
      event.preventDefault();
      try {
        const { lon, lat } = attempt.spot;
        await call('POST', '/rulings', { key, body: { class: attempt.code(), unit: unit.code, lon, lat, ...fields.read() } });
        await done(t('js.ruling.kept'));
      } catch (error) { put(said, notice('bad', error.message)); }
    };
    put(place, h('form', { class: 'own-form', onsubmit: send }, unit.element, h('div', { class: 'wide' }, fields.element), said,
      h('div', { class: 'actions wide' }, h('button', { class: 'button button-main' }, t('js.ruling.save')), button(t('js.cancel'), () => put(place), 'button-plain'))));
    place.querySelector('input').focus();
  }

  attempt.onSpot = () => { add.disabled = false; };
  add.addEventListener('click', open);
  draw(rows);
}
