// What the city writes on its sign boards: saved with its version, faults told above.
import { call } from './api.js';
import { $, notice, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const form = $('board-custom');
let { version } = page;

async function save() {
  const { elements } = form;
  const value = Object.fromEntries(['title', 'office', 'supervision_phone'].map((name) => [name, elements.namedItem(name).value.trim()]));
  value.duties = elements.namedItem('duties').value.split('\n').map((line) => line.trim()).filter(Boolean);
  for (const name of ['mobiles_on_board', 'mobiles_online']) value[name] = elements.namedItem(name).checked;
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    ({ version } = (await call('PUT', '/boards/custom', { body: { value }, etag: `"v${version}"` })).data);
    put($('said'), notice('good', t('js.road.saved')));
  } catch (error) {
    put($('said'), notice('bad', error.message));
  } finally {
    button.disabled = false;
  }
}

form.addEventListener('submit', (event) => { event.preventDefault(); save(); });
