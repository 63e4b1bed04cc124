// Delimiting the frontages of streets: ask for a proposal, let every row be edited, write all of it, take it back.
import { call, newKey } from './api.js';
import { $, debounce, h, notice, put } from './dom.js';
import { FrontageMap } from './frontage-map.js';
import { drawFree, drawHomeless, drawRows } from './frontage-rows.js';
import { page } from './page.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const form = $('front-how');
const state = { changes: [], free: [], edits: {}, out: new Map(), chosen: null };
let running = null;
let typing = false;
let waits = false;
let key = newKey();

const numberOf = (name) => { const value = form.elements[name].value.trim(); return value === '' ? undefined : Number(value); };

function body() {
  const rule = form.elements.depth_rule.value;
  const checks = Object.fromEntries(['shops', 'buildings', 'fill', 'corners', 'snow'].map((name) => [name, form.elements[name].checked]));
  const metres = { most_gap_m: numberOf('most_gap_m'), every_m: numberOf('every_m'), depth_m: rule === 'fixed_m' ? numberOf('depth_m') : undefined };
  return { segments: page.segments.map((one) => one.code), depth_rule: rule, sides: form.elements.sides.value, ...checks, ...metres, edits: state.edits };
}

const kept = () => state.changes.filter((one) => !one.is_retired || one.zone);

function sum() {
  const made = state.changes.filter((one) => one.key);
  const m2 = made.reduce((total, one) => total + one.after_m2, 0);
  const metres = state.free.reduce((total, one) => total + one.length_m, 0);
  put($('front-sum'), t('js.front.sum', { count: amount(made.length), m2: amount(m2, 1), unchanged: amount(state.unchanged ?? 0), metres: amount(metres, 1) }));
  $('front-count').textContent = amount(made.length);
  $('front-free-count').textContent = t('js.front.metres', { m: amount(metres, 1) });
  $('front-save').disabled = !kept().length;
  $('front-reset').hidden = !Object.keys(state.edits).length;
  if (!document.querySelector('#front-save-said a')) put($('front-save-said'), t('js.front.ready', { count: amount(kept().length) }));
  document.body.dataset.proposal = String(made.length);
}

function draw() {
  map.draw(state);
  drawRows($('front-rows'), state, { change, choose });
  $('front-free-card').hidden = !state.free.length;
  drawFree($('front-free'), state.free, (one) => map.flyTo(one.geometry));
  $('front-out-card').hidden = !state.homeless?.length;
  drawHomeless($('front-homeless'), state.homeless ?? []);
  sum();
}

/** Draw an answer, but never under the hand of somebody who is typing: what is typed asks again when it is done. */
function answered() {
  waits = typing;
  if (waits) return;
  draw();
  document.body.dataset.asking = 'false';
}

function wireTyping(box) {
  box.addEventListener('input', (event) => { typing = event.target.type !== 'checkbox'; });
  box.addEventListener('change', (event) => { typing = false; waits = waits && event.target.value === ''; });
  box.addEventListener('focusout', () => { typing = false; if (waits) answered(); });
}

/** Ask for the proposal; a newer question ends an older one. */
async function ask() {
  running?.abort();
  running = new AbortController();
  document.body.dataset.asking = 'true';
  try {
    const { data } = await call('POST', '/frontage?preview=true', { body: body(), signal: running.signal });
    Object.assign(state, { changes: data.changes, free: data.uncovered, homeless: data.left_out, unchanged: data.unchanged });
    put($('said'));
    answered();
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    put($('said'), notice('bad', problem.message));
    $('said').scrollIntoView({ block: 'nearest' });
    document.body.dataset.asking = 'false';
  }
}

const again = debounce(ask, 250);
const neighbour = (one, step) => {
  const row = state.changes.filter((other) => other.segment === one.segment && other.side === one.side && other.key);
  return row.find((other) => (step > 0 ? Math.abs(other.from_m - one.to_m) < 0.02 : Math.abs(other.to_m - one.from_m) < 0.02));
};

function stretch(one, from, to) {
  state.edits[one.key] = { ...state.edits[one.key], from_m: from, to_m: to };
}

