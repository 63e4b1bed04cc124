// Files taken in: drop or pick them, watch them being sent and read, find earlier ones again and take them back.
import { API, call, get, newKey } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { RUNNING, keepingFocus, kindName, progressOf, sizeOf, stateChip, things } from './import-looks.js';
import { filesOf, mayHelp, send } from './import-upload.js';
import { page } from './page.js';
import { amount, moment, t } from './texts.js';
import { toast } from './toast.js';

const BEAT = 1000;
const AT_REST = 15_000;
const SHOWN = { all: () => true, waiting: (one) => ['reading', 'ready', 'failed', 'saving', 'undoing'].includes(one.state), saved: (one) => one.state === 'saved', gone: (one) => ['undone', 'dropped'].includes(one.state) };
const state = { items: [], next: null, show: 'all', isAway: false, sending: [] };
let timer = null;

const wayTo = (code) => `/imports/${encodeURIComponent(code)}`;

function counted(one) {
  const { counts, kind } = one;
  if (!counts || one.state === 'failed') return null;
  const parts = [t('js.import.count.created', { n: things(kind, counts.created) }), t('js.import.count.updated', { n: amount(counts.updated) })];
  if (counts.unchanged) parts.push(t('js.import.count.unchanged', { n: amount(counts.unchanged) }));
  const out = counts.problems ? h('span', { class: 'imp-out' }, t('js.import.count.out', { n: amount(counts.problems) })) : null;
  return h('span', { class: 'number' }, parts.join(' · '), out ? [' · ', out] : null);
}

async function act(one, method, path, said) {
  try {
    const { data, etag } = await get(`/imports/${encodeURIComponent(one.import)}`);
    if (!data.can?.includes(path === 'undo' ? 'undo' : 'drop')) { toast(t('js.import.too_late')); return load(); }
    await call(method, `/imports/${encodeURIComponent(one.import)}${path ? `/${path}` : ''}`, { key: newKey(), etag });
    toast(said);
  } catch (problem) { toast(problem.message, { tone: 'bad' }); }
  return load();
}

function buttonsOf(one) {
  const name = one.file?.name ?? one.import;
  const undo = one.can?.includes('undo') ? h('button', { type: 'button', class: 'button button-small', 'data-key': `undo:${one.import}`, onclick: () => act(one, 'POST', 'undo', t('js.import.undoing')) }, icon('undo'), t('js.import.undo'), h('span', { class: 'unseen' }, ` ${name}`)) : null;
  const drop = one.can?.includes('drop') ? h('button', { type: 'button', class: 'button button-small button-plain', 'data-key': `drop:${one.import}`, onclick: () => act(one, 'DELETE', '', t('js.import.dropped')) }, t('js.import.drop'), h('span', { class: 'unseen' }, ` ${name}`)) : null;
  return [undo, drop];
}

function row(one) {
  const who = [kindName(one.kind), sizeOf(one.file?.bytes), one.made_by_name ?? one.made_by, moment(one.made_at)].filter(Boolean).join(' · ');
  const told = one.state === 'failed' ? h('p', { class: 'imp-why' }, one.error?.message) : RUNNING.has(one.state) ? progressOf(one.progress, t(`js.import.state.${one.state}`)) : h('p', {}, counted(one));
  return h('li', { class: `imp-item is-${one.state}`, 'data-code': one.import },
    h('div', { class: 'imp-item-words' }, h('div', { class: 'imp-item-head' }, h('a', { class: 'imp-item-name', href: wayTo(one.import), 'data-key': `open:${one.import}` }, one.file?.name ?? one.import), stateChip(one)), h('p', { class: 'quiet' }, who), told),
    h('div', { class: 'imp-item-do' }, buttonsOf(one)));
}

function filters() {
  return Object.entries(SHOWN).map(([name, fits]) => h('button', { type: 'button', class: 'imp-tab', 'data-key': `show:${name}`, 'aria-pressed': String(state.show === name), onclick: () => { state.show = name; draw(); } }, t(`js.import.show.${name}`), h('b', { class: 'number' }, amount(state.items.filter(fits).length))));
}

function draw() {
  const seen = state.items.filter(SHOWN[state.show]);
  $('imp-earlier').hidden = !state.items.length;
  $('imp-none').hidden = Boolean(state.items.length);
  keepingFocus($('imp-earlier'), () => {
    put($('imp-tabs'), filters());
    put($('imp-list'), seen.map(row));
    put($('imp-more'), state.next ? h('button', { type: 'button', class: 'button', onclick: more }, t('js.import.older')) : seen.length ? null : h('p', { class: 'quiet' }, t('js.import.none_here')));
  });
  document.body.dataset.imports = String(state.items.length);
}

