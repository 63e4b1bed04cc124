// Names, limits and windows of the workflow: only what differs from the usual is kept, each part with its own version.
import { call } from './api.js';
import { h, notice, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const rowOf = (box) => box.closest('tr');
const mark = (box, isOwn) => rowOf(box).classList.toggle('is-own', isOwn);

function limits(form) {
  return [...form.querySelectorAll('[data-amount]')].map((box) => {
    const unit = form.querySelector(`[data-unit="${CSS.escape(box.dataset.amount)}"]`);
    return [box, box.dataset.amount, `${Number(box.value)} ${unit.value}`];
  });
}

/** What a part is now, without what is as usual. */
function read(form) {
  const value = {};
  for (const [box, key, said] of limits(form)) {
    mark(box, said !== box.dataset.usual);
    if (said !== box.dataset.usual) value[key] = said;
  }
  for (const box of form.querySelectorAll('[data-key]')) {
    const isOwn = Number(box.value) !== Number(box.dataset.usual);
    mark(box, isOwn);
    if (isOwn) value[box.dataset.key] = Number(box.value);
  }
  for (const box of form.querySelectorAll('[data-word]')) {
    const word = box.value.trim();
    if (word && word !== box.dataset.usual) value[box.dataset.word] = { ...value[box.dataset.word], [box.dataset.lang]: word };
  }
  for (const box of form.querySelectorAll('[data-word]')) mark(box, Boolean(value[box.dataset.word]));
  return value;
}

function usualAgain(form) {
  for (const box of form.querySelectorAll('[data-usual]')) {
    if (box.dataset.amount) {
      const [amount, unit] = box.dataset.usual.split(' ');
      box.value = amount;
      form.querySelector(`[data-unit="${CSS.escape(box.dataset.amount)}"]`).value = unit;
    } else box.value = box.dataset.usual;
  }
  read(form);
}

async function save(form) {
  const { part } = form.dataset;
  const said = form.querySelector('[data-said]');
  const button = form.querySelector('.button-main');
  button.disabled = true;
  try {
    const { etag } = await call('PUT', `/workflow/${part}`, { body: { value: read(form) }, etag: page.etags[part] });
    page.etags[part] = etag;
    put(said, notice('good', t('js.workflow.saved')));
  } catch (error) {
    const again = error.status === 412 ? h('button', { type: 'button', class: 'button button-small', onclick: () => location.reload() }, t('js.verb.reload')) : null;
    put(said, notice('bad', error.message, ' ', again));
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll('[data-part]')) {
  form.addEventListener('submit', (event) => { event.preventDefault(); save(form); });
  form.addEventListener('change', () => read(form));
  form.querySelector('[data-usual-again]').addEventListener('click', () => usualAgain(form));
}
