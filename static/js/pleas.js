// What a unit asks for and who decides it: extension, suspension, appeal; supervision; taking an issue up again.
import { h } from './dom.js';
import { t } from './texts.js';
import { area, day, must, pick, select } from './verb-fields.js';

const GRANTS = () => [['grant', t('js.life.grant')], ['refuse', t('js.life.refuse')]];

/** A decision on what was asked, whose words stand above it; `ends` lets the end of a suspension be moved. */
function decide(waiting, ends) {
  const decision = pick('decision', GRANTS());
  const opinion = area(t('js.life.opinion'), false);
  const until = ends ? day(t('js.life.until'), waiting.until) : null;
  const asked = h('blockquote', { class: 'asked' }, h('p', {}, waiting.reason), h('p', { class: 'quiet' }, t('js.life.asked_by', { who: waiting.asked_by })));
  return {
    elements: [asked, decision.element, until?.element, opinion.element],
    read: () => ({ decision: decision.value(), ...(opinion.value() ? { reason: opinion.value() } : {}), ...(until?.value() && decision.value() === 'grant' ? { until: until.value() } : {}) }),
  };
}

function ask(hint, more = []) {
  const reason = area(t('js.verb.reason'), true);
  const words = hint ? h('p', { class: 'quiet' }, hint) : null;
  return { elements: [words, ...more.map((field) => field.element), reason.element], read: () => must({ reason: reason.value() }, 'reason') };
}

function extend(issue) {
  const waiting = issue.waiting?.extension;
  return waiting ? decide(waiting) : ask(t('js.life.extend_hint'));
}

function suspend(issue) {
  const waiting = issue.waiting?.suspension;
  if (waiting) return decide(waiting, true);
  const until = day(t('js.life.until'));
  const form = ask(issue.is_office ? t('js.life.suspend_now') : t('js.life.suspend_hint'), [until]);
  return { elements: form.elements, read: () => must({ ...form.read(), until: until.value() }, 'until') };
}

function appeal(issue) {
  const waiting = issue.waiting?.appeal;
  return waiting ? decide(waiting) : ask(t('js.life.appeal_hint'));
}

function supervise(issue) {
  const levels = [1, 2, 3].map((level) => [String(level), t(`js.life.level_${level}`)]);
  const level = select(t('js.life.level'), levels, String(Math.min(3, (issue.supervision_level ?? 0) + 1)));
  const remark = area(t('js.life.demand'), false);
  return { elements: [level.element, remark.element], read: () => ({ level: Number(level.value()), ...(remark.value() ? { remark: remark.value() } : {}) }) };
}

export const PLEAS = { extend, suspend, appeal, supervise, reopen: () => ask(t('js.life.reopen_hint')) };
