// Who answers for what: the cascade edited, tried on the map, its consequences seen, saved and taken back.
import { call, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { showFrontage, showOrder, showReach } from './responsibility-fields.js';
import { showMoves } from './responsibility-moves.js';
import { showDuties, showRulings } from './responsibility-rows.js';
import { tryOn } from './responsibility-try.js';
import { t } from './texts.js';
import { toast } from './toast.js';

const { can_edit: canEdit } = page;
let [saved, etag, previous] = [valueOf(page.cascade), page.etag, page.cascade.previous];
const draft = structuredClone(saved);

function valueOf({ order, reach, frontage_classes, waits_for_person }) {
  return structuredClone({ order: order.filter((name) => name !== 'explicit' && name !== 'designated'), reach, frontage_classes: [...frontage_classes].sort(), waits_for_person });
}

const isDirty = () => JSON.stringify(draft) !== JSON.stringify(saved);
const attempt = tryOn(() => draft);

function changed() {
  draft.frontage_classes.sort();
  document.body.dataset.dirty = String(isDirty());
  put($('change'));
  attempt.again();
  if (!canEdit) return;
  $('save').disabled = !isDirty();
  $('back').hidden = !isDirty();
  $('undo').hidden = isDirty() || !previous;
  put($('save-said'), isDirty() ? t('js.cascade.unsaved') : t('js.cascade.saved'));
}

function show() {
  showOrder($('order'), draft, saved, page.cascade.rules, canEdit, changed);
  showReach($('reach'), draft, saved, canEdit, changed);
  showFrontage($('frontage'), draft, canEdit, changed);
  $('waits').checked = draft.waits_for_person;
  changed();
}

function take(value) {
  Object.assign(draft, structuredClone(value));
  show();
}

async function save(value) {
  $('save').disabled = true;
  try {
    const { data, etag: next } = await call('PUT', `/cascade?move=${$('move').checked}`, { body: value, etag });
    [saved, etag, previous] = [valueOf(data), next, data.previous];
    put($('said'));
    take(saved);
    toast(data.moved ? t('js.cascade.kept_moved', { n: data.moved }) : t('js.cascade.kept'));
  } catch (error) {
    const again = error.status === 412 ? h('button', { type: 'button', class: 'button button-small', onclick: () => location.reload() }, t('js.verb.reload')) : null;
    put($('said'), notice('bad', error.message, ' ', again));
    $('said').scrollIntoView({ block: 'center' });
    changed();
  }
}

$('waits').addEventListener('change', ({ target }) => { draft.waits_for_person = target.checked; changed(); });
$('preview').addEventListener('click', () => showMoves($('change'), $('preview'), draft));
$('save')?.addEventListener('click', () => save(draft));
$('back')?.addEventListener('click', () => take(saved));
$('undo')?.addEventListener('click', () => save(valueOf(previous.value)));
window.addEventListener('beforeunload', (event) => { if (isDirty()) event.preventDefault(); });
showDuties($('duties'), $('duty-form'), $('duty-new'), page.duties, canEdit, newKey);
showRulings($('rulings'), $('ruling-form'), $('ruling-new'), page.rulings, attempt, newKey);
show();
