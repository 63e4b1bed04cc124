// The runner-ups on an issue's page: one tap dispatches to another unit, and may keep that decision as a rule.
import { call, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { rulingOffer } from './ruling.js';
import { t } from './texts.js';

function ask(code, name) {
  const { issue } = page;
  const offer = rulingOffer(issue);
  const [said, keys] = [h('div', { 'aria-live': 'polite' }), [newKey(), newKey()]];
  const send = async (event) => {
    const { target } = event;
    target.disabled = true;
    try {
      offer.check();
      await call('POST', `/issues/${encodeURIComponent(issue.issue_no)}/dispatch`, { body: { unit: code }, etag: issue.etag, key: keys[0] });
      await offer.keep(code, keys[1]);
      location.reload();
    } catch (error) {
      put(said, notice('bad', error.message));
      target.disabled = false;
    }
  };
  put($('why-said'), h('div', { class: 'notice notice-care' }, h('div', {}, h('p', {}, t('js.why.sure', { name })), offer.element, said,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button button-main', onclick: send }, t('js.why.dispatch', { name })), h('button', { type: 'button', class: 'button button-plain', onclick: () => put($('why-said')) }, t('js.cancel'))))));
  $('why-said').querySelector('button').focus();
}

document.querySelectorAll('[data-dispatch-to]').forEach((button) => button.addEventListener('click', () => ask(button.dataset.dispatchTo, button.dataset.name)));
