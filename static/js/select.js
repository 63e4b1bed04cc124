// Selecting on the map: a box or a lasso by mouse or finger, shift-click for one more; the server tells what lies inside.
/* global L */
import { get, query } from './api.js';
import { wireBar } from './selection-bar.js';
import { $, h, put, s } from './dom.js';
import { selection } from './selection.js';
import { state } from './state.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const MOST_CORNERS = 190;
const LEAST_PX = 6;
const SOON_MS = 2000;
const HOWS = ['new', 'add', 'less', 'only'];
const FEW_CORNERS = 60; // a ring that is kept in the address
let city;
let tool = 'lasso';
let how = 'new';
let tapping = false;
let meant = { selection: false, at: 0 }; // what the last click was for: tiles find what is under it a moment later
let ring = null;

const ringText = (corners) => corners.map(({ lng, lat }) => `${lng.toFixed(6)},${lat.toFixed(6)}`).join(';');

async function codesWithin(kind, ring) {
  const asked = state.narrowing(kind);
  const inside = async (within) => (await get(`/rows/${kind}${query({ ...asked, within, only: 'codes' })}`)).data;
  const found = await inside(ring);
  if (!asked.within) return found;
  const also = new Set((await inside(asked.within)).codes.map(([code]) => code));
  return { ...found, codes: found.codes.filter(([code]) => also.has(code)) };
}

/** Take pairs of each kind into the selection: instead of it, beside it, or out of it. */
function take(byKind, way) {
  if (way === 'new') selection.become(byKind);
  else for (const [kind, pairs] of Object.entries(byKind)) { if (way === 'add') selection.add(kind, pairs); else selection.remove(kind, pairs.map(([code]) => code)); }
}

const thinned = (corners, most) => (corners.length > most ? corners.filter((_, index) => index % Math.ceil(corners.length / most) === 0) : corners);

/** Show only what lies in a ring: a filter like any other. */
function keepOnly(corners) {
  state.setFilter('within', ringText(thinned(corners, FEW_CORNERS)));
  how = 'new';
}

/** Draw the ring that the map is narrowed to. */
function drawRing() {
  ring?.remove();
  ring = null;
  const corners = state.filter('within').split(';').map((corner) => corner.split(',').map(Number)).filter((corner) => corner.length === 2 && corner.every(Number.isFinite));
  if (corners.length > 2) ring = L.polygon(corners.map(([lon, lat]) => [lat, lon]), { interactive: false, fill: false, className: 'within-ring' }).addTo(city.map);
}

/** Select what of the shown layers lies in a ring of corners. */
async function selectWithin(corners, way) {
  if (way === 'only') return keepOnly(corners);
  const shown = city.layers.filter((layer) => layer.shown).map((layer) => layer.kind);
  if (!shown.length) return toast(t('js.select.no_layer'));
  try {
    const answers = await Promise.all(shown.map((kind) => codesWithin(kind, ringText(thinned(corners, MOST_CORNERS)))));
    const byKind = Object.fromEntries(shown.map((kind, index) => [kind, answers[index].codes]));
    take(byKind, way);
    if (answers.some((answer) => answer.more)) toast(t('js.select.too_many', { count: amount(20000) }), { tone: 'bad' });
    else if (way !== 'less' && !Object.values(byKind).some((pairs) => pairs.length)) toast(t('js.select.none'));
  } catch (error) {
    toast(error.message, { tone: 'bad' });
  }
  return null;
}

/** Select everything of the shown layers that the window shows. */
function selectView(way) {
  const { _southWest: low, _northEast: high } = city.map.getBounds();
  return selectWithin([low, L.latLng(low.lat, high.lng), high, L.latLng(high.lat, low.lng)], way);
}

/** Follow the pointer and give the corners of what it drew, or null where it hardly moved. */
function gesture(event, shape, onEnd) {
  const box = city.map.getContainer().getBoundingClientRect();
  const at = (each) => [each.clientX - box.left, each.clientY - box.top];
  const start = at(event);
  const trace = [start];
  const path = $('select-path');
  const corners = () => {
    const [x, y] = trace.at(-1);
    return shape === 'box' ? [start, [x, start[1]], [x, y], [start[0], y]] : trace;
  };
  const move = (each) => {
    if (each.pointerId !== event.pointerId) return;
    const spot = at(each);
    const last = trace.at(-1);
    if (Math.hypot(spot[0] - last[0], spot[1] - last[1]) >= 3) trace.push(spot);
    path.setAttribute('d', `M${corners().map((corner) => corner.map(Math.round).join(' ')).join('L')}Z`);
  };
  const end = (each) => {
    if (each.pointerId !== event.pointerId) return;
    for (const [name, act] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) window.removeEventListener(name, act);
    path.setAttribute('d', '');
    const far = Math.max(...trace.map(([x, y]) => Math.hypot(x - start[0], y - start[1])));
    onEnd(each.type === 'pointerup' && far >= LEAST_PX && trace.length > 1 ? corners().map((corner) => city.map.containerPointToLatLng(corner)) : null);
  };
  for (const [name, act] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) window.addEventListener(name, act);
}

