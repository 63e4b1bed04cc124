// Short messages at the foot of the page, with at most one thing to do.
import { $, h } from './dom.js';
import { t } from './texts.js';

/** Show a message; `act` is `{label, run}`. It stays until closed where `keep` is set or the tone is bad. */
export function toast(message, { tone = 'plain', act, keep = tone === 'bad' } = {}) {
  const away = () => box.remove();
  const button = act
    ? h('button', { onclick: () => { away(); act.run(); } }, act.label)
    : h('button', { onclick: away }, t('js.close'));
  const box = h('div', { class: `toast toast-${tone}` }, h('span', {}, message), button);
  $('toasts').append(box);
  if (!keep) setTimeout(away, act ? 12000 : 6000);
  return away;
}
