// Which points a new round visits: by type, by need, from a draw, from the map, one by one; what is chosen is a list that can be sorted out.
import { get, query } from './api.js';
import { choiceField } from './choice.js';
import { $, debounce, h, icon, notice, put } from './dom.js';
import { page } from './page.js';
import { amount, t } from './texts.js';

const SHOWN = 150;
const AT_ONCE = 150; // codes in one address
const KEPT = 'civmap.rounds.points';
const typeName = (code) => page.types.find((one) => one.code === code)?.name ?? code;

const facts = (one) => { const row = one.properties ?? one; const [lon, lat] = one.geometry?.coordinates ?? [row.lon, row.lat]; return { code: row.code, name: row.name, type: row.type, lon, lat, isMust: true, isOpen: Boolean(row.open_issues), group: 0 }; };

/** The choice. `onChange()` after each. */
export class Points {
  constructor(onChange) {
    Object.assign(this, { all: new Map(), onChange, marked: new Set(), groups: 0, text: '', draw: null, drawn: new Set() });
    this.say = $('round-points-said');
  }

  add(features) {
    const before = this.all.size;
    for (const one of features) { const row = facts(one); if (row.code && Number.isFinite(row.lon) && !this.all.has(row.code)) this.all.set(row.code, row); }
    this.changed();
    return this.all.size - before;
  }

  remove(codes) {
    for (const code of codes) { this.all.delete(code); this.marked.delete(code); }
    this.changed();
  }

  changed() {
    this.drawTypes();
    this.drawList();
    this.onChange();
  }

  refuse(problem) { put(this.say, notice('bad', problem.message)); }

  async fetch(path) {
    put(this.say);
    try {
      const { data } = await get(path);
      return data;
    } catch (problem) { this.refuse(problem); return null; }
  }

  async byCodes(codes) {
    for (let i = 0; i < codes.length; i += AT_ONCE) {
      const data = await this.fetch(`/points.geojson${query({ code: codes.slice(i, i + AT_ONCE).join(',') })}`);
      if (data) this.add(data.features);
    }
    const lost = codes.filter((code) => !this.all.has(code));
    if (lost.length) put(this.say, notice('care', t('js.round.codes_lost', { n: amount(lost.length), codes: lost.slice(0, 8).join(t('js.comma')) })));
  }

  async byType(type, on) {
    if (!on) { this.remove([...this.all.values()].filter((one) => one.type === type).map((one) => one.code)); return; }
    const data = await this.fetch(`/points.geojson${query({ type })}`);
    if (data) this.add(data.features);
  }

  async byDraw(code) {
    const data = await this.fetch(`/draws/${encodeURIComponent(code)}`);
    if (!data) return;
    const codes = (data.points ?? []).map((one) => one.code ?? one);
    await this.byCodes(codes);
    this.draw = { code, isCovert: data.is_covert && !data.published_at };
    this.drawn = new Set(codes);
    this.changed();
  }

  async byNeed(by, limit, days) {
    const data = await this.fetch(`/points/ranked${query({ by, limit, not_seen_days: days })}`);
    if (!data) return;
    const added = this.add(data.points);
    put(this.say, h('p', { class: 'quiet', role: 'status' }, t('js.round.ranked', { n: amount(data.points.length), added: amount(added) })));
  }

  /** Take what the address or the map's selection asks for. */
  async begin() {
    const { points, draw, type, ...rest } = page.wished;
    if (points === 'kept') {
      try { await this.byCodes(JSON.parse(sessionStorage.getItem(KEPT) ?? '[]').map(String)); } catch { /* another page's words: nothing to take */ }
    } else if (points) await this.byCodes(points.split(',').map((code) => code.trim()).filter(Boolean));
    if (draw) await this.byDraw(draw);
    if (type || Object.keys(rest).length) { const data = await this.fetch(`/points.geojson${query({ type, ...rest })}`); if (data) this.add(data.features); }
    this.changed();
  }

  drawTypes() {
    const have = new Map();
    for (const one of this.all.values()) have.set(one.type, (have.get(one.type) ?? 0) + 1);
    for (const button of document.querySelectorAll('#round-types button')) {
      const count = have.get(button.dataset.type) ?? 0;
      button.setAttribute('aria-pressed', String(count > 0));
      button.querySelector('.number').textContent = count ? `${amount(count)}/${button.dataset.count}` : button.dataset.count;
    }
  }

