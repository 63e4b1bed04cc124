// Choosing the ground: a list of what the settings offer; the choice is part of the view's address.
import { Basemap, OFFLINE } from './basemap.js';
import { $ } from './dom.js';
import { t } from './texts.js';
import { toast } from './toast.js';

const WHY = { ground_refused: 'refused' };

/** Wire the chooser and lay the first ground. */
export function wireGround({ map, state }) {
  const ground = new Basemap(map);
  const known = (id) => ground.rows.some((row) => row.id === id);
  const first = ground.rows[0]?.id ?? OFFLINE;
  const wanted = () => (known(state.get('base')) ? state.get('base') : first);
  const box = $('ground-box');
  const opener = $('ground-open');
  const choices = [...box.querySelectorAll('input[name=ground]')];
  const show = (open) => {
    box.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) (choices.find((choice) => choice.checked) ?? choices[0])?.focus();
  };
  const lay = () => {
    const id = wanted();
    for (const choice of choices) choice.checked = choice.value === id;
    if (id !== ground.id) ground.use(id);
  };

  ground.addEventListener('change', ({ detail: { id, state: how, code } }) => {
    const row = box.querySelector(`[data-ground="${id}"]`);
    if (row) row.dataset.state = how;
    const words = row?.querySelector('.ground-state');
    if (words) words.textContent = how === 'lost' ? t(`js.ground.${WHY[code] ?? 'lost'}`) : '';
    if (how === 'lost' && id !== OFFLINE) {
      toast(t('js.ground.fell_back', { name: ground.row(id).name }), { act: { label: t('js.ground.again'), run: () => ground.use(id) } });
    }
  });
  opener.addEventListener('click', () => show(box.hidden));
  $('ground-close').addEventListener('click', () => { show(false); opener.focus(); });
  box.addEventListener('change', ({ target }) => state.set({ base: target.value === first ? '' : target.value }));
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.stopPropagation(); show(false); opener.focus(); } });
  document.addEventListener('click', ({ target }) => { if (!box.hidden && !box.contains(target) && !opener.contains(target)) show(false); });
  state.hear(['base'], lay);
  lay();
}
