// Two photos over each other: a real range input parts them, so mouse, finger and arrow keys all move the line.
import { h } from './dom.js';
import { openLightbox } from './lightbox.js';
import { moment, t } from './texts.js';

const SIZES = { width: 640, height: 480 };
const source = (photo) => `/api/v1/photos/${photo.id}`;
const sized = ({ width, height }) => ({ width: width ?? SIZES.width, height: height ?? SIZES.height });

/** Let the range of a figure move its line; a double click or Enter shows it large. */
export function wireBeforeAfter(figure) {
  const [frame, range] = [figure.querySelector('.ba-frame'), figure.querySelector('input[type=range]')];
  const [before] = figure.querySelectorAll('img');
  const show = () => {
    frame.style.setProperty('--at', `${range.value}%`);
    range.setAttribute('aria-valuetext', t('js.compare.at', { before: range.value, after: 100 - range.value }));
  };
  const enlarge = () => openLightbox(() => wired(figure.cloneNode(true)));
  const shape = () => { if (before.naturalWidth) frame.style.aspectRatio = `${before.naturalWidth} / ${before.naturalHeight}`; };
  range.addEventListener('input', show);
  range.addEventListener('dblclick', enlarge);
  range.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); enlarge(); } });
  before.addEventListener('load', shape);
  shape();
  show();
  if (figure.closest('dialog')) return figure;
  figure.querySelector('.ba-large')?.remove();
  figure.append(h('button', { type: 'button', class: 'button button-small ba-large', onclick: enlarge }, t('js.compare.large')));
  return figure;
}

function wired(copy) {
  copy.querySelector('.ba-large')?.remove();
  for (const image of copy.querySelectorAll('img')) image.loading = 'eager';
  queueMicrotask(() => wireBeforeAfter(copy));
  return copy;
}

/** Make the figure of a pair `{before, after, round}` of photos. */
export function beforeAfter({ before, after }) {
  const image = (photo, word, name) => h('img', { src: source(photo), alt: word, class: name, loading: 'lazy', ...sized(photo) });
  const words = [t('js.compare.before'), t('js.compare.after')];
  const frame = h('div', { class: 'ba-frame' }, image(before, words[0]), image(after, words[1], 'ba-after'),
    h('span', { class: 'ba-word' }, words[0]), h('span', { class: 'ba-word ba-word-after' }, words[1]), h('span', { class: 'ba-line', 'aria-hidden': 'true' }),
    h('input', { type: 'range', min: 0, max: 100, value: 50, step: 1, 'aria-label': t('js.compare.label') }));
  const told = h('figcaption', { class: 'quiet' }, `${moment(before.taken_at ?? before.uploaded_at)} → ${moment(after.taken_at ?? after.uploaded_at)}`);
  return wireBeforeAfter(h('figure', { class: 'ba' }, frame, told));
}