/** A tap while the tool is out means the thing under it: it joins the selection or leaves it. */
function tap(event) {
  const veil = $('select-veil');
  const under = document.elementsFromPoint(event.clientX, event.clientY).find((element) => !veil.contains(element));
  tapping = true;
  const mode = document.body.dataset.mode;
  delete document.body.dataset.mode;
  under?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, clientX: event.clientX, clientY: event.clientY, view: window }));
  document.body.dataset.mode = mode;
  tapping = false;
}

/** Tell whether the last click was meant for the selection. */
export const isSelecting = () => meant.selection && performance.now() - meant.at <= SOON_MS;

/** Tell whether a click on a thing was meant for the selection, and if so take it in or out. */
export function isForSelection(kind, props) {
  if (!isSelecting()) return false;
  selection.toggle(kind, props.code ?? props.issue_no, props.status);
  return true;
}

function leave() {
  if ($('select-veil').hidden) return;
  $('select-veil').hidden = true;
  $('select-hint').hidden = true;
  $('select-open').setAttribute('aria-pressed', 'false');
  delete document.body.dataset.mode;
}

function segments(names, chosen, choose) {
  return h('span', { class: 'segmented', role: 'group' }, names.map((name) => h('button', { type: 'button', 'aria-pressed': String(name === chosen), 'data-choice': name, onclick: () => choose(name) }, t(`js.select.${name}`))));
}

function drawHint() {
  const button = (label, run, more = '') => h('button', { type: 'button', class: `button button-small ${more}`, onclick: run }, label);
  put($('select-hint'), segments(['lasso', 'box'], tool, (name) => { tool = name; drawHint(); }), segments(HOWS, how, (name) => { how = name; drawHint(); }),
    h('span', { class: 'quiet' }, t('js.select.hint')), button(t('js.select.view'), () => { selectView(how); leave(); }), button(t('js.cancel'), leave, 'button-plain'));
}

function enter() {
  if (document.body.dataset.mode) return;
  document.body.dataset.mode = 'select';
  how = selection.size ? how : 'new';
  $('select-veil').hidden = false;
  $('select-hint').hidden = false;
  $('select-open').setAttribute('aria-pressed', 'true');
  drawHint();
  $('select-hint').querySelector('button').focus({ preventScroll: true });
}

function wireShift() {
  const { map } = city;
  map.boxZoom.disable();
  window.addEventListener('click', (event) => { if (event.target !== $('select-veil')) meant = { selection: event.shiftKey || tapping, at: performance.now() }; }, true);
  window.addEventListener('keydown', (event) => { if (event.key !== 'Shift') meant.selection = false; }, true);
  map.getContainer().addEventListener('pointerdown', (event) => {
    if (!event.shiftKey || event.button !== 0 || document.body.dataset.mode) return;
    map.dragging.disable();
    $('select-trace').hidden = false;
    gesture(event, 'box', (corners) => {
      map.dragging.enable();
      if (corners) selectWithin(corners, 'add');
    });
  }, true);
}

/** Wire the tools of the selection, its bar, and what the map shows of it. */
export function wireSelection(shared) {
  city = shared;
  const veil = $('select-veil');
  $('select-open').addEventListener('click', () => (veil.hidden ? enter() : leave()));
  veil.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    const way = event.shiftKey ? 'add' : how;
    gesture(event, tool, (corners) => {
      if (!corners) return tap(event);
      leave();
      return selectWithin(corners, way);
    });
  });
  veil.addEventListener('wheel', (event) => city.map.setZoomAround(city.map.mouseEventToContainerPoint(event), city.map.getZoom() - Math.sign(event.deltaY) * city.map.options.zoomDelta), { passive: true });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !veil.hidden) { event.stopPropagation(); leave(); $('select-open').focus(); } }, true);
  $('select-trace').append(s('path', { id: 'select-path', d: '' }));
  wireShift();
  state.hear(['filters'], drawRing);
  drawRing();
  const mark = () => { for (const layer of city.layers) layer.select?.(new Set(selection.codes(layer.kind))); };
  selection.addEventListener('change', mark);
  for (const layer of city.layers) layer.addEventListener('change', () => { if (layer.state === 'ready' && selection.of(layer.kind).size) layer.select?.(new Set(selection.codes(layer.kind))); });
  wireBar(city);
}
