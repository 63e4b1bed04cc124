// How this city makes its rounds, for the administrator: the office's place, speeds, minutes at a point, the day, how near a check-in is.
import { call, get } from './api.js';
import { $, h, icon, notice, put } from './dom.js';
import { clockOf, minuteOf } from './round-looks.js';
import { pickSpot } from './round-spot.js';
import { t } from './texts.js';
import { toast } from './toast.js';

const field = (words, control) => h('label', { class: 'field' }, h('span', { class: 'label' }, words), control);
const number = (name, value, least, most) => h('input', { class: 'input number', type: 'number', step: 'any', min: least, max: most, required: true, name, value, inputmode: 'decimal' });
const time = (name, minute) => h('input', { class: 'input number', type: 'time', name, value: minute === undefined ? '' : clockOf(minute) });

/** Fill the box with the form when it is opened. */
export function wireCustoms(box, map) {
  box.addEventListener('toggle', async () => {
    if (!box.open || box.dataset.filled) return;
    box.dataset.filled = 'true';
    try {
      const { data, etag } = await get('/rounds/custom');
      draw($('round-customs-form'), data.value, etag, map);
    } catch (problem) { put($('round-customs-form'), notice('bad', problem.message)); delete box.dataset.filled; }
  });
}

function draw(form, value, etag, map) {
  let office = value.office;
  const name = h('input', { class: 'input', maxlength: 100, value: office?.name ?? '' });
  const said = h('p', { class: 'quiet', role: 'status' });
  const tell = () => { said.textContent = office ? `${office.lon.toFixed(6)}, ${office.lat.toFixed(6)}` : t('js.round.no_office'); };
  const pick = async () => { const spot = await pickSpot(map, 'start'); if (spot) { office = spot; tell(); } };
  tell();
  put(form, h('div', { class: 'round-when' }, field(t('js.round.office_name'), name), h('div', {}, h('button', { type: 'button', class: 'button', onclick: pick }, icon('cross'), t('js.round.office_pick')), said),
    ['walk', 'cycle', 'drive'].map((mode) => field(t('js.round.speed', { mode: t(`js.round.mode.${mode}`) }), number(mode, value.speeds[mode], 0.5, 150))),
    field(t('js.round.usual_minutes'), number('minutes', value.visit_minutes.default, 0, 480)), field(t('js.round.check_in'), number('check_in', value.check_in_m, 5, 5000)),
    field(t('js.round.from'), time('from', value.day.from)), field(t('js.round.until'), time('until', value.day.until)), field(t('js.round.lunch_from'), time('lunch_from', value.day.lunch?.[0])), field(t('js.round.lunch_until'), time('lunch_until', value.day.lunch?.[1]))),
  h('div', { class: 'actions' }, h('button', { class: 'button' }, t('js.round.save'))));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const of = (part) => form.elements[part].value;
    const lunch = [minuteOf(of('lunch_from')), minuteOf(of('lunch_until'))];
    const body = { office: office ? { lon: office.lon, lat: office.lat, name: name.value.trim() || t('js.round.spot.office') } : null, speeds: { walk: Number(of('walk')), cycle: Number(of('cycle')), drive: Number(of('drive')) },
      visit_minutes: { ...value.visit_minutes, default: Number(of('minutes')) }, check_in_m: Number(of('check_in')), day: { from: minuteOf(of('from')), until: minuteOf(of('until')), lunch: lunch.includes(null) ? null : lunch } };
    try {
      const answer = await call('PUT', '/rounds/custom', { body, etag });
      draw(form, answer.data.value, answer.etag, map);
      toast(t('js.round.customs_saved'), { tone: 'good', act: { label: t('js.round.reload'), run: () => window.location.reload() } });
    } catch (problem) { toast(problem.message, { tone: 'bad' }); }
  };
}
