// Sending so that nothing is lost: what is to be sent is kept on the device first, then sent, then struck off.
import { newKey } from './api.js';
import { mine, person, sendDue, sendNow } from './outbox-send.js';
import * as store from './outbox-store.js';
import { t } from './texts.js';

/** The verbs that wait without a network; all others want to be seen through at once. */
export const KEPT_VERBS = ['report', 'feedback', 'check', 'visit'];

/** Make an entry: `verb`, `no` (null for a report), `body`, `etag` the version seen, `photos` [{blob, key, kind, taken_at, …}]. */
function entryOf({ verb, no = null, body, etag = null, photos = [], label = {}, captured_at = null }) {
  const kept = photos.map(({ blob, key, kind, taken_at, lon, lat, accuracy_m, pair_id, id, item }) => ({ blob, key, kind, taken_at, lon, lat, accuracy_m, pair_id, id, item }));
  return { id: newKey(), key: newKey(), person: person(), verb, issue_no: no, body, etag, photos: kept, label, captured_at: captured_at ?? new Date().toISOString(),
    created_at: new Date().toISOString(), state: 'waiting', tries: 0, next_at: 0, reason: null, deleted_at: null };
}

/** Ask once that the browser does not clear what waits when the device runs short. */
export async function askToPersist() {
  if (!navigator.storage?.persist || (await navigator.storage.persisted())) return;
  await navigator.storage.persist().catch(() => false);
}

async function keep(entry) {
  try {
    await store.save(entry);
  } catch (error) {
    throw new Error(t(error instanceof store.NoRoom ? 'js.outbox.full' : 'js.outbox.cannot'), { cause: error });
  }
  askToPersist();
}

/**
 * Send a report, feedback or check, or keep it until it can be sent: THE door of the forms.
 *
 * Resolve to `{kept: false, data}` when the server has it, to `{kept: true, entry}` when it waits in the outbox. Throw the
 * server's Problem where it refuses (the form is still open, so nothing stays in the outbox), or an Error without room.
 * `again` is the entry of an earlier attempt: an unchanged repeat carries its keys.
 */
export async function sendOrKeep(wanted, onProgress = () => {}, again = null) {
  const before = again && (await store.read(again.id));
  if (before?.state === 'sent') return { kept: false, data: before.answer, entry: before }; // it went out while the form lay open
  const entry = same(again, wanted) ? again : entryOf(wanted);
  if (again && entry !== again) await store.drop(again.id);
  await keep(entry);
  if (!navigator.onLine) return { kept: true, entry };
  const done = await sendNow(entry.id, onProgress);
  if (done?.state === 'sent') return { kept: false, data: done.data ?? done.answer, entry: done };
  if (done?.state === 'held' && (!done.issue_no || done.verb !== 'report')) {
    await store.drop(entry.id);
    throw done.problem;
  }
  return { kept: true, entry: done ?? entry, problem: done?.problem ?? null };
}

/** Keep something and send it by itself, now or when there is a network again: nobody waits for it, and it stays until it is through. */
export async function queue(wanted) {
  const entry = entryOf(wanted);
  await keep(entry);
  work({ now: true });
  return entry;
}

const said = ({ verb, no, issue_no, body, etag, photos = [] }) => JSON.stringify([verb, no ?? issue_no ?? null, body, etag ?? null, photos.map(({ key }) => key)]);
const same = (entry, wanted) => Boolean(entry) && entry.state !== 'sent' && said({ ...entry, issue_no: entry.verb === 'report' ? null : entry.issue_no }) === said(wanted);

let timer;

/** Send what is due now, and come again when the next is. */
export async function work(options) {
  clearTimeout(timer);
  if (!person() || !window.indexedDB) return;
  const next = navigator.onLine ? await sendDue(options) : null;
  if (next !== null) timer = setTimeout(work, Math.max(1000, next - Date.now()));
}

/** How many wait, and how many of them need somebody's word. */
export async function counts() {
  const rows = (await mine()).filter((entry) => entry.state !== 'sent' && !entry.deleted_at);
  return { waiting: rows.length, held: rows.filter((entry) => entry.state === 'held' || entry.reason?.status === 401).length };
}
