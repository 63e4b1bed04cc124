// One verb for many issues: what is possible and why not for some, then one request after the other, each sent once.
import { call, get, newKey } from './api.js';
import { h, notice, put } from './dom.js';
import { stateName } from './page.js';
import { selection } from './selection.js';
import { amount, t } from './texts.js';
import { formOf } from './verbs.js';

const AT_ONCE = 100;
const NOT_FOR_MANY = ['feedback', 'extend', 'suspend', 'appeal'];
const CARE = ['reject', 'return', 'duplicate'];

async function possible(numbers) {
  const found = { verbs: [], items: [] };
  for (let from = 0; from < numbers.length; from += AT_ONCE) {
    const { data } = await get(`/issues.possible?code=${numbers.slice(from, from + AT_ONCE).map(encodeURIComponent).join()}`);
    found.verbs = data.verbs;
    found.items.push(...data.items);
  }
  return found;
}

/** Group what a verb is refused for by the reason: `[[sentence, items]…]`, the most frequent first. */
function refusals(items, verb) {
  const groups = new Map();
  for (const item of items) if (item.verbs[verb]) groups.set(item.verbs[verb], [...(groups.get(item.verbs[verb]) ?? []), item]);
  return [...groups].sort((a, b) => b[1].length - a[1].length);
}

const numberLink = (number) => h('a', { href: `/issues/${encodeURIComponent(number)}`, target: '_blank', class: 'number' }, number);

class Bulk {
  constructor(city, numbers) {
    Object.assign(this, { city, numbers, selection: city.selection ?? selection, keys: new Map(), isRunning: false, isStopped: false, said: '' });
    this.body = h('div', { class: 'bulk-body' });
    this.foot = h('div', { class: 'actions bulk-foot' });
    const close = h('button', { type: 'button', class: 'button button-small button-plain', 'data-act': 'close', onclick: () => this.close() }, t('js.close'));
    this.box = h('dialog', { class: 'bulk card', 'aria-labelledby': 'bulk-title' }, h('header', { class: 'bulk-head' }, h('h2', { id: 'bulk-title' }, t('js.bulk.title', { count: amount(numbers.length) })), close), this.body, this.foot);
    this.box.addEventListener('cancel', (event) => { if (this.isRunning) event.preventDefault(); });
    this.box.addEventListener('close', () => this.box.remove());
  }

  async open(verb) {
    document.body.append(this.box);
    this.box.showModal();
    put(this.body, h('p', { class: 'empty' }, h('span', { class: 'spinner' })));
    try {
      this.found = await possible(this.numbers);
      if (verb && this.can(verb).length) this.fillForm(verb);
      else this.chooseVerb();
    } catch (error) {
      put(this.body, notice('bad', error.message));
    }
  }

  close() {
    if (this.isRunning) { this.isStopped = true; return; }
    this.box.close();
  }

  can(verb) { return this.found.items.filter((item) => item.verbs[verb] === null); }

  chooseVerb() {
    const verbs = this.found.verbs.filter((verb) => !NOT_FOR_MANY.includes(verb));
    const gone = this.numbers.length - this.found.items.length;
    const rows = verbs.map((verb) => [verb, this.can(verb).length]).sort((a, b) => b[1] - a[1]).map(([verb, count]) => h('li', {},
      h('button', { type: 'button', class: 'bulk-verb', 'data-verb': verb, disabled: !count, onclick: () => this.fillForm(verb) }, h('strong', {}, t(`js.bulk.verb_${verb}`)),
        h('span', { class: 'quiet' }, count ? t('js.bulk.fits', { can: amount(count), cannot: amount(this.found.items.length - count) }) : t('js.bulk.fits_none')))));
    put(this.body, gone ? notice('care', t('js.bulk.gone', { count: amount(gone) })) : null, rows.length ? h('ul', { class: 'bulk-verbs' }, rows) : h('p', { class: 'empty' }, t('js.bulk.no_verbs')));
    put(this.foot);
    this.body.querySelector('button:not(:disabled)')?.focus();
  }

  preview(verb) {
    const cannot = refusals(this.found.items, verb);
    const why = cannot.map(([reason, items]) => h('details', {}, h('summary', {}, h('b', { class: 'number' }, t('js.bulk.times', { count: amount(items.length) })), ' ', reason), h('p', { class: 'bulk-numbers' }, items.map((item) => [numberLink(item.issue_no), ' ']))));
    return [h('p', { class: 'bulk-count', 'aria-live': 'polite' }, t('js.bulk.applies', { can: amount(this.can(verb).length) }), cannot.length ? t('js.bulk.not_to', { cannot: amount(this.found.items.length - this.can(verb).length) }) : ''), cannot.length ? h('div', { class: 'bulk-why' }, why) : null];
  }

