// Photos: made small on the device before they travel; when and where the shutter fell is kept beside them.
import { h, icon, put } from './dom.js';
import { withExif } from './photo-exif.js';
import { t } from './texts.js';

export { sendPhoto } from './photo-send.js';

const LONGEST = 1600;
const QUALITY = 0.85;
const FRESH_MS = 120_000;
const PLACE_MS = 6000;

/** Make a photo small: at most 1600 px on the longer side, JPEG, upright, with its EXIF. Throw where it is no picture. */
export async function shrink(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new Error(t('js.photo.unreadable', { name: file.name }), { cause });
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const shrunk = await jpegOf(canvas);
  if (!shrunk) throw new Error(t('js.photo.unreadable', { name: file.name }));
  return withExif(file, shrunk);
}

/** Return what a canvas shows as a JPEG, or null. */
export const jpegOf = (canvas) => new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });

/** Ask the device where it is now; resolve to `{lon, lat, accuracy_m}`, or to nothing where it does not say. */
export function placeNow() {
  if (!navigator.geolocation) return Promise.resolve({});
  return new Promise((resolve) => {
    const found = ({ coords }) => resolve({ lon: Number(coords.longitude.toFixed(7)), lat: Number(coords.latitude.toFixed(7)), accuracy_m: Math.round(coords.accuracy) });
    navigator.geolocation.getCurrentPosition(found, () => resolve({}), { enableHighAccuracy: true, timeout: PLACE_MS, maximumAge: 5000 });
  });
}

/** Make one photo of a blob: its place comes a little later and is waited for by `settled`. */
export function shotOf(blob, key, taken, more = {}) {
  const shot = { blob, key, url: URL.createObjectURL(blob), taken_at: taken.toISOString(), ...more };
  if (Date.now() - taken.getTime() < FRESH_MS) shot.placing = placeNow().then((place) => Object.assign(shot, place));
  return shot;
}

/** Wait until every photo knows its place, or that it has none; return them as they travel. */
export async function settled(photos, kind) {
  await Promise.all(photos.map(({ placing }) => placing));
  return photos.map(({ blob, key, taken_at, lon, lat, accuracy_m, pair_id, id }) => ({ blob, key, kind, taken_at, lon, lat, accuracy_m, pair_id, id }));
}

/**
 * Make a field that takes photos from camera or files; `photos` is filled with `{blob, taken_at, url, key, …}`.
 *
 * `beside` may give the photo that the next one is taken over: `{element, pair(), opener(add)}` (see ghost.js).
 */
export function photoField(photos, newKey, label = t('js.photo.take'), beside = null) {
  const list = h('div', { class: 'thumbs' });
  const said = h('p', { class: 'status-overdue', role: 'alert' });
  const input = h('input', { type: 'file', accept: 'image/*', capture: 'environment', class: 'unseen', onchange: () => take(input.files) });
  const show = () => put(list, photos.map((photo, index) => h('figure', { class: 'thumb' }, h('img', { src: photo.url, alt: t('js.photo.nth', { n: index + 1 }) }),
    h('button', { type: 'button', 'aria-label': t('js.photo.remove'), onclick: () => { photos.splice(index, 1); show(); } }, '×'))));
  const add = (blob, taken) => { photos.push(shotOf(blob, newKey(), taken, { pair_id: beside?.pair() ?? null })); show(); };
  async function take(files) {
    said.textContent = '';
    for (const file of files) {
      try {
        add(await shrink(file), new Date(Math.min(file.lastModified || Date.now(), Date.now())));
      } catch (error) {
        said.textContent = error.message;
      }
    }
    input.value = '';
  }
  show();
  const over = beside?.opener ? h('button', { type: 'button', class: 'button button-wide', onclick: () => beside.opener(add) }, icon('both'), t('js.ghost.open')) : null;
  return h('div', { class: 'photo-field' }, beside?.element, over, list, h('label', { class: 'button button-wide photo-button' }, icon('camera'), label, input), said);
}
