// Sending what waits, each thing once: one tab at a time, photos after the report has its number, words after its photos.
import { call, get } from './api.js';
import { sendPhoto } from './photo-send.js';
import * as store from './outbox-store.js';

const FIRST_MS = 5000;
const LONGEST_MS = 600_000;
const JSON_MS = 30_000;
const RECEIPTS = 20;
const BUSY = [0, 408, 425, 429];
const OFF_ROUND = ['point_not_on_round', 'round_finished', 'round_not_open'];

/** Who sits at this page; what waits belongs to a person and is sent by no other. */
export const person = () => document.querySelector('meta[name="person"]')?.content ?? '';

let chain = Promise.resolve();

/** Let one tab at a time work on what waits; without Web Locks the server's keys alone keep things single. */
export function alone(work, options = {}) {
  if (navigator.locks) return navigator.locks.request('civmap-outbox', options, (lock) => (lock ? work() : null));
  chain = chain.then(work, work);
  return chain;
}

/** Ask who is signed in and take a fresh token: the page may be older than the sign-in. */
async function passOf() {
  const { data } = await get('/me', { signal: AbortSignal.timeout(JSON_MS) });
  const meta = document.querySelector('meta[name="csrf-token"]');
  if (meta && data.csrf_token) meta.content = data.csrf_token;
  return data;
}

const post = (path, options) => call('POST', path, { ...options, signal: AbortSignal.timeout(JSON_MS) });

async function sendPhotos(entry, onProgress) {
  for (const [index, photo] of entry.photos.entries()) {
    if (photo.id) continue;
    const { blob, key, item, ...meta } = photo;
    const share = (part) => onProgress({ photo: index + 1, of: entry.photos.length, share: part });
    const number = item ? entry.answer.issues.find((one) => one.item === item)?.issue_no : entry.issue_no;
    if (!number) continue; // of a fail that became no issue this person may see: there is nothing to hang it on
    const answer = await sendPhoto(number, blob, meta, key, share);
    photo.id = answer.id;
    photo.warnings = answer.warnings;
    await store.change(entry.id, { photos: entry.photos });
  }
}

/** The office may have changed the round while the phone had no network: what was seen there is kept without it. */
async function postVisit(entry) {
  try {
    return await post('/visits', { body: entry.body, key: entry.key });
  } catch (error) {
    if (!OFF_ROUND.includes(error.code) || !entry.body.route || !entry.label.alone) throw error;
    const { route, team, ...body } = entry.body;
    return post('/visits', { body, key: `${entry.key}-alone` });
  }
}

/** A visit, then the photos of its fails, each to the issue that its item became. */
async function deliverVisit(entry, onProgress) {
  if (!entry.answer) {
    const { data } = await postVisit(entry);
    entry.answer = shortened(data);
    await store.change(entry.id, { answer: entry.answer });
  }
  await sendPhotos(entry, onProgress);
  return entry.answer;
}

async function deliver(entry, onProgress) {
  if (entry.verb === 'visit') return deliverVisit(entry, onProgress);
  if (entry.verb !== 'report') {
    await sendPhotos(entry, onProgress);
    const ids = entry.photos.map((photo) => photo.id);
    const body = ids.length ? { ...entry.body, photos: ids } : entry.body;
    const { data } = await post(`/issues/${encodeURIComponent(entry.issue_no)}/${entry.verb}`, { body, key: entry.key, etag: entry.etag });
    return data;
  }
  if (!entry.issue_no) {
    const { data } = await post('/issues', { body: entry.body, key: entry.key });
    Object.assign(entry, { issue_no: data.issue_no, answer: shortened(data) });
    await store.change(entry.id, { issue_no: entry.issue_no, answer: entry.answer });
  }
  await sendPhotos(entry, onProgress);
  return entry.answer;
}

const shortened = (data) => (data.visit ? { visit: data.visit, score_rate: data.score_rate, warnings: data.warnings, issues: data.issues.map(({ item, issue_no: number }) => ({ item, issue_no: number })) } : { issue_no: data.issue_no, state: data.state, unit: data.assignment?.unit?.name ?? null,
  warnings: data.warnings ?? [], possible_duplicates: data.possible_duplicates ?? [] });

/** What a refusal means for an entry: wait and try again, or hold it until somebody decides. */
export function judged(entry, error) {
  const { status = 0, code = '', body = {} } = error;
  const field = body.errors?.[0]?.field ?? '';
  const reason = { status, code, message: error.message, field, current: body.current ?? null, etag: error.etag ?? null, at: new Date().toISOString() };
  const stale = status === 403 && code.startsWith('csrf');
  if (!BUSY.includes(status) && status < 500 && status !== 401 && !(stale && entry.tries < 3)) return { state: 'held', reason, tries: entry.tries + 1, next_at: null };
  const tries = entry.tries + 1;
  const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10)) * (0.75 + Math.random() / 2);
  return { state: 'waiting', reason, tries, next_at: Date.now() + wait };
}

/** Send one entry; resolve to it as it then is, with the `problem` met. Only called by who is alone. */
async function sendOne(id, onProgress) {
  const entry = await store.read(id);
  if (!entry || entry.deleted_at || entry.state === 'sent' || entry.state === 'held') return entry ?? null;
  try {
    const me = await passOf();
    if (me.name !== entry.person) return { ...entry, problem: null, foreign: true };
    const data = await deliver(entry, onProgress);
    const sent = await store.change(id, { state: 'sent', sent_at: new Date().toISOString(), answer: shortened(data), reason: null, next_at: null, photos: entry.photos.map(({ blob, ...rest }) => rest) });
    return { ...sent, data };
  } catch (error) {
    if (error instanceof store.NoRoom) throw error;
    return { ...(await store.change(id, judged(entry, error))), problem: error };
  }
}

/** An entry that waited for its person to sign in is due as soon as somebody asks. */
const isDue = (entry) => entry.next_at <= Date.now() || entry.reason?.status === 401;

/** Send one entry now, held or not; wait for other tabs first. */
export function sendNow(id, onProgress = () => {}) {
  return alone(async () => {
    const entry = await store.read(id);
    if (entry?.state === 'held') await store.change(id, { state: 'waiting' });
    return sendOne(id, onProgress);
  });
}

/** Send all that is due, oldest first; another tab that is at it does the work. Resolve to when to come again, or null. */
export async function sendDue({ now = false } = {}) {
  await alone(async () => {
    for (const entry of await mine()) {
      if (entry.state !== 'waiting' || entry.deleted_at || (!now && !isDue(entry))) continue;
      const done = await sendOne(entry.id, () => {});
      if (done?.foreign || [0, 401].includes(done?.problem?.status)) break;
    }
  }, { ifAvailable: !now });
  await tidy();
  const waiting = (await mine()).filter((entry) => entry.state === 'waiting' && !entry.deleted_at);
  return waiting.length ? Math.min(...waiting.map((entry) => entry.next_at ?? 0)) : null;
}

/** The entries of who sits here. */
export const mine = async () => (await store.all()).filter((entry) => entry.person === person());

/** Deleted ones go for good, and only the newest receipts stay. */
async function tidy() {
  const rows = await mine();
  const gone = rows.filter((entry) => entry.deleted_at && Date.now() - entry.deleted_at > 60_000);
  const receipts = rows.filter((entry) => entry.state === 'sent').slice(0, -RECEIPTS);
  for (const entry of [...gone, ...receipts]) await store.drop(entry.id);
}