  row(one) {
    const box = h('input', { type: 'checkbox', checked: this.marked.has(one.code), 'aria-label': t('js.round.mark', { name: one.name }), onchange: (event) => { if (event.target.checked) this.marked.add(one.code); else this.marked.delete(one.code); this.drawTools(); } });
    const must = h('button', { type: 'button', class: 'round-must', 'aria-pressed': String(one.isMust), title: t('js.round.must_hint'), 'aria-label': t(one.isMust ? 'js.round.is_must' : 'js.round.is_nice', { name: one.name }), onclick: (event) => { one.isMust = !one.isMust; this.drawList(); this.onChange(); document.querySelector(`#round-points [data-code="${CSS.escape(one.code)}"] .round-must`)?.focus(); event.preventDefault(); } }, t(one.isMust ? 'js.round.must' : 'js.round.nice'));
    return h('li', { 'data-code': one.code }, h('label', { class: 'check' }, box, h('span', {}, h('strong', {}, one.name), h('span', { class: 'quiet' }, typeName(one.type), ' · ', one.code))),
      one.group ? h('span', { class: 'chip' }, icon('link'), t('js.round.group_n', { n: one.group })) : null, must,
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('js.round.take_out', { name: one.name }), onclick: () => this.remove([one.code]) }, icon('close')));
  }

  drawList() {
    const low = this.text.toLowerCase();
    const fits = [...this.all.values()].filter((one) => !low || `${one.name} ${one.code} ${typeName(one.type)}`.toLowerCase().includes(low));
    const shown = fits.slice(0, SHOWN);
    $('round-points-card').hidden = !this.all.size;
    $('round-points-none').hidden = Boolean(this.all.size);
    $('round-points-count').textContent = amount(this.all.size);
    put($('round-points'), shown.map((one) => this.row(one)), fits.length > SHOWN ? h('li', { class: 'quiet' }, t('js.round.more_points', { n: amount(fits.length - SHOWN) })) : null, fits.length ? null : h('li', { class: 'quiet' }, t('js.lookup.nothing')));
    this.drawTools();
    const missing = [...this.drawn].filter((code) => !this.all.has(code)).length;
    put($('round-draw-said'), this.draw ? notice(missing ? 'care' : 'good', t(missing ? 'js.round.draw_cut' : 'js.round.draw_whole', { draw: this.draw.code, n: amount(missing) })) : null);
  }

  drawTools() {
    const marked = [...this.marked].filter((code) => this.all.has(code));
    const each = (run) => () => { for (const code of marked) run(this.all.get(code)); this.marked.clear(); this.drawList(); this.onChange(); };
    const tool = (words, run, isOff = !marked.length) => h('button', { type: 'button', class: 'button button-small', disabled: isOff, onclick: run }, words);
    put($('round-points-tools'), tool(t('js.round.mark_all'), () => { const all = marked.length === this.all.size; this.marked = all ? new Set() : new Set(this.all.keys()); this.drawList(); }, false),
      tool(t('js.round.make_must'), each((one) => { one.isMust = true; })), tool(t('js.round.make_nice'), each((one) => { one.isMust = false; })),
      tool(t('js.round.make_together'), () => { this.groups += 1; each((one) => { one.group = this.groups; })(); }, marked.length < 2),
      tool(t('js.round.make_apart'), each((one) => { one.group = 0; }), !marked.some((code) => this.all.get(code).group)),
      tool(t('js.round.take_out_marked'), () => this.remove(marked)), h('span', { class: 'quiet', role: 'status' }, marked.length ? t('js.round.marked', { n: amount(marked.length) }) : ''));
  }

  wire() {
    for (const button of document.querySelectorAll('#round-types button')) button.addEventListener('click', () => this.byType(button.dataset.type, button.getAttribute('aria-pressed') !== 'true'));
    const need = $('round-need');
    need.addEventListener('submit', (event) => { event.preventDefault(); const { by, limit, days } = need.elements; this.byNeed(by.value, limit.value, by.value === 'not_seen' ? days.value : undefined); });
    need.elements.by.addEventListener('change', () => { $('round-need-days').hidden = need.elements.by.value !== 'not_seen'; });
    $('round-points-find').addEventListener('input', debounce((event) => { this.text = event.target.value.trim(); this.drawList(); }, 120));
    $('round-clear').addEventListener('click', () => { this.draw = null; this.drawn.clear(); this.remove([...this.all.keys()]); });
    $('round-draw').addEventListener('change', (event) => { if (event.target.value) this.byDraw(event.target.value); });
    put($('round-find'), this.finder().element);
    this.draws();
  }

  finder() {
    const rows = new Map();
    const field = choiceField({ name: 'point', label: t('js.round.one_point'), hint: t('js.round.add_hint'), nameOf: (code) => rows.get(code)?.properties.name ?? code,
      ask: async (text) => {
        const { data } = await get(`/points.geojson${query({ q: text, limit: 12 })}`);
        for (const one of data.features) rows.set(one.properties.code, one);
        return { items: data.features.filter((one) => !this.all.has(one.properties.code)).map(({ properties: one }) => ({ code: one.code, name: one.name, detail: one.address || typeName(one.type) })), more: false };
      },
      onChange: (codes) => { field.set([]); for (const code of codes) this.add([rows.get(code)]); } });
    return field;
  }

  async draws() {
    try {
      const { data } = await get('/draws?limit=30');
      const select = $('round-draw');
      for (const one of data.draws ?? []) select.append(h('option', { value: one.draw, selected: one.draw === page.wished.draw }, [one.draw, one.name, t('js.round.stops_n', { n: one.count ?? one.points?.length ?? 0 })].filter(Boolean).join(' · ')));
      $('round-draw-field').hidden = select.options.length < 2;
    } catch { /* without draws the field stays away */ }
  }

  /** Return what the interface wants to know of the points. */
  body() {
    const all = [...this.all.values()];
    const groups = [...new Set(all.map((one) => one.group).filter(Boolean))].map((group) => all.filter((one) => one.group === group).map((one) => one.code)).filter((codes) => codes.length > 1);
    const isWhole = this.draw && [...this.drawn].every((code) => this.all.has(code));
    const extra = isWhole ? all.filter((one) => !this.drawn.has(one.code)) : all;
    const nice = all.filter((one) => !one.isMust).map((one) => one.code);
    return { ...(isWhole ? { draw: this.draw.code } : {}), ...(extra.length || !isWhole ? { points: extra.map((one) => one.code) } : {}), ...(nice.length ? { nice } : {}), ...(groups.length ? { together: groups } : {}) };
  }
}
