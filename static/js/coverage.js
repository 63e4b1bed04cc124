// Coverage: what does not fit, place by place on the map, with what repairs it, tried before it is done.
import { get, query } from './api.js';
import { FindingsMap } from './coverage-map.js';
import { showGroups } from './coverage-list.js';
import { showRepair } from './coverage-repair.js';
import { $, notice, put } from './dom.js';
import { page } from './page.js';

const map = new FindingsMap(window.civmap?.map, page);
let told = page.told;
let chosen = null;

const keyOf = (group, row) => `${group}/${row.code ?? row.segment ?? `${row.a ?? row.parent ?? ''}`}/${row.b ?? row.side ?? ''}/${row.place?.join(',')}`;

function choose(group, row, { repair = false } = {}) {
  chosen = row ? keyOf(group, row) : null;
  map.choose(row ? keyOf(group, row) : null);
  for (const item of document.querySelectorAll('.fit-rows > li')) {
    const mine = item.dataset.key === chosen;
    item.classList.toggle('is-chosen', mine);
    item.querySelector('.fit-row').setAttribute('aria-pressed', String(mine));
  }
  if (repair && row) showRepair($('fit-said'), map, group, row, { done: again, close: () => choose(null, null) });
  else put($('fit-said'));
}

async function again() {
  try {
    told = (await get(`/coverage/findings${query({ kind: page.kind, road: page.road })}`)).data;
    show();
  } catch (error) {
    put($('fit-said'), notice('bad', error.message));
  }
}

function show() {
  map.show(told.groups, keyOf, (group, row) => choose(group, row, { repair: true }));
  showGroups($('fit-list'), told.groups, { keyOf, choose, hover: (key) => map.hover(key), canRepair: page.can_repair });
  choose(null, null);
  document.body.dataset.findings = String(told.groups.reduce((sum, one) => sum + one.total, 0));
}

for (const select of document.querySelectorAll('#fit-filter select')) select.addEventListener('change', () => $('fit-filter').submit());
show();
