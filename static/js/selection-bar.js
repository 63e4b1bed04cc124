// The bar of what is selected: how much of what, how it stands, and what can be done with it.
import { allCodes } from './drawer.js';
import { get, headers, bodyOf, Problem } from './api.js';
import { $, debounce, h, icon, put } from './dom.js';
import { page } from './page.js';
import { copy } from './permalink.js';
import { KINDS, leadingKind, selection } from './selection.js';
import { addChip, drawChips } from './chips.js';
import { STATUSES, placeSymbol } from './symbols.js';
import { amount, t } from './texts.js';
import { toast } from './toast.js';

const FORMATS = ['xlsx', 'csv', 'geojson', 'gpkg', 'shp.zip', 'kml', 'gpx'];
const LISTS = ['csv', 'gpx', 'kml', 'geojson'];
const AT_ONCE = 100;
const MOST_ON_PAPER = 200;
const MOST_IN_ADDRESS = 100;
const ROUND_SHELF = 'civmap.rounds.points';
let city;
let kind = 'points';

function clear() {
  const count = selection.size;
  selection.clear();
  toast(t('js.select.cleared', { count: amount(count) }), { act: { label: t('js.undo'), run: () => selection.undo() } });
}

async function file(format, path = `/${kind}.${format}`) {
  const codes = selection.codes(kind);
  const body = new URLSearchParams({ code: codes.join() });
  let response;
  try {
    response = await fetch(path, { method: 'POST', body, headers: { ...headers(), Accept: '*/*' } });
  } catch {
    throw new Problem(0);
  }
  if (!response.ok) throw new Problem(response.status, await bodyOf(response));
  if (response.redirected) { location.href = response.url; return null; }
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? `civmap-${kind}.${format}`;
  return { name, blob: await response.blob() };
}

