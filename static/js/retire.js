// Retiring a point, segment, zone or unit: done at once, with the way back offered, instead of asking "are you sure".
import { call } from './api.js';
import { h, notice, put } from './dom.js';
import { t } from './texts.js';

const pathOf = (kind, code) => `/${kind}/${encodeURIComponent(code)}`;

/** Retire; then `said` shows the way back. `feature` is the thing as it was read, `etag` its version. */
export async function retire({ kind, feature, etag, said, button }) {
  const path = pathOf(kind, feature.properties.code);
  button.disabled = true;
  try {
    const done = await call('DELETE', path, { etag });
    const undo = h('button', { type: 'button', class: 'button button-small', onclick: () => back(path, feature, done.etag, said) }, t('js.undo'));
    put(said, notice('good', h('div', { class: 'actions' }, h('span', {}, t('js.retire.done')), undo)));
    button.hidden = true;
  } catch (error) {
    const again = error.status === 412 ? h('button', { type: 'button', class: 'button button-small', onclick: () => location.reload() }, t('js.verb.reload')) : null;
    put(said, notice('bad', error.message, ' ', again));
    button.disabled = false;
  }
}

async function back(path, feature, etag, said) {
  try {
    await call('PUT', path, { body: { type: 'Feature', geometry: feature.geometry, properties: { valid_to: null } }, etag });
    location.reload();
  } catch (error) {
    put(said, notice('bad', error.message));
  }
}
