// A community tiled with grids: the wished size by a slider, the cells on the map and their sizes as a histogram, then written.
import { call, newKey } from './api.js';
import { layGround } from './basemap.js';
import { $, debounce, h, notice, put, s } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const RANGES = { size_m2: [2000, Math.max(20000, page.area_m2 / 2)], households: [50, 2000], count: [1, Math.min(999, Math.max(20, Math.round(page.area_m2 / 2000)))] };
const USUAL = { size_m2: page.usual_m2, households: 300, count: Math.max(2, Math.round(page.area_m2 / page.usual_m2)) };
const HUES = 5;
const map = window.civmap?.map;
const cells = map ? L.featureGroup().addTo(map) : null;
let running = null;
let isAsked = false;

const by = () => document.querySelector('input[name=by]:checked').value;

/** The slider is logarithmic: 0 … 100 between the ends of the range. */
function fromSlide(value) {
  const [low, high] = RANGES[by()];
  const wish = low * (high / low) ** (value / 100);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(wish)) - 1);
  return Math.round(wish / step) * step;
}

function toSlide(wish) {
  const [low, high] = RANGES[by()];
  return Math.round((100 * Math.log(Math.min(Math.max(wish, low), high) / low)) / Math.log(high / low));
}

function histogram(sizes) {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const bins = Array(Math.min(12, Math.max(1, sizes.length))).fill(0);
  for (const size of sizes) bins[Math.min(bins.length - 1, Math.floor(((size - least) / (most - least || 1)) * bins.length))] += 1;
  const top = Math.max(...bins);
  const width = 240 / bins.length;
  return h('figure', { class: 'grids-histogram' }, s('svg', { viewBox: '0 0 240 64', role: 'img', 'aria-label': t('js.grids.histogram', { least: amount(least), most: amount(most) }) },
    bins.map((n, at) => s('rect', { class: 'bar-done', x: at * width + 1, width: Math.max(1, width - 2), y: 60 - (n / top) * 56, height: (n / top) * 56 + 2 }))),
  h('figcaption', { class: 'quiet number' }, t('js.grids.histogram', { least: amount(least), most: amount(most) })));
}

function draw(changes) {
  if (!map) return;
  cells.clearLayers();
  changes.forEach((one, at) => {
    const layer = L.geoJSON(one.geometry, { style: { className: `grid-cell hue-${at % HUES}` } });
    layer.bindTooltip(document.createTextNode(String(at + 1)).data, { permanent: changes.length <= 60, direction: 'center', className: 'grid-label' });
    layer.addTo(cells);
  });
}

function table(changes) {
  put($('cells'), h('table', { class: 'fit-changes' }, h('thead', {}, h('tr', {}, h('th', {}, t('js.grids.code')), h('th', {}, t('js.grids.name')), h('th', {}, t('js.grids.households')), h('th', {}, t('js.grids.area')))),
    h('tbody', {}, changes.map((one) => h('tr', {}, h('td', { class: 'number' }, one.zone), h('td', {}, one.name), h('td', { class: 'number' }, amount(one.households)), h('td', { class: 'number' }, amount(one.after_m2)))))));
  $('cells-card').hidden = !changes.length;
}

function body() {
  return { community: page.community, [by()]: Number($('wish').value), estates: $('estates').checked, replace: page.there > 0 };
}

/** What is there is replaced only by somebody who said so. */
function allow() {
  $('save').disabled = !isAsked || ($('replace') && !$('replace').checked);
}

async function attempt() {
  running?.abort();
  running = new AbortController();
  isAsked = false;
  allow();
  document.body.dataset.grids = 'asking';
  if (!(Number($('wish').value) >= 1)) return;
  try {
    const { data } = await call('POST', '/grids?preview=true', { body: body(), signal: running.signal });
    const fresh = data.changes.filter((one) => one.is_new);
    draw(fresh);
    table(fresh);
    put($('figures'), h('p', { class: 'grids-figure' }, h('b', { class: 'number' }, amount(data.figures.cells)), ' ', t('js.grids.figure', { m2: amount(data.figures.middle_m2), homes: amount(data.figures.households / data.figures.cells) })),
      data.households_guessed ? h('p', { class: 'quiet' }, t('js.grids.guessed')) : null, histogram(fresh.map((one) => one.after_m2)));
    isAsked = true;
    allow();
    document.body.dataset.grids = String(data.figures.cells);
  } catch (error) {
    if (error.name === 'AbortError') return;
    put($('figures'), notice('care', error.message));
    draw([]);
    table([]);
    document.body.dataset.grids = 'refused';
  }
}

const soon = debounce(attempt, 350);

function chooseBy() {
  $('wish-name').textContent = t(`js.grids.wish.${by()}`);
  $('wish').value = USUAL[by()];
  $('slide').value = toSlide(USUAL[by()]);
  attempt();
}

$('slide').addEventListener('input', () => { $('wish').value = fromSlide(Number($('slide').value)); soon(); });
$('wish').addEventListener('input', () => { $('slide').value = toSlide(Number($('wish').value)); soon(); });
for (const one of document.querySelectorAll('input[name=by]')) one.addEventListener('change', chooseBy);
$('estates').addEventListener('change', attempt);
$('replace')?.addEventListener('change', allow);
$('grids').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('save').disabled = true;
  try {
    await call('POST', '/grids', { body: body(), key: newKey() });
    location.assign(`/zones/${encodeURIComponent(page.community)}`);
  } catch (error) {
    put($('figures'), notice('bad', error.message));
    allow();
  }
});

if (map) {
  layGround(map);
  const [west, south, east, north] = page.bounds;
  map.fitBounds([[south, west], [north, east]], { animate: false, padding: [16, 16] });
  L.control.zoom({ position: 'topright' }).addTo(map);
  L.geoJSON(page.border, { style: { className: 'fit-zone', interactive: false } }).addTo(map);
}
chooseBy();
