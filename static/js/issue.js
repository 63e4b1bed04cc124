// The page of one issue: the buttons of its next steps, each sent with the version the reader has seen.
import { call, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { wireMasks } from './mask.js';
import { page } from './page.js';
import { KEPT_VERBS, sendOrKeep } from './outbox.js';
import { sendPhoto, settled } from './photo.js';
import { t } from './texts.js';
import { formOf } from './verbs.js';

const { issue } = page;
const place = $('verb-form');
const path = `/issues/${encodeURIComponent(issue.issue_no)}`;

async function upload(form, said) {
  const ids = [];
  for (const photo of form.photos ?? []) {
    if (!photo.id) {
      const bar = h('progress', { max: 1, value: 0 });
      put(said, h('p', { class: 'quiet' }, t('js.photo.sending')), bar);
      const meta = { kind: form.kind, taken_at: photo.taken_at, lon: photo.lon, lat: photo.lat };
      const answer = await sendPhoto(issue.issue_no, photo.blob, meta, photo.key, (share) => { bar.value = share; });
      photo.id = answer.id;
      await freshen();
    }
    ids.push(photo.id);
  }
  return ids;
}

/** A photo of ours may have raised the version; nobody else's change may hide in that, so the state must be the same. */
async function freshen() {
  const { data, etag } = await call('GET', path);
  if (data.state === issue.state) issue.etag = etag ?? issue.etag;
}

/** What is done in the street waits in the outbox where there is no network; whatever happens, it is sent once. */
async function sendFromStreet(verb, form, said) {
  const [body, photos] = [form.read(), await settled(form.photos ?? [], form.kind)];
  const bar = h('progress', { max: 1, value: 0 });
  if (photos.length) put(said, h('p', { class: 'quiet' }, t('js.photo.sending')), bar);
  const done = await sendOrKeep({ verb, no: issue.issue_no, body, etag: issue.etag, photos, label: { ...issue, class_name: document.querySelector('h1').textContent.trim() } }, ({ share }) => { bar.value = share; }, form.entry);
  form.entry = done.entry;
  if (!done.kept) return location.reload();
  return put(said, notice('care', t(done.problem?.status === 401 ? 'js.outbox.kept_sign_in' : 'js.outbox.kept'), ' ', h('a', { href: '/outbox' }, t('js.outbox.open'))));
}

async function send(verb, form, said, key) {
  if (KEPT_VERBS.includes(verb)) return sendFromStreet(verb, form, said);
  const body = form ? form.read() : {};
  const ids = form ? await upload(form, said) : [];
  if (ids.length) body.photos = ids;
  await call('POST', `${path}/${verb}`, { body, etag: issue.etag, key });
  await form?.after?.(`${key}-after`);
  return location.reload();
}

function refused(error, said) {
  const again = error.status === 412 || error.status === 409
    ? h('button', { type: 'button', class: 'button button-small', onclick: () => location.reload() }, t('js.verb.reload')) : null;
  put(said, notice('bad', error.message, ' ', again));
}

function open(verb, button) {
  const form = formOf(verb, issue);
  const said = h('div', { 'aria-live': 'polite' });
  const key = newKey();
  const run = async (submit) => {
    submit.disabled = true;
    try {
      await send(verb, form, said, key);
    } catch (error) {
      refused(error, said);
      submit.disabled = false;
    }
  };
  if (!form) {
    put(place, said);
    return run(button);
  }
  const submit = h('button', { class: 'button button-main' }, button.textContent);
  const cancel = h('button', { type: 'button', class: 'button button-plain', onclick: () => put(place) }, t('js.cancel'));
  put(place, h('form', { class: 'verb-form', onsubmit: (event) => { event.preventDefault(); run(submit); } }, h('h3', {}, button.textContent), form.elements, said, h('div', { class: 'actions' }, submit, cancel)));
  place.querySelector('input, textarea, select')?.focus();
  return null;
}

for (const button of document.querySelectorAll('[data-verb]')) {
  button.addEventListener('click', () => open(button.dataset.verb, button));
}

const wanted = new URLSearchParams(location.search).get('do');
if (wanted) {
  history.replaceState(history.state, '', location.pathname + location.hash);
  document.querySelector(`[data-verb="${CSS.escape(wanted)}"]`)?.click();
}
wireMasks();