async function save(format, path) {
  try {
    const made = await file(format, path);
    if (!made) return;
    const { name, blob } = made;
    const link = h('a', { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    toast(error.message, { tone: 'bad' });
  }
}

function menu(label, name, items) {
  const box = h('details', { class: 'bar-menu' }, h('summary', { class: 'button button-small' }, icon(name), label), h('div', { class: 'bar-sheet' }, items));
  box.addEventListener('click', (event) => { if (event.target.closest('.bar-sheet')) box.open = false; });
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape' && box.open) { event.stopPropagation(); box.open = false; box.querySelector('summary').focus(); } });
  box.addEventListener('focusout', (event) => { if (!box.contains(event.relatedTarget)) box.open = false; });
  return box;
}

function kindsPart() {
  const held = KINDS.filter((each) => selection.of(each).size);
  return h('div', { class: 'bar-kinds', role: 'group', 'aria-label': t('js.select.title') }, held.map((each) => h('span', { class: 'bar-kind' },
    h('button', { type: 'button', 'aria-pressed': String(each === kind), 'data-kind': each, onclick: () => { kind = each; draw(); } }, t(`js.kinds.${each}`), ' ', h('b', { class: 'number' }, amount(selection.of(each).size))),
    held.length > 1 ? h('button', { type: 'button', class: 'bar-away', 'aria-label': t('js.select.drop', { kind: t(`js.kinds.${each}`) }), onclick: () => selection.clear(each) }, '×') : null)));
}

function statusPart() {
  const tally = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const status of selection.of(kind).values()) tally[status] += 1;
  return h('span', { class: 'bar-status' }, STATUSES.filter((status) => tally[status]).map((status) => h('span', { class: `status status-${status}` }, placeSymbol(status, 0, 14), h('span', { class: 'bar-word' }, t(`js.status.${status}`)), h('b', { class: 'number' }, amount(tally[status])))));
}

async function bulk() {
  const { openBulk } = await import('./bulk.js');
  openBulk(city, selection.codes('issues'));
}

/** What can be made of selected issues on paper: the register, the list of problems, and (for the office) numbered papers. */
function papers(button, may) {
  const files = [['register', 'xlsx'], ['register', 'pdf'], ['issue_list', 'pdf'], ['issue_list', 'docx']].map(([what, format]) => button(`${what}-${format}`, t(`js.documents.${what}_${format}`), () => save(format, `/documents/${what}.${format}`), 'button-plain'));
  const numbered = may.verbs?.includes('dispatch') ? ['dispatch_sheet', 'rectification'].map((what) => button(what, t(`js.documents.${what}`), () => { location.href = `/notices/new?${new URLSearchParams({ kind: what, code: selection.codes('issues').slice(0, MOST_ON_PAPER).join() })}`; }, 'button-plain')) : [];
  return [...files, ...numbered];
}

function acts() {
  const button = (name, label, run, more = '') => h('button', { type: 'button', class: `button button-small ${more}`, 'data-act': name, onclick: run }, label);
  const may = page.may ?? {};
  return h('div', { class: 'bar-acts' },
    kind === 'issues' && may.verbs?.length ? button('bulk', t('js.select.bulk'), bulk, 'button-main') : null,
    may.round && kind === 'points' ? button('round', t('js.select.round'), planRound, 'button-main') : null,
    may.export?.includes(kind) ? menu(t('js.select.export'), 'download', FORMATS.filter((format) => format !== 'gpx' || kind !== 'zones').map((format) => button(format, t(`js.select.as_${format.replace('.', '_')}`), () => save(format), 'button-plain')).concat(kind === 'points' ? LISTS.map((format) => button(`list-${format}`, `${t('js.select.point_list')} ${t(`js.select.as_${format}`)}`, () => save(format, `/points/list.${format}`), 'button-plain')) : [])) : null,
    may.export?.includes(kind) && kind === 'issues' ? menu(t('js.documents.papers'), 'print', papers(button, may)) : null,
    may.export?.includes(kind) && kind === 'points' ? button('list-xlsx', t('js.select.point_list'), () => save('xlsx', '/points/list.xlsx')) : null,
    may.draw && kind === 'segments' ? button('frontage', t('js.select.frontage'), () => { location.href = `/frontage?segments=${selection.codes(kind).map(encodeURIComponent).join()}`; }) : null,
    may.export?.length && document.querySelector('[data-paper]') ? button('paper', t('js.select.paper'), () => document.dispatchEvent(new CustomEvent('paper', { detail: { kind, codes: selection.codes(kind) } }))) : null,
    button('copy', t('js.select.copy'), async () => toast(t(await copy(selection.codes(kind).join('\n')) ? 'js.select.copied' : 'js.select.not_copied', { count: amount(selection.of(kind).size) }))));
}

/** Points become a round: a few travel in the address, more on the shelf of this tab. */
function planRound() {
  const codes = selection.codes('points');
  const few = codes.length <= MOST_IN_ADDRESS && codes.every((code) => !code.includes(','));
  if (!few) sessionStorage.setItem(ROUND_SHELF, JSON.stringify(codes));
  location.href = `/routes/new?points=${few ? codes.map(encodeURIComponent).join() : 'kept'}`;
}

function draw() {
  if (!selection.of(kind).size) kind = leadingKind();
  const any = selection.size > 0;
  $('selection-bar').hidden = !any;
  document.body.classList.toggle('has-selection', any);
  if (any) put($('selection-bar'), kindsPart(), statusPart(), acts(), h('button', { type: 'button', class: 'icon-button bar-clear', 'data-act': 'clear', 'aria-label': t('js.select.clear'), onclick: clear }, icon('close')));
}

/** Ask again how the selected things stand, a hundred at a time. */
async function freshen() {
  for (const each of KINDS) {
    const codes = selection.codes(each);
    if (!codes.length || codes.length > 20 * AT_ONCE) continue;
    const pairs = [];
    try {
      for (let from = 0; from < codes.length; from += AT_ONCE) {
        const { data } = await get(`/rows/${each}?only=codes&code=${codes.slice(from, from + AT_ONCE).map(encodeURIComponent).join()}`);
        pairs.push(...data.codes);
      }
      const now = new Set(selection.codes(each));
      const told = pairs.filter(([code]) => now.has(code));
      if (JSON.stringify(told.map(String).sort()) !== JSON.stringify([...selection.of(each)].map(String).sort())) selection.freshen(each, told);
    } catch { return; }
  }
}

/** Wire the bar, its chip and the button that selects what the list holds. */
export function wireBar(shared) {
  city = shared;
  addChip('selection', () => (selection.size ? t('js.select.chip', { count: amount(selection.size) }) : ''), clear);
  selection.addEventListener('change', () => { draw(); drawChips(); });
  const again = debounce(freshen, 800);
  for (const layer of city.layers) layer.addEventListener('change', () => { if (layer.state === 'ready' && selection.of(layer.kind).size) again(); });
  $('list-all').addEventListener('click', async () => {
    const of = $('list-tabs').querySelector('[aria-selected=true]')?.id.replace('list-tab-', '');
    try {
      const { codes } = await allCodes(of);
      selection.add(of, codes);
    } catch (error) {
      toast(error.message, { tone: 'bad' });
    }
  });
  draw();
  drawChips();
}
