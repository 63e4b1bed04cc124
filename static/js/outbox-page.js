// The page of the outbox: what this phone holds with its thumbnails, why it waits, and what one can do about it.
import { newKey } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { work } from './outbox.js';
import { fromFile, toFile } from './outbox-file.js';
import { mine, person, sendNow } from './outbox-send.js';
import * as store from './outbox-store.js';
import { amount, moment, t } from './texts.js';
import { toast } from './toast.js';

const WORDS = ['description', 'measure', 'opinion', 'remark'];
const busy = new Set();
let shown = [];
let urls = [];

const wordsOf = ({ body }) => WORDS.find((name) => typeof body[name] === 'string');
const button = (label, run, kind = '') => h('button', { type: 'button', class: `button button-small ${kind}`, onclick: run }, label);

function thumbs(entry) {
  const made = entry.photos.filter(({ blob }) => blob).map((photo, index) => {
    const url = URL.createObjectURL(photo.blob);
    urls.push(url);
    return h('figure', { class: 'thumb' }, h('img', { src: url, alt: t('js.photo.nth', { n: index + 1 }) }), photo.id ? h('span', { class: 'thumb-sent' }, icon('check'), h('span', { class: 'unseen' }, t('outbox.photo_sent'))) : null);
  });
  return made.length ? h('div', { class: 'thumbs' }, made) : null;
}

function stateOf(entry) {
  if (busy.has(entry.id)) return h('span', { class: 'chip' }, h('span', { class: 'spinner' }), t('outbox.state.sending'));
  if (entry.state === 'held') return h('span', { class: 'chip chip-overdue' }, icon('alert'), t('outbox.state.held'));
  if (entry.reason?.status === 401) return h('span', { class: 'chip chip-overdue' }, icon('lock'), t('outbox.state.sign_in'));
  return h('span', { class: 'chip' }, icon('clock'), t('outbox.state.waiting'));
}

async function send(entry) {
  busy.add(entry.id);
  show();
  const done = await sendNow(entry.id).catch((error) => { put($('outbox-said'), notice('bad', error.message)); });
  busy.delete(entry.id);
  if (done?.state === 'sent') toast(t('outbox.done', { what: titleOf(done) }));
  show();
}

async function remove(entry) {
  await store.change(entry.id, { deleted_at: Date.now() });
  toast(t('outbox.deleted', { what: titleOf(entry) }), { act: { label: t('outbox.undo'), run: () => store.change(entry.id, { deleted_at: null }) } });
}

/** Send on top of what somebody else did meanwhile: the version shown here is the one that is overwritten. */
async function sendOver(entry) {
  await store.change(entry.id, { etag: entry.reason.etag ?? `"v${entry.reason.current.version}"`, state: 'waiting', reason: null });
  send(entry);
}

/** Changed words are another thing to the server: they get a key of their own. */
async function reword(entry, name, text) {
  await store.change(entry.id, { body: { ...entry.body, [name]: text }, key: newKey() });
  send(entry);
}

const stateName = ({ state, state_name: name }) => name ?? (state ? t(`outbox.issue.${state}`) : '—');

function stale(entry) {
  const { current } = entry.reason;
  const line = (name, mine_, theirs) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, mine_), h('td', {}, theirs));
  const rows = current ? [line(t('outbox.stale.state'), stateName(entry.label), stateName(current)),
    line(t('outbox.stale.unit'), entry.label.unit_name ?? '—', current.unit_name ?? '—'),
    line(t('outbox.stale.words'), entry.body[wordsOf(entry)] ?? '—', current.measure ?? '—')] : [];
  return h('div', { class: 'outbox-stale' }, h('table', {}, h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, t('outbox.stale.mine')), h('th', { scope: 'col' }, t('outbox.stale.theirs')))), h('tbody', {}, rows)),
    h('div', { class: 'actions' }, button(t('outbox.stale.send'), () => sendOver(entry), 'button-main'), h('a', { class: 'button button-small', href: `/issues/${encodeURIComponent(entry.issue_no)}` }, t('outbox.stale.see'))));
}

function editing(entry) {
  const name = wordsOf(entry);
  if (!name || entry.issue_no && entry.verb === 'report') return null;
  const box = h('textarea', { class: 'area', maxlength: 2000, 'aria-label': t('outbox.words_of') });
  box.value = entry.body[name];
  return h('details', { class: 'outbox-edit' }, h('summary', {}, t('outbox.edit')), box, button(t('outbox.send_changed'), () => reword(entry, name, box.value.trim()), 'button-main'));
}

