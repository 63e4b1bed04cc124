// Photos large, in the browser's own dialog: Escape closes, arrow keys turn the pages.
import { h, icon, put } from './dom.js';
import { t } from './texts.js';

/** Show what `make()` builds in a dialog over the page. */
export function openLightbox(make, turn = null) {
  const body = h('div', { class: 'lightbox-body' });
  const close = h('button', { type: 'button', class: 'icon-button lightbox-close', 'aria-label': t('js.close'), onclick: () => dialog.close() }, icon('close'));
  const dialog = h('dialog', { class: 'lightbox', 'aria-label': t('js.compare.large') }, close, body);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  if (turn) dialog.addEventListener('keydown', ({ key }) => { const step = { ArrowRight: 1, ArrowLeft: -1 }[key]; if (step) put(body, turn(step)); });
  put(body, make());
  document.body.append(dialog);
  dialog.showModal();
}

function large(link) {
  const caption = link.parentElement.querySelector('figcaption');
  return h('figure', { class: 'lightbox-photo' }, h('img', { src: link.href, alt: link.querySelector('img').alt }), caption?.cloneNode(true));
}

/** Let the links to photos on a page open large, one after the other. */
export function wireLightbox(root = document) {
  const links = [...root.querySelectorAll('a[data-lightbox]')];
  links.forEach((link, index) => link.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    let at = index;
    openLightbox(() => large(link), (step) => { at = (at + step + links.length) % links.length; return large(links[at]); });
  }));
}
