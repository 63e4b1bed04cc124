// The outbox as one file in need: everything with its photos and keys, so that another device sends each thing once too.
import { mine, person } from './outbox-send.js';
import * as store from './outbox-store.js';

const FORMAT = 'civmap-outbox';

function toText(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(',')[1]);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function toBlob(text, type) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type });
}

/** Make the file of what is not sent yet. */
export async function toFile() {
  const rows = (await mine()).filter((entry) => entry.state !== 'sent' && !entry.deleted_at);
  const entries = [];
  for (const entry of rows) {
    const photos = await Promise.all(entry.photos.map(async ({ blob, ...rest }) => ({ ...rest, type: blob?.type ?? null, base64: blob ? await toText(blob) : null })));
    entries.push({ ...entry, photos });
  }
  const text = JSON.stringify({ format: FORMAT, version: 1, person: person(), exported_at: new Date().toISOString(), entries }, null, 1);
  return { blob: new Blob([text], { type: 'application/json' }), count: entries.length };
}

const isEntry = (entry) => entry && [entry.id, entry.key, entry.person, entry.verb].every((part) => typeof part === 'string') && Array.isArray(entry.photos) && typeof entry.body === 'object';

/** Take in a file of another device; resolve to how many entries came, and how many belong to somebody else. Throw where it is no such file. */
export async function fromFile(file) {
  const read = JSON.parse(await file.text());
  if (read.format !== FORMAT || !Array.isArray(read.entries) || !read.entries.every(isEntry)) throw new TypeError('no outbox');
  const told = { taken: 0, known: 0, foreign: 0 };
  for (const entry of read.entries) {
    if (entry.person !== person()) told.foreign += 1;
    else if (await store.read(entry.id)) told.known += 1;
    else {
      const photos = entry.photos.map(({ base64, type, ...rest }) => (base64 ? { ...rest, blob: toBlob(base64, type) } : rest));
      await store.save({ ...entry, photos, state: entry.state === 'held' ? 'held' : 'waiting', next_at: 0 });
      told.taken += 1;
    }
  }
  return told;
}