function reasonOf(entry) {
  const { reason } = entry;
  if (!reason) return null;
  const field = reason.field ? h('span', { class: 'quiet' }, t('outbox.field', { field: reason.field })) : null;
  const next = entry.state === 'waiting' && entry.next_at > Date.now() ? h('span', { class: 'quiet' }, t('outbox.next', { at: moment(new Date(entry.next_at).toISOString()), n: entry.tries })) : null;
  const sign = reason.status === 401 ? h('a', { href: '/login?next=/outbox' }, t('outbox.sign_in')) : null;
  return h('div', { class: `outbox-reason${entry.state === 'held' ? ' is-bad' : ''}` }, h('p', {}, reason.message), field, next, sign, entry.state === 'held' && reason.status === 412 ? stale(entry) : null, entry.state === 'held' && reason.status !== 412 ? editing(entry) : null);
}

const titleOf = (entry) => [t(`outbox.verb.${entry.verb}`), entry.label.step ? t(`outbox.step.${entry.label.step}`) : '', entry.label.class_name ?? '', entry.issue_no ?? ''].filter(Boolean).join(' · ');

/** Where a thing is to be seen that went out: a visit on its round or at its point. */
function addressOf({ verb, body, issue_no: number }) {
  if (verb !== 'visit') return `/issues/${encodeURIComponent(number)}`;
  return body.route ? `/routes/${encodeURIComponent(body.route)}/go` : `/points/${encodeURIComponent(body.point)}`;
}

function card(entry) {
  const name = wordsOf(entry);
  const link = entry.issue_no ? h('a', { href: `/issues/${encodeURIComponent(entry.issue_no)}` }, entry.issue_no) : null;
  return h('li', { class: `card outbox-entry is-${entry.state}`, 'data-entry': entry.id }, h('div', { class: 'outbox-head' }, h('h2', {}, t(`outbox.verb.${entry.verb}`), entry.label.step ? ` · ${t(`outbox.step.${entry.label.step}`)}` : '', entry.label.class_name ? ` · ${entry.label.class_name}` : ''), stateOf(entry)),
    h('p', { class: 'quiet' }, t('outbox.captured', { at: moment(entry.captured_at) }), link ? [' · ', link] : null), name && entry.body[name] ? h('p', {}, entry.body[name]) : null,
    thumbs(entry), reasonOf(entry),
    h('div', { class: 'actions' }, entry.reason?.status === 412 ? null : button(t('outbox.send'), () => send(entry)), button(t('outbox.delete'), () => remove(entry), 'button-plain')));
}

function receipt(entry) {
  const link = h('a', { href: addressOf(entry) }, titleOf(entry));
  return h('li', {}, icon('check'), link, h('span', { class: 'quiet' }, moment(entry.sent_at)));
}

async function room() {
  const known = await navigator.storage?.estimate?.().catch(() => null);
  const persisted = await navigator.storage?.persisted?.().catch(() => false);
  const others = (await store.all()).filter((entry) => entry.person !== person() && entry.state !== 'sent' && !entry.deleted_at).length;
  put($('outbox-room'), known?.quota ? t('outbox.room', { used: amount(known.usage / 1e6, 1), all: amount(known.quota / 1e6) }) : '', ' ', t(persisted ? 'outbox.persisted' : 'outbox.not_persisted'),
    others ? ` ${t('outbox.others', { n: others })}` : '', window.isSecureContext ? '' : ` ${t('outbox.insecure')}`);
}

/** Draw what there is now; somebody who is writing in a field is not disturbed. */
async function show() {
  if (document.activeElement?.closest('.outbox-edit')) return;
  shown = await mine();
  urls.forEach((url) => URL.revokeObjectURL(url));
  urls = [];
  const waiting = shown.filter((entry) => entry.state !== 'sent' && !entry.deleted_at);
  const sent = shown.filter((entry) => entry.state === 'sent').reverse();
  put($('outbox-list'), waiting.length ? waiting.map(card) : h('li', { class: 'empty' }, t('outbox.empty')));
  put($('outbox-receipts'), sent.map(receipt));
  $('outbox-sent').hidden = !sent.length;
  $('outbox-send').disabled = !waiting.length;
  room();
}

async function exportFile() {
  const { blob, count } = await toFile();
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: `civmap-outbox-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, '')}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  toast(t('outbox.exported', { n: count }));
}

async function importFile(file) {
  try {
    const { taken, known, foreign } = await fromFile(file);
    put($('outbox-said'), notice(foreign ? 'care' : 'good', t('outbox.imported', { n: taken, known, foreign })));
    work();
  } catch (error) {
    put($('outbox-said'), notice('bad', error instanceof store.NoRoom ? t('js.outbox.full') : t('outbox.no_file', { name: file.name })));
  }
}

async function sendAll() {
  for (const entry of shown.filter((each) => each.state === 'waiting' && !each.deleted_at)) await send(entry);
}

$('outbox-send').addEventListener('click', sendAll);
$('outbox-export').addEventListener('click', exportFile);
$('outbox-import').addEventListener('click', () => $('outbox-import-file').click());
$('outbox-import-file').addEventListener('change', ({ target }) => { if (target.files[0]) importFile(target.files[0]); target.value = ''; });
store.hear(show);
show();