async function more() {
  const { data } = await get(state.next.replace(API, ''));
  state.items.push(...data.items);
  state.next = data.next;
  draw();
}

async function load() {
  clearTimeout(timer);
  try {
    const { data } = await get('/imports');
    const known = new Set(data.items.map((one) => one.import));
    state.items = [...data.items, ...state.items.filter((one) => !known.has(one.import) && data.next)];
    state.next ??= data.next;
    if (state.isAway) put($('said'));
    state.isAway = false;
    draw();
  } catch (problem) {
    if (!state.isAway) put($('said'), notice('care', h('p', {}, problem.message), h('p', { class: 'quiet' }, t('js.import.asks_again'))));
    state.isAway = true;
  }
  timer = setTimeout(load, state.items.some((one) => RUNNING.has(one.state)) || state.isAway ? BEAT : AT_REST);
}

/** One file on its way, as a line with a bar and a way to stop it. */
function sendingLine(file) {
  const stop = new AbortController();
  const bar = h('progress', { max: 1, value: 0, 'aria-label': t('js.import.sending_of', { name: file.name }) });
  const words = h('p', { class: 'quiet number', role: 'status' }, t('js.import.waits'));
  const acts = h('div', { class: 'imp-item-do' }, h('button', { type: 'button', class: 'button button-small', onclick: () => stop.abort() }, t('js.import.cancel')));
  const box = h('li', { class: 'imp-item is-sending' }, h('div', { class: 'imp-item-words' }, h('strong', { class: 'imp-item-name' }, file.name), bar, words), acts);
  const tell = (share) => { bar.value = share; words.textContent = share < 1 ? t('js.import.sent', { share: amount(share * 100), size: sizeOf(file.size) }) : t('js.import.arrived'); };
  return { box, words, bar, acts, tell, signal: stop.signal };
}

async function deliver(file, line, key) {
  line.tell(0);
  try {
    if (file.size > page.most_bytes) throw new Error(t('js.import.too_large', { size: sizeOf(file.size), most: sizeOf(page.most_bytes) }));
    if (!file.size) throw new Error(t('js.import.empty_file'));
    const made = await send(file, { tell: line.tell, signal: line.signal, key });
    line.box.remove();
    return made;
  } catch (problem) {
    if (problem.name === 'AbortError') { line.box.remove(); toast(t('js.import.cancelled', { name: file.name })); return null; }
    line.bar.remove();
    line.box.classList.add('is-failed');
    put(line.words, problem.message);
    line.words.className = 'imp-why';
    const again = mayHelp(problem) ? h('button', { type: 'button', class: 'button button-small', onclick: () => { line.box.remove(); take([file], key); } }, t('js.import.send_again')) : null;
    put(line.acts, again, h('button', { type: 'button', class: 'button button-small button-plain', onclick: () => line.box.remove() }, t('js.close')));
    return null;
  }
}

/** Send files one after the other; a single one leads straight into its conversation. */
async function take(files, again) {
  const lines = files.map((file) => ({ file, line: sendingLine(file), key: again ?? newKey() }));
  $('imp-sending').append(...lines.map(({ line }) => line.box));
  lines[0]?.line.box.scrollIntoView({ block: 'nearest' });
  for (const { file, line, key } of lines) {
    if (line.signal.aborted) { line.box.remove(); continue; }
    const made = await deliver(file, line, key);
    if (made && files.length === 1 && !$('imp-sending').childElementCount) { location.assign(wayTo(made.import)); return; }
    if (made) await load();
  }
}

function wireDrop(box) {
  const input = $('imp-file');
  let depth = 0;
  const over = (is) => box.classList.toggle('is-over', is);
  for (const target of [document.body]) {
    target.addEventListener('dragenter', (event) => { event.preventDefault(); depth += 1; over(true); });
    target.addEventListener('dragover', (event) => event.preventDefault());
    target.addEventListener('dragleave', () => { depth = Math.max(0, depth - 1); if (!depth) over(false); });
    target.addEventListener('drop', (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      const { files, folders } = filesOf(event.dataTransfer);
      if (folders) toast(t('js.import.no_folders'), { tone: 'bad' });
      if (files.length) take(files);
    });
  }
  input.addEventListener('change', () => { const files = [...input.files]; input.value = ''; if (files.length) take(files); });
  document.addEventListener('paste', (event) => { const { files } = filesOf(event.clipboardData); if (files.length) take(files); });
}


window.addEventListener('beforeunload', (event) => { if (document.querySelector('.is-sending:not(.is-failed)') && $('imp-sending').childElementCount > 0) event.preventDefault(); });
if (page.may) {
  wireDrop($('imp-drop'));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) load(); });
  load();
}
