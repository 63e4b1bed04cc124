// The plan page: carry the plan out that is shown, and tell what came of each issue.
import { call, newKey } from './api.js';
import { $, h, notice, put } from './dom.js';
import { page } from './page.js';
import { t } from './texts.js';

const key = newKey();

async function carryOut(button) {
  if (!window.confirm(t('js.plan.sure', { n: page.count }))) return;
  button.disabled = true;
  put($('told'), notice('care', t('js.plan.running')));
  try {
    const body = { carry_out: true, hash: page.hash, filters: page.filters, issues: page.issues };
    const { data } = await call('POST', '/assignment/plan', { body, key });
    const failed = data.told.filter((one) => !one.done);
    const list = failed.map((one) => h('li', {}, h('a', { href: `/issues/${encodeURIComponent(one.issue_no)}` }, one.issue_no), ` ${one.message}`));
    put($('told'), notice('good', t('js.plan.done', { n: data.told.length - failed.length })),
      failed.length ? notice('bad', t('js.plan.failed', { n: failed.length }), h('ul', {}, list)) : null);
    button.hidden = true;
  } catch (problem) {
    put($('told'), notice('bad', problem.message));
    button.disabled = false;
  }
}

$('carry-out')?.addEventListener('click', (event) => carryOut(event.currentTarget));
