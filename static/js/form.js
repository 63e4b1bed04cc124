// Making and changing a thing of the office: sent with version and key, faults told at their field, nothing lost on the way.
/* global L */
import { call, newKey } from './api.js';
import { layGround } from './basemap.js';
import { $, debounce, h, notice, put } from './dom.js';
import { staleTable } from './form-stale.js';
import { labelOf, mountLookups, readValues, unfinished, writeValues } from './form-values.js';
import { page } from './page.js';
import { SpotPicker, readPair } from './picker.js';
import { StreetLine } from './segment-follow.js';
import { moment, t } from './texts.js';

const form = $('form');
const DRAFT = `civmap-form:${location.pathname}`;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
let [etag, key, lastSaid, ready, isSaved] = [page.etag, newKey(), '', false, false];

function makePicker() {
  const { map } = window.civmap;
  layGround(map);
  if (page.place === 'none') {
    const outline = L.geoJSON(page.feature, { style: { color: 'var(--map-pencil)', weight: 3, fillOpacity: 0.12 } }).addTo(map);
    map.fitBounds(outline.getBounds(), { padding: [30, 30], maxZoom: 18, animate: false });
    return { geometry: page.feature.geometry };
  }
  const parts = { text: $('place-text'), said: $('place-said') };
  const picker = page.place === 'line' ? new StreetLine(map, parts, changed) : new SpotPicker(map, parts, changed);
  $('place-centre').addEventListener('click', () => picker.centre());
  $('place-device').addEventListener('click', () => picker.device());
  $('place-clear').addEventListener('click', () => picker.clear());
  return picker;
}

const entered = () => ({ values: readValues(form), geometry: picker.geometry });

/** What differs from what the server gave is kept in this browser until it is saved or thrown away. */
function keepNow() {
  if (isSaved) return undefined;
  const now = entered();
  if (same(now, start)) return void localStorage.removeItem(DRAFT);
  localStorage.setItem(DRAFT, JSON.stringify({ ...now, names: namesNow(), etag, at: new Date().toISOString() }));
  $('kept').textContent = t('js.form.kept');
  return undefined;
}
const keep = debounce(keepNow, 400);

function changed() { if (ready) keep(); }

const namesNow = () => Object.fromEntries([...form.querySelectorAll('[data-how=unit], [data-how=zone]')].map((field) => [`${field.dataset.field}_name`, field.querySelector('input').value]));

function fill({ values, geometry }, names) {
  writeValues(form, values, names ?? values);
  if (page.place !== 'none') picker.geometry = geometry;
}

function offerDraft() {
  let draft = null;
  try { draft = JSON.parse(localStorage.getItem(DRAFT)); } catch { localStorage.removeItem(DRAFT); }
  if (!draft || same({ values: draft.values, geometry: draft.geometry }, start)) return;
  const away = () => put($('said'));
  const take = h('button', { type: 'button', class: 'button button-small button-main', onclick: () => { fill(draft, draft.names); etag = draft.etag ?? etag; away(); } }, t('js.form.restore'));
  const drop = h('button', { type: 'button', class: 'button button-small', onclick: () => { localStorage.removeItem(DRAFT); away(); } }, t('js.form.discard'));
  put($('said'), notice('care', h('p', {}, t('js.form.draft', { at: moment(draft.at) })), h('div', { class: 'actions' }, take, drop)));
}

function clearFaults() {
  for (const fault of form.querySelectorAll('.fault')) fault.remove();
  for (const input of form.querySelectorAll('[aria-invalid]')) { input.removeAttribute('aria-invalid'); input.removeAttribute('aria-describedby'); }
}

/** Tell a fault at its field; return the field, null where the page has none of that name. */
function tellAt(name, message) {
  const places = { lon: 'geometry', lat: 'geometry', geom: 'geometry', seat: 'geometry', body: '' };
  const field = form.querySelector(`[data-field="${places[name] ?? name.split('.')[0]}"]`);
  if (!field || field.closest('[hidden]')) return null;
  const input = field.querySelector('input:not([type=checkbox]), select, textarea') ?? field.querySelector('input');
  const id = `fault-${name}`;
  field.append(h('p', { class: 'fault', id }, message));
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
  return input;
}

function tell(faults, sentence) {
  clearFaults();
  const inputs = faults.map(({ field, message }) => tellAt(field, message)).filter(Boolean);
  const loose = faults.filter(({ field }) => !form.querySelector(`#fault-${CSS.escape(field)}`)).map(({ message }) => h('p', {}, message));
  put($('said'), notice('bad', h('p', {}, inputs.length ? t('js.form.faults', { n: inputs.length }) : sentence), loose));
  (inputs[0] ?? $('said')).focus?.();
  $('said').scrollIntoView({ block: 'nearest' });
}

/** What can be seen without asking: what must be filled, and names that mean nothing yet. */
function faultsHere({ values, geometry }) {
  const faults = [...form.querySelectorAll('[required]')].filter((input) => !values[input.name]).map((input) => ({ field: input.name, message: t('js.form.must', { name: labelOf(form, input.name) }) }));
  for (const field of unfinished(form)) faults.push({ field: field.dataset.field, message: t('js.lookup.choose') });
  const needs = page.place === 'line' || page.kind === 'points';
  if (needs && !geometry) faults.push({ field: 'geometry', message: t(`js.form.need_${page.place}`) });
  return faults;
}

function write(body) {
  if (page.feature) return call('PUT', form.dataset.path, { body, etag });
  const said = JSON.stringify(body);
  if (lastSaid && lastSaid !== said) key = newKey();
  lastSaid = said;
  return call('POST', form.dataset.path, { body, key });
}

function refused(error) {
  if (error.status === 412 && error.body.current) {
    const choose = (values, geometry) => { etag = error.etag; start = entered(); fill({ values, geometry }, { ...error.body.current.properties, ...namesNow() }); put($('said')); save(); };
    return put($('said'), staleTable({ form, mine: entered(), base: start, current: error.body.current, message: error.message, names: namesNow(), choose }));
  }
  return tell(error.body?.errors ?? [], error.message);
}

async function save() {
  const now = entered();
  const faults = faultsHere(now);
  if (faults.length) return tell(faults, '');
  clearFaults();
  $('save').disabled = true;
  try {
    const { data } = await write({ type: 'Feature', geometry: now.geometry, properties: now.values });
    isSaved = true;
    localStorage.removeItem(DRAFT);
    location.assign(`/${page.kind}/${encodeURIComponent(data.properties.code)}`);
  } catch (error) {
    refused(error);
    $('save').disabled = false;
  }
  return null;
}

mountLookups(form);
const picker = makePicker();
if (page.place !== 'none' && page.feature?.geometry) picker.geometry = page.feature.geometry;
if (page.at && readPair(page.at) && page.place === 'point') picker.put(...readPair(page.at));
let start = entered();
ready = true;
offerDraft();
form.addEventListener('input', changed);
form.addEventListener('submit', (event) => { event.preventDefault(); save(); });
window.addEventListener('pagehide', keepNow);
