// What waits on this device to be sent: one IndexedDB store, each entry with its photos written whole or not at all.
const [NAME, STORE] = ['civmap-outbox', 'entries'];
let opening = null;

/** The device has no room left, or keeps nothing at all: nothing was kept. */
export class NoRoom extends Error {}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      resolve(request.result);
    };
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/** Run `work(store)` in a transaction of its own; resolve to its request's result once it is on the disk. */
async function run(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });
}

async function write(work) {
  try {
    return await run('readwrite', work);
  } catch (error) {
    throw error.name === 'QuotaExceededError' ? new NoRoom(error.message, { cause: error }) : error;
  } finally {
    tell();
  }
}

export const all = async () => (await run('readonly', (store) => store.getAll())).sort((one, two) => one.created_at.localeCompare(two.created_at));
export const read = (id) => run('readonly', (store) => store.get(id));
export const save = (entry) => write((store) => store.put(entry));
export const drop = (id) => write((store) => store.delete(id));

/** Change some values of an entry that is still there; resolve to the entry, or to null where it was deleted. */
export async function change(id, values) {
  let changed = null;
  await write((store) => {
    const request = store.get(id);
    request.onsuccess = () => {
      if (!request.result) return;
      changed = { ...request.result, ...values };
      store.put(changed);
    };
    return request;
  });
  return changed;
}

const channel = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : null;
const hearers = new Set();
const pass = () => hearers.forEach((hear) => hear());
channel?.addEventListener('message', pass);

/** Tell every open tab, and this page, that something changed. */
function tell() {
  channel?.postMessage('changed');
  pass();
}

/** Call `hear()` whenever an entry changes, in whatever tab. */
export const hear = (work) => hearers.add(work);
