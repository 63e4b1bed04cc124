// Photos: made small on the device before they travel, sent with progress, kept until they have arrived.
import { API, Problem, headers } from './api.js';
import { h, icon, put } from './dom.js';
import { t } from './texts.js';

const LONGEST = 1600;
const QUALITY = 0.85;

/** Make a photo small: at most 1600 px on the longer side, JPEG, upright. Throw where it is no picture. */
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
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(t('js.photo.unreadable', { name: file.name })))), 'image/jpeg', QUALITY);
  });
}

function answer(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

/** Send one photo of an issue; `meta` is `{kind, taken_at, lon, lat}`; `onProgress(share)`. Resolve to the answer. */
export function sendPhoto(number, blob, meta, key, onProgress = () => {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(meta)) if (value !== null && value !== undefined) form.append(name, value);
  form.append('file', blob, 'photo.jpg');
  const request = new XMLHttpRequest();
  request.open('POST', `${API}/issues/${encodeURIComponent(number)}/photos`);
  for (const [name, value] of Object.entries(headers({ key }))) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
  return new Promise((resolve, reject) => {
    request.onload = () => (request.status < 300 ? resolve(answer(request)) : reject(new Problem(request.status, answer(request))));
    request.onerror = () => reject(new Problem(0));
    request.send(form);
  });
}

/** Make a field that takes photos from camera or files; `photos` is filled with `{blob, taken_at, url, key}`. */
export function photoField(photos, newKey, label = t('js.photo.take')) {
  const list = h('div', { class: 'thumbs' });
  const said = h('p', { class: 'status-overdue', role: 'alert' });
  const input = h('input', { type: 'file', accept: 'image/*', capture: 'environment', class: 'unseen', onchange: () => take(input.files) });
  const show = () => put(list, photos.map((photo, index) => h('figure', { class: 'thumb' }, h('img', { src: photo.url, alt: t('js.photo.nth', { n: index + 1 }) }),
    h('button', { type: 'button', 'aria-label': t('js.photo.remove'), onclick: () => { photos.splice(index, 1); show(); } }, '×'))));
  async function take(files) {
    said.textContent = '';
    for (const file of files) {
      try {
        const blob = await shrink(file);
        photos.push({ blob, url: URL.createObjectURL(blob), taken_at: new Date(file.lastModified || Date.now()).toISOString(), key: newKey() });
      } catch (error) {
        said.textContent = error.message;
      }
    }
    input.value = '';
    show();
  }
  show();
  return h('div', {}, list, h('label', { class: 'button button-wide photo-button' }, icon('camera'), label, input), said);
}
