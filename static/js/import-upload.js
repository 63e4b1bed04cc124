// Sending a file: how far it is, a way to stop it, and its refusal as a sentence.
import { API, Problem, headers, newKey } from './api.js';
import { t } from './texts.js';

const BUSY = new Set([429, 503]);

function answerOf(request) {
  try { return JSON.parse(request.responseText); } catch { return {}; }
}

/** Send a file; `tell(fraction)` hears how far it is, `signal` stops it. Return the import that began; throw Problem. */
export function send(file, { tell, signal, key = newKey() }) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${API}/imports`);
    for (const [name, value] of Object.entries(headers({ key }))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => { if (lengthComputable && total) tell(loaded / total); });
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) done(answerOf(request));
      else fail(new Problem(request.status, answerOf(request)));
    });
    request.addEventListener('error', () => fail(new Problem(0)));
    request.addEventListener('abort', () => fail(new DOMException(t('js.import.stopped'), 'AbortError')));
    signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}

/** Tell whether sending again may help: the network or the server was away. */
export const mayHelp = (problem) => Number.isInteger(problem.status) && (problem.status === 0 || BUSY.has(problem.status) || problem.status >= 500);

/** Read whole names of what was dropped; folders are not files and are left out. */
export function filesOf(transfer) {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === 'file');
  const isFolder = items.map((item) => item.webkitGetAsEntry?.()?.isDirectory ?? false);
  const files = [...(transfer?.files ?? [])];
  return { files: files.filter((_, at) => !isFolder[at]), folders: isFolder.filter(Boolean).length };
}
