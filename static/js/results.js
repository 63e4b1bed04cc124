// The result of a round: carry over what was left, print with everything unfolded.
import { call, newKey } from './api.js';
import { $, notice, put } from './dom.js';

function unfold() {
  for (const each of document.querySelectorAll('main details:not([open])')) {
    each.open = true;
    each.dataset.unfolded = '';
  }
}

function fold() {
  for (const each of document.querySelectorAll('main details[data-unfolded]')) {
    each.open = false;
    delete each.dataset.unfolded;
  }
}

async function carry(form) {
  const button = form.querySelector('button');
  const { carry: code, etag } = form.dataset;
  button.disabled = true;
  put($('said'));
  try {
    const { data } = await call('POST', `/routes/${encodeURIComponent(code)}/carry`, { body: { day: form.elements.day.value }, etag, key: form.dataset.key ??= newKey() });
    location.assign(`/routes/${encodeURIComponent(data.route)}`);
  } catch (error) {
    put($('said'), notice('bad', error.message));
    if (error.status) delete form.dataset.key;
    button.disabled = false;
  }
}

window.addEventListener('beforeprint', unfold);
window.addEventListener('afterprint', fold);
document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
document.querySelector('[data-carry]')?.addEventListener('submit', (event) => {
  event.preventDefault();
  carry(event.currentTarget);
});
