// One photo on its way to its issue, with progress; the same key and the same bytes are one photo, however often sent.
import { API, Problem, headers } from './api.js';

const LONGEST_MS = 180_000;

function answer(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

/** Send one photo of an issue; `meta` is `{kind, taken_at, lon, lat, accuracy_m, pair_id}`. Resolve to the answer. */
export function sendPhoto(number, blob, meta, key, onProgress = () => {}) {
  const form = new FormData();
  for (const name of ['kind', 'taken_at', 'lon', 'lat', 'accuracy_m', 'pair_id']) if (meta[name] !== null && meta[name] !== undefined) form.append(name, meta[name]);
  form.append('file', blob, 'photo.jpg');
  const request = new XMLHttpRequest();
  request.open('POST', `${API}/issues/${encodeURIComponent(number)}/photos`);
  request.timeout = LONGEST_MS;
  for (const [name, value] of Object.entries(headers({ key }))) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
  return new Promise((resolve, reject) => {
    request.onload = () => (request.status < 300 ? resolve(answer(request)) : reject(new Problem(request.status, answer(request))));
    request.onerror = request.ontimeout = () => reject(new Problem(0));
    request.send(form);
  });
}
