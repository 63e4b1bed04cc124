// A whole road or a choice of its segments: chiefs named level by level, and neighbours joined.
import { call, newKey } from './api.js';
import { $, notice, put } from './dom.js';
import { t } from './texts.js';

const form = $('chiefs');
const chosen = () => [...document.querySelectorAll('.road-table input:checked')].map((box) => box.value);

function wanted() {
  const rows = [...form.querySelectorAll('.chief-row')].map((row) => ({
    level: Number(row.dataset.level),
    ...Object.fromEntries([...row.querySelectorAll('[data-part]')].map((input) => [input.dataset.part, input.value.trim()]).filter(([, value]) => value)),
  }));
  return rows.filter((row) => row.name);
}

async function send(path, body, done) {
  try {
    const { data } = await call('POST', path, { body, key: newKey() });
    put($('said'), notice('good', done(data)));
    setTimeout(() => location.reload(), 900);
  } catch (error) {
    put($('said'), notice('bad', error.message));
    $('said').scrollIntoView({ block: 'nearest' });
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const chiefs = wanted();
  if (!chiefs.length) { put($('said'), notice('bad', t('js.road.no_chief'))); return; }
  const codes = chosen();
  send('/segments/chiefs', { chiefs, ...(codes.length ? { segments: codes } : { road: form.dataset.road }) }, (data) => t('js.road.named', { n: data.changed }));
});
$('join-chosen').addEventListener('click', () => send('/segments/join', { segments: chosen() }, (data) => t('js.road.joined', { code: data.segments[0] })));
