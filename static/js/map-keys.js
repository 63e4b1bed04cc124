// The map by keyboard: when it has the focus, Enter means what lies under the crosshair in its middle, also where several things do.
import { $, h } from './dom.js';

/** The middle of the map as far as nothing covers it, in pixels of the window. */
function middle(ground) {
  const box = ground.getBoundingClientRect();
  const panel = $('panel').hidden ? null : $('panel').getBoundingClientRect();
  const isSheet = panel && panel.width >= box.width - 20;
  const right = panel && !isSheet ? panel.left : box.right;
  const foot = isSheet ? panel.top : box.bottom;
  return [(box.left + right) / 2, (box.top + foot) / 2];
}

/** Wire the keys of the map itself; while something is drawn or selected they belong to that. */
export function wireMapKeys({ map }) {
  const ground = map.getContainer();
  const mark = h('div', { class: 'crosshair', hidden: true, 'aria-hidden': 'true' });
  document.querySelector('.stage').append(mark);
  const isFree = () => !document.body.dataset.mode;

  const follow = () => {
    mark.hidden = !(isFree() && document.activeElement === ground && ground.matches(':focus-visible'));
    if (mark.hidden) return;
    const box = ground.getBoundingClientRect();
    const [x, y] = middle(ground);
    mark.style.left = `${x - box.left}px`;
    mark.style.top = `${y - box.top}px`;
  };
  for (const name of ['focus', 'blur']) ground.addEventListener(name, follow);
  map.on('moveend resize', follow);
  document.addEventListener('panel-closed', follow);
  ground.addEventListener('keydown', (event) => {
    follow();
    if (event.key !== 'Enter' || event.target !== ground || !isFree()) return;
    event.preventDefault();
    const [clientX, clientY] = middle(ground);
    const there = document.elementsFromPoint(clientX, clientY).find((element) => ground.contains(element)) ?? ground;
    there.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, clientX, clientY, view: window }));
  });
}