  fillForm(verb) {
    const form = formOf(verb, { many: true });
    const said = h('div', { 'aria-live': 'polite' });
    const start = () => {
      let body;
      try {
        body = form ? form.read() : {};
      } catch (error) {
        return put(said, notice('bad', error.message));
      }
      return this.run(verb, this.can(verb), body);
    };
    const head = h('h3', { tabindex: -1 }, t(`js.bulk.verb_${verb}`));
    put(this.body, head, this.preview(verb), form ? h('div', { class: 'bulk-form' }, verb === 'dispatch' ? h('p', { class: 'quiet' }, t('js.bulk.dispatch_hint')) : null, form.elements) : null, said);
    put(this.foot, h('button', { type: 'button', class: `button button-main ${CARE.includes(verb) ? 'button-warn-main' : ''}`, 'data-act': 'run', onclick: start }, t('js.bulk.run', { verb: t(`js.bulk.verb_${verb}`), count: amount(this.can(verb).length) })), h('button', { type: 'button', class: 'button button-plain', onclick: () => this.chooseVerb() }, t('js.bulk.back')));
    (this.body.querySelector('textarea') ?? head).focus();
  }

  /** One key per issue, verb and body: however often it is sent, it is done once. */
  keyOf(number, verb, body) {
    const name = `${number} ${verb} ${JSON.stringify(body)}`;
    if (!this.keys.has(name)) this.keys.set(name, newKey());
    return this.keys.get(name);
  }

  async run(verb, items, body) {
    const bar = h('progress', { max: items.length, value: 0 });
    const now = h('p', { class: 'number', role: 'status' }, t('js.bulk.progress', { done: 0, count: amount(items.length) }));
    const stop = h('button', { type: 'button', class: 'button', 'data-act': 'stop', onclick: () => { this.isStopped = true; stop.disabled = true; } }, t('js.bulk.stop'));
    Object.assign(this, { isRunning: true, isStopped: false });
    put(this.body, h('h3', {}, t(`js.bulk.verb_${verb}`)), bar, now);
    put(this.foot, stop);
    stop.focus();
    const results = [];
    for (const item of items) {
      if (this.isStopped) break;
      results.push(await this.send(item, verb, body));
      bar.value = results.length;
      now.textContent = t('js.bulk.progress', { done: amount(results.length), count: amount(items.length) });
    }
    this.isRunning = false;
    this.done(verb, body, results, items.slice(results.length));
    this.city.refresh();
  }

  async send(item, verb, body) {
    try {
      const { data } = await call('POST', `/issues/${encodeURIComponent(item.issue_no)}/${verb}`, { body, etag: item.etag, key: this.keyOf(item.issue_no, verb, body) });
      this.selection.add('issues', [[item.issue_no, data.status]]);
      return { item, state: data.state };
    } catch (error) {
      return { item, error };
    }
  }

  done(verb, body, results, left) {
    const bad = results.filter((result) => result.error);
    const lines = bad.map(({ item, error }) => h('li', {}, numberLink(item.issue_no), h('span', { class: 'status-overdue' }, error.message)));
    const good = results.length - bad.length;
    const states = [...new Set(results.filter((result) => result.state).map((result) => stateName(result.state)))].join(t('js.comma'));
    put(this.body, h('h3', {}, t(`js.bulk.verb_${verb}`)), good ? notice('good', t('js.bulk.done', { count: amount(good), states })) : null,
      bad.length ? [h('p', { role: 'alert' }, t('js.bulk.refused', { count: amount(bad.length) })), h('ul', { class: 'bulk-refused' }, lines)] : null, left.length ? notice('care', t('js.bulk.left', { count: amount(left.length) })) : null);
    const again = [...bad.map(({ item }) => item), ...left];
    const button = (name, label, act, more = '') => h('button', { type: 'button', class: `button ${more}`, 'data-act': name, onclick: act }, label);
    put(this.foot, button('finish', t('js.bulk.finish'), () => this.close(), 'button-main'), again.length ? button('retry', t('js.bulk.retry', { count: amount(again.length) }), () => this.retry(verb, body, again)) : null,
      bad.length ? button('keep', t('js.bulk.keep_refused'), () => { this.selection.become({ issues: again.map((item) => [item.issue_no, 'open']) }); this.close(); }) : null);
    this.foot.querySelector('button').focus();
  }

  /** Ask anew how those stand that were refused or left: what may be done now is sent with the version of now. */
  async retry(verb, body, items) {
    try {
      const found = await possible(items.map((item) => item.issue_no));
      const fit = found.items.filter((item) => item.verbs[verb] === null);
      const unfit = found.items.filter((item) => item.verbs[verb] !== null);
      if (fit.length) return await this.run(verb, fit, body);
      return put(this.body, notice('bad', t('js.bulk.none_fits')), h('ul', { class: 'bulk-refused' }, unfit.map((item) => h('li', {}, numberLink(item.issue_no), h('span', {}, item.verbs[verb])))));
    } catch (error) {
      return put(this.body, notice('bad', error.message));
    }
  }
}

/** Open the dialog for some issues, with the preview of one verb where it is named and possible. */
export function openBulk(city, numbers, verb) {
  return new Bulk(city, numbers).open(verb);
}
