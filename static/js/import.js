// The conversation about one file: four steps, of which those without a doubt are one sentence each; it goes on after a reload.
import { $, h, icon, notice, put } from './dom.js';
import { RUNNING, kindName, sizeOf, stateChip } from './import-looks.js';
import { drawQuality } from './import-quality.js';
import { Rows, sentence as rowsSaid } from './import-rows.js';
import { drawActs, drawResult, drawSave, drawWork } from './import-save.js';
import { Conversation } from './import-store.js';
import { drawWhat, needsLook as whatNeeds, sentence as whatSaid } from './import-what.js';
import { Where, needsLook as whereNeeds, saysMuch as whereSays, sentence as whereSaid } from './import-where.js';
import { page } from './page.js';
import { moment, t } from './texts.js';
import { toast } from './toast.js';

const store = new Conversation(page.code);
const wish = (change) => store.wish(change);
const rows = new Rows(store);
const where = new Where($('imp-where-box'), $('imp-where-map'), { wish });
const open = new Map();

const steps = {
  what: { isThere: (truth) => Boolean(truth.layout) || truth.state === 'failed', needs: (truth) => truth.state === 'failed' || whatNeeds(truth), said: whatSaid, draw: (truth, isOff) => drawWhat($('imp-what-box'), truth, { isOff, wish }) },
  where: { isThere: (truth) => Boolean(truth.layout && whereSays(truth)), needs: whereNeeds, said: whereSaid, draw: (truth, isOff) => where.draw(truth, isOff) },
  rows: { isThere: (truth) => Boolean(truth.layout && truth.counts), needs: (truth) => truth.state === 'ready', said: rowsSaid, draw: (truth) => rows.draw(truth) },
};

function drawStep(name, truth) {
  const { isThere, needs, said, draw } = steps[name];
  const box = $(`imp-${name}`);
  const isOver = truth.state === 'dropped' || (truth.state === 'failed' && (name !== 'what' || !store.can('change')));
  box.hidden = !isThere(truth) || isOver;
  if (box.hidden) return;
  const isNeeded = ['ready', 'failed'].includes(truth.state) && needs(truth);
  const isCared = isNeeded && (name !== 'rows' || Boolean(truth.counts?.problems));
  if (!open.has(name)) open.set(name, isNeeded);
  box.classList.toggle('is-cared', isCared);
  put($(`imp-${name}-said`), isCared ? icon('alert') : icon('check'), said(truth));
  const button = box.querySelector('.imp-step-head button');
  button.setAttribute('aria-expanded', String(open.get(name)));
  $(`imp-${name}-body`).hidden = !open.get(name);
  box.setAttribute('aria-busy', String(RUNNING.has(truth.state)));
  draw(truth, !store.can('change') && truth.state !== 'reading');
}

function fold(name) {
  open.set(name, !open.get(name));
  drawStep(name, store.truth);
}

function drawHead(truth) {
  $('imp-name').textContent = truth.file?.name ?? truth.import;
  document.title = document.title.replace(/^.*?( · |$)/, `${truth.file?.name ?? truth.import}$1`);
  put($('imp-facts'), stateChip(truth), ' ', [kindName(truth.kind), sizeOf(truth.file?.bytes), truth.file?.format, truth.made_by_name ?? truth.made_by, moment(truth.made_at)].filter(Boolean).join(' · '));
}

function draw() {
  const { truth } = store;
  if (!truth) return;
  drawHead(truth);
  drawActs(truth, store);
  drawWork($('imp-work'), truth, store);
  drawResult($('imp-result'), truth, store);
  for (const name of Object.keys(steps)) drawStep(name, truth);
  drawQuality($('imp-quality'), $('imp-quality-body'), truth);
  drawSave($('imp-save'), truth, store);
  document.body.dataset.import = store.isWaiting ? 'busy' : truth.state;
  document.body.dataset.version = truth.version;
}

/** What was read once and then saved or undone folds its steps: the result is what matters. */
function changed({ detail: { before } }) {
  const { truth } = store;
  const isNews = before && before.state !== truth.state;
  if (isNews && ['saved', 'undone', 'saving'].includes(truth.state)) for (const name of open.keys()) open.set(name, false);
  if (isNews && ['ready', 'failed'].includes(truth.state)) for (const name of Object.keys(steps)) if (steps[name].needs(truth)) open.set(name, true);
  draw();
  if (isNews && ['saved', 'undone', 'failed'].includes(truth.state)) $('imp-result').scrollIntoView({ block: 'nearest' });
  if (isNews && truth.state === 'saving') $('imp-work').scrollIntoView({ block: 'nearest' });
}

function refused({ detail: { problem, again } }) {
  const isStale = problem.status === 412 || problem.status === 409 || problem.status === 428;
  const mayHelp = isStale || problem.status === 0 || problem.status >= 500;
  const button = again && mayHelp ? h('button', { type: 'button', class: 'button button-small', onclick: () => { put($('said')); again(); } }, t('js.import.do_again')) : null;
  put($('said'), notice(isStale ? 'care' : 'bad', h('p', {}, problem.message), isStale ? h('p', { class: 'quiet' }, t('js.import.newest_shown')) : null, button, h('button', { type: 'button', class: 'button button-small button-plain', onclick: () => put($('said')) }, t('js.close'))));
  $('said').scrollIntoView({ block: 'center' });
  draw();
}

store.addEventListener('change', changed);
store.addEventListener('refused', refused);
store.addEventListener('others', () => toast(t('js.import.others')));
store.addEventListener('away', ({ detail }) => put($('away'), notice('care', h('p', {}, detail.message), h('p', { class: 'quiet' }, t('js.import.asks_again')))));
store.addEventListener('back', () => put($('away')));
store.addEventListener('gone', ({ detail }) => {
  put($('said'), notice('bad', h('p', {}, detail.message), h('p', {}, h('a', { class: 'button button-small', href: '/imports' }, t('js.import.to_list')))));
  for (const name of [...Object.keys(steps), 'work', 'result', 'save']) $(`imp-${name}`).hidden = true;
});
for (const name of Object.keys(steps)) $(`imp-${name}-head`).querySelector('button').addEventListener('click', () => fold(name));
store.ask();