/** Take an edit of a row: other names, other ends (a touching neighbour follows), or in and out of the proposal. */
function change(one, said) {
  if ('from_m' in said || 'to_m' in said) {
    const from = said.from_m ?? one.from_m;
    const to = said.to_m ?? one.to_m;
    const beside = 'to_m' in said ? neighbour(one, 1) : neighbour(one, -1);
    stretch(one, from, to);
    if (beside && 'to_m' in said) stretch(beside, to, beside.to_m);
    if (beside && 'from_m' in said) stretch(beside, beside.from_m, from);
  } else {
    state.edits[one.key] = { ...state.edits[one.key], ...said };
  }
  if ('leave_out' in said) {
    if (said.leave_out) state.out.set(one.key, one);
    else state.out.delete(one.key);
  }
  key = newKey();
  again();
}

/** Show which zone is meant, on the map and in the table. */
function choose(one, { from = 'row' } = {}) {
  state.chosen = one?.key ?? null;
  map.choose(one, { fly: from === 'row' });
  document.querySelectorAll('.front-table tr').forEach((row) => row.classList.toggle('is-chosen', row.dataset.key === state.chosen));
  if (from === 'map') document.querySelector('.front-table tr.is-chosen')?.scrollIntoView({ block: 'center', behavior: 'smooth' });
}

async function takeBack(zones) {
  try {
    await call('POST', '/zones/undo', { body: { zones }, key: newKey() });
    toast(t('js.front.undone', { count: amount(zones.length) }));
    await ask();
  } catch (problem) {
    toast(problem.message, { tone: 'bad' });
  }
}

async function save() {
  $('front-save').disabled = true;
  put($('front-save-said'), t('js.front.saving'));
  const versions = Object.fromEntries(state.changes.filter((one) => one.version).map((one) => [one.zone, one.version]));
  try {
    const { data } = await call('POST', '/frontage', { body: { ...body(), versions }, key });
    put($('front-save-said'), h('a', { href: `/zones?kind=frontage&segment=${encodeURIComponent(page.segments[0].code)}` }, t('js.front.saved', { count: amount(data.zones.length) })));
    toast(t('js.front.saved', { count: amount(data.zones.length) }), { tone: 'good', act: { label: t('js.undo'), run: () => takeBack(data.zones) } });
    state.edits = {};
    state.out.clear();
    document.body.dataset.saved = String(data.zones.length);
    await ask();
  } catch (problem) {
    put($('front-save-said'));
    put($('said'), notice('bad', problem.message));
    $('said').scrollIntoView({ block: 'center' });
    $('front-save').disabled = false;
  }
  key = newKey();
}

async function saveCustoms(event) {
  event.preventDefault();
  const value = { widths: {} };
  for (const [name, written] of new FormData(event.target)) {
    if (name.startsWith('width:')) value.widths[name.slice(6)] = Number(written);
    else value[name] = name === 'depth_rule' ? written : Number(written);
  }
  try {
    const { data } = await call('PUT', '/frontage/rules', { body: { value }, etag: `"v${page.version}"` });
    page.version = data.version;
    toast(t('js.front.customs_saved'), { tone: 'good' });
    form.elements.depth_rule.value = data.value.depth_rule;
    form.elements.most_gap_m.value = data.value.most_gap_m;
    again();
  } catch (problem) {
    toast(problem.message, { tone: 'bad' });
  }
}

function showDepth() {
  form.querySelector('[data-of=fixed_m]').hidden = form.elements.depth_rule.value !== 'fixed_m';
}

const map = new FrontageMap(page.segments, { choose: (one) => choose(one, { from: 'map' }), change });
form.addEventListener('input', () => { showDepth(); state.edits = {}; state.out.clear(); key = newKey(); again(); });
form.addEventListener('submit', (event) => event.preventDefault());
$('front-save').addEventListener('click', save);
$('front-reset').addEventListener('click', () => { state.edits = {}; state.out.clear(); ask(); });
$('front-customs')?.addEventListener('submit', saveCustoms);
wireTyping($('front-rows'));
showDepth();
ask();
