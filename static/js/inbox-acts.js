// Doing a verb from the inbox: what needs no words waits some seconds in which it can be taken back; the others ask in a dialog.
import { API, call, headers, newKey } from './api.js';
import { h, notice, put } from './dom.js';
import { toast } from './toast.js';
import { t } from './texts.js';
import { formOf } from './verbs.js';

const GRACE = 8000;
const WORDLESS = ['file', 'acknowledge', 'resume'];
const ON_ITS_PAGE = ['feedback', 'suspend', 'extend', 'appeal']; // photos to take, a request to read first
const waiting = new Map();
const pathOf = (number) => `/issues/${encodeURIComponent(number)}`;

/** Tell whether somebody is in the middle of something: then the rows stay as they are. */
export const isBusy = () => Boolean(waiting.size || document.querySelector('dialog[open]'));

/** Do a verb on a row, or ask for the words it needs; photos are taken on the issue's own page. */
export function carryOut(inbox, row, verb) {
  const form = ON_ITS_PAGE.includes(verb) ? null : formOf(verb, row);
  if (form) return ask(inbox, row, verb, form);
  return WORDLESS.includes(verb) ? soon(inbox, row, verb) : location.assign(`${pathOf(row.issue_no)}?do=${verb}`);
}

const said = (row, verb) => t('js.inbox.did', { verb: t(`js.bulk.verb_${verb}`), name: row.class_name, no: row.issue_no });

/** Send after a moment in which it can be taken back; leaving the page sends at once. */
function soon(inbox, row, verb) {
  const act = { row, verb, key: newKey() };
  const place = inbox.data.rows.findIndex((one) => one.issue_no === row.issue_no);
  const away = toast(said(row, verb), { act: { label: t('js.undo'), run: () => {
    if (!waiting.delete(row.issue_no)) return;
    clearTimeout(act.timer);
    inbox.data.rows.splice(Math.max(0, place), 0, row);
    inbox.drawRows();
    inbox.at = row.issue_no;
    inbox.move(0);
  } } });
  act.timer = setTimeout(async () => { away(); await send(inbox, act); }, GRACE);
  waiting.set(row.issue_no, act);
  inbox.leave(row.issue_no);
}

async function send(inbox, { row, verb, key }) {
  try {
    await call('POST', `${pathOf(row.issue_no)}/${verb}`, { body: {}, etag: row.etag, key });
  } catch (error) {
    toast(`${row.issue_no} ${error.message}`, { tone: 'bad' });
  } finally {
    waiting.delete(row.issue_no);
    inbox.refresh().catch(() => {});
  }
}

/** The page goes: whatever still waits is sent now, once, with its own key. */
export function flush() {
  for (const { row, verb, key, timer } of waiting.values()) {
    clearTimeout(timer);
    fetch(`${API}${pathOf(row.issue_no)}/${verb}`, { method: 'POST', keepalive: true, body: '{}', headers: { ...headers({ key, etag: row.etag }), 'Content-Type': 'application/json' } }).catch(() => {});
  }
  waiting.clear();
}

function ask(inbox, row, verb, form) {
  const key = newKey();
  const words = h('div', { 'aria-live': 'polite' });
  const submit = h('button', { class: 'button button-main' }, t(`js.bulk.verb_${verb}`));
  const cancel = h('button', { type: 'button', class: 'button button-plain', onclick: () => box.close() }, t('js.cancel'));
  const run = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await call('POST', `${pathOf(row.issue_no)}/${verb}`, { body: form.read(), etag: row.etag, key });
      await form.after?.(`${key}-after`);
      box.close();
      toast(said(row, verb));
      inbox.leave(row.issue_no);
      await inbox.refresh();
    } catch (error) {
      put(words, notice('bad', error.message));
      submit.disabled = false;
    }
  };
  const box = h('dialog', { class: 'bulk card wait-ask', 'aria-labelledby': 'ask-title' },
    h('header', { class: 'bulk-head' }, h('h2', { id: 'ask-title' }, t(`js.bulk.verb_${verb}`), ' ', h('span', { class: 'quiet' }, row.class_name, ' ', row.issue_no))),
    h('form', { class: 'bulk-body bulk-form', onsubmit: run }, h('p', { class: 'quiet' }, row.place, ' ', row.description), form.elements, words, h('div', { class: 'actions' }, submit, cancel)));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  (box.querySelector('input:not([type="hidden"]), textarea, select') ?? submit).focus();
}
