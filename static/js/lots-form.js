// A new draw: steppers, what each street may expect, and a preview that follows every change; then the draw itself.
import { call, newKey } from './api.js';
import { $, debounce, h, icon, notice, put } from './dom.js';
import { amount, t } from './texts.js';

const WAIT_MS = 250;
const FEW_NOTES = 2;
const form = $('lots');
const types = [...form.querySelectorAll('[data-type]')];
const streets = [...form.querySelectorAll('[data-street]')];
let asking = null;
let key = newKey();

const valueOf = (name) => form.elements[name]?.value.trim() ?? '';
const nameOf = (row) => row.querySelector('.lots-type-name > span').textContent;

/** What is wrong with a number is the server's to say: it travels as it was typed. */
function numberOf(text) {
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? text || 0 : value;
}

function body() {
  const quota = {};
  for (const row of types) {
    const count = numberOf(valueOf(`quota:${row.dataset.type}`));
    if (count !== 0) quota[row.dataset.type] = count;
  }
  const weights = {};
  for (const row of streets) {
    const weight = numberOf(valueOf(`weight:${row.dataset.street}`));
    if (weight !== 1) weights[row.dataset.street] = weight;
  }
  const days = numberOf(valueOf('not_seen_days'));
  return { quota, weights, mandatory: form.elements.mandatory.checked, not_seen_days: days || null, covert: form.elements.covert.checked, name: valueOf('name') };
}

/** Show what part of a draw each street may expect: its points times its weight. */
function drawShares() {
  const rows = streets.map((row) => ({ row, weight: Math.max(0, Number(valueOf(`weight:${row.dataset.street}`)) || 0) }));
  const whole = rows.reduce((sum, { row, weight }) => sum + weight * row.dataset.points, 0);
  for (const { row, weight } of rows) {
    const share = whole ? (weight * row.dataset.points) / whole : 0;
    row.querySelector('.lots-bar i').style.setProperty('--share', share.toFixed(4));
    row.querySelector('[data-share]').textContent = t('js.lots.share', { n: amount(share * 100) });
    row.classList.toggle('is-out', weight === 0);
  }
  if ($('lots-even')) $('lots-even').hidden = rows.every(({ weight }) => weight === 1);
}

function drawTypes(shown) {
  const lacking = new Map(shown.shortfall.map((one) => [one.type, one]));
  for (const row of types) {
    const pool = shown.pool[row.dataset.type];
    const got = shown.by_type[row.dataset.type] ?? 0;
    const lack = lacking.get(row.dataset.type);
    row.classList.toggle('is-drawn', got > 0);
    row.classList.toggle('is-lacking', Boolean(lack));
    const isWhole = pool && got > 0 && got === pool.declared;
    put(row.querySelector('[data-got]'), !pool ? '' : lack ? [icon('alert'), t('js.lots.lack', lack)] : isWhole ? t('js.lots.all', { n: got }) : [got ? `${t('js.lots.got', { n: got })} · ` : '', t('js.lots.left', { n: pool.available })]);
  }
}

function notesPart(notes) {
  const list = (some) => h('ul', { class: 'lots-notes' }, some.map((note) => h('li', {}, note.message)));
  if (notes.length <= FEW_NOTES) return notes.length ? list(notes) : null;
  return h('details', { class: 'more' }, h('summary', {}, t('js.lots.notes', { n: notes.length })), list(notes));
}

function drawPreview(shown) {
  drawTypes(shown);
  $('lots-count').textContent = amount(shown.count);
  put($('lots-split'), shown.mandatory ? t('js.lots.split', { mandatory: shown.mandatory, quota: shown.count - shown.mandatory }) : '');
  put($('lots-strip'), Object.entries(shown.by_type).map(([type, count]) => {
    const row = types.find((one) => one.dataset.type === type);
    const part = h('span', { title: `${row ? nameOf(row) : type} ${count}` }, h('b', { class: 'number' }, count), ` ${row ? nameOf(row) : type}`);
    part.style.setProperty('--part', count);
    return part;
  }));
  put($('lots-said'), shown.shortfall.map((one) => notice('care', t('js.lots.short', { type: one.type_name, wanted: one.wanted, got: one.got }))), notesPart(shown.notes));
  $('lots-go').disabled = shown.count === 0;
}

function drawProblem(problem) {
  $('lots-count').textContent = '—';
  put($('lots-split'));
  put($('lots-strip'));
  const isEmpty = problem.code === 'draw_quota_empty';
  put($('lots-said'), isEmpty ? h('p', { class: 'quiet' }, t('js.lots.empty')) : notice('bad', problem.message));
  drawTypes({ pool: {}, by_type: {}, shortfall: [] });
  $('lots-go').disabled = true;
}

/** Ask what would be drawn; only the newest question counts. */
async function preview() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  document.body.dataset.asking = 'true';
  try {
    const { data } = await call('POST', '/draws?preview=true', { body: body(), signal });
    drawPreview(data);
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    drawProblem(problem);
  }
  document.body.dataset.asking = 'false';
}

async function draw(event) {
  event.preventDefault();
  const button = $('lots-go');
  button.disabled = true;
  button.textContent = t('js.lots.drawing');
  const seed = form.elements.seed.value;
  try {
    const { data } = await call('POST', '/draws', { body: { ...body(), seed: seed.trim() ? seed : null }, key });
    location.href = `/draws/${encodeURIComponent(data.draw)}`;
  } catch (problem) {
    put($('lots-said'), notice('bad', problem.message));
    button.disabled = false;
    button.textContent = button.dataset.words;
  }
}

const soon = debounce(preview, WAIT_MS);

function changed() {
  key = newKey();
  drawShares();
  soon();
}

function step(button) {
  const input = button.closest('[data-stepper]').querySelector('input');
  const [low, high] = [Number(input.min), Number(input.max)];
  input.value = String(Math.min(high, Math.max(low, (Number(input.value) || 0) + Number(button.dataset.step))));
  changed();
}

$('lots-go').dataset.words = $('lots-go').textContent;
form.addEventListener('click', (event) => {
  const button = event.target.closest('[data-step]');
  if (button) step(button);
});
form.addEventListener('input', changed);
form.addEventListener('submit', draw);
$('lots-even')?.addEventListener('click', () => {
  for (const row of streets) form.elements[`weight:${row.dataset.street}`].value = '1';
  changed();
});
drawShares();
preview();
