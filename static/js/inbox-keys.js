// Single keys of the inbox; they rest while one writes, each is also a button, and `?` tells them.
import { h } from './dom.js';
import { t } from './texts.js';

const VERB_KEYS = {
  file: 'f', verify: 'v', reject: 'r', duplicate: 'u', dispatch: 'd', acknowledge: 'a', return: 'r', feedback: 'f', start: 't', check: 'c',
  supervise: 's', extend: 'e', suspend: 'p', appeal: 'l', resume: 'm', reopen: 'o',
};

/** Return the key of a verb. */
export const keyOf = (verb) => VERB_KEYS[verb] ?? '';

/** What single keys do, beside the verbs of the queue. */
export const KEYS = {
  j: { name: 'next', run: (inbox) => inbox.move(1) },
  k: { name: 'previous', run: (inbox) => inbox.move(-1) },
  Enter: { name: 'open', run: (inbox) => { if (inbox.at) location.assign(`/issues/${encodeURIComponent(inbox.at)}`); } },
  x: { name: 'choose_this', run: (inbox) => { if (inbox.at) inbox.choose(inbox.at); } },
  b: { name: 'bulk', run: (inbox) => inbox.bulk(inbox.queue?.verbs.find((verb) => verb !== 'feedback')) },
  g: { name: 'to_map', run: () => location.assign('/') },
  '?': { name: 'keys', run: (inbox) => tell(inbox) },
};

function tell(inbox) {
  const verbs = (inbox.queue?.verbs ?? []).map((verb) => [keyOf(verb), t(`js.bulk.verb_${verb}`)]);
  const rows = [...verbs, ...Object.entries(KEYS).map(([key, { name }]) => [key, t(`js.inbox.${name}`)]), ['1 – 9', t('js.inbox.queue_n')], ...(inbox.queue?.is_near ? [['n', t('js.inbox.near')]] : [])];
  const box = h('dialog', { class: 'keys card', 'aria-labelledby': 'keys-title' }, h('h2', { id: 'keys-title' }, t('js.keys.title')),
    h('dl', {}, rows.map(([key, words]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, words)])), h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: () => box.close() }, t('js.close'))));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** Wire the keys of the inbox. */
export function wireKeys(inbox) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (event.target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]')) return;
    if (event.key === 'Enter' && event.target.closest('a, button, summary, label')) return;
    const run = runOf(inbox, event.key);
    if (!run) return;
    event.preventDefault();
    run();
  });
}

function runOf(inbox, key) {
  if (KEYS[key]) return () => KEYS[key].run(inbox);
  if (key === 'n' && inbox.queue?.is_near) return () => inbox.toNear();
  const nth = /^[1-9]$/.test(key) ? inbox.data.queues[Number(key) - 1] : null;
  if (nth) return () => inbox.go(nth.name);
  const verb = inbox.current?.verbs.find((one) => keyOf(one) === key);
  return verb ? () => inbox.act(inbox.current, verb) : null;
}
