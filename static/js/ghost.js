// The photo from before as a ghost over the camera, so that the photo afterwards shows the same spot from the same place.
import { $, h, icon, notice, put } from './dom.js';
import { jpegOf } from './photo.js';
import { t } from './texts.js';

const FIRST = 45;

/** The photos of the problem that this page shows. */
const befores = () => [...document.querySelectorAll('[data-photo][data-kind="before"]')].map((figure) => ({ id: Number(figure.dataset.photo), src: figure.querySelector('img').getAttribute('src'), alt: figure.querySelector('img').alt }));

const hasCamera = () => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);

/** Make what stands beside the field for photos afterwards: the photo before, to choose and to look at; null without one. */
export function ghostBeside() {
  const known = befores();
  if (!known.length) return null;
  let chosen = known.at(-1);
  const large = h('img', { class: 'beside-photo', src: chosen.src, alt: chosen.alt });
  const pick = (photo) => { chosen = photo; large.src = photo.src; large.alt = photo.alt; };
  const row = known.length < 2 ? null : h('div', { class: 'beside-row', role: 'radiogroup', 'aria-label': t('js.ghost.choose') }, known.map((photo) => h('label', {},
    h('input', { type: 'radio', name: 'ghost', checked: photo === chosen, onchange: () => pick(photo) }), h('img', { src: photo.src, alt: photo.alt }))));
  const element = h('figure', { class: 'beside' }, h('figcaption', { class: 'quiet' }, t('js.ghost.beside')), large, row);
  return { element, pair: () => chosen.id, opener: hasCamera() ? (add) => openCamera(chosen, add) : null };
}

/** Open the camera with the ghost over it; `add(blob, taken)` gets the photo. */
async function openCamera(before, add) {
  const video = h('video', { class: 'ghost-video', autoplay: true, playsinline: true, muted: true });
  video.muted = true;
  const ghost = h('img', { class: 'ghost-image', src: before.src, alt: '' });
  const said = h('div', { class: 'ghost-said', 'aria-live': 'polite' });
  const strength = h('input', { type: 'range', min: 0, max: 100, step: 5, value: FIRST, 'aria-label': t('js.ghost.strength'), oninput: () => { ghost.style.opacity = strength.value / 100; } });
  const shutter = h('button', { type: 'button', class: 'ghost-shutter', disabled: true, 'aria-label': t('js.ghost.shutter') }, icon('camera'));
  const close = h('button', { type: 'button', class: 'icon-button lightbox-close', 'aria-label': t('js.close'), onclick: () => dialog.close() }, icon('close'));
  const dialog = h('dialog', { class: 'ghost', 'aria-label': t('js.ghost.open') }, close, h('div', { class: 'ghost-stage' }, video, ghost), said,
    h('div', { class: 'ghost-row' }, h('label', {}, h('span', {}, t('js.ghost.strength')), strength), shutter));
  let stream = null;
  dialog.addEventListener('close', () => { stream?.getTracks().forEach((track) => track.stop()); dialog.remove(); });
  shutter.addEventListener('click', async () => {
    const taken = new Date();
    const blob = await frameOf(video);
    dialog.close();
    if (blob) add(blob, taken);
  });
  ghost.style.opacity = FIRST / 100;
  ($('main') ?? document.body).append(dialog);
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1600 }, height: { ideal: 1200 } } });
    video.srcObject = stream;
    await video.play();
    shutter.disabled = false;
    shutter.focus();
  } catch (error) {
    put(said, notice('care', t('js.ghost.no_camera')));
    console.warn('no camera:', error.message);
  }
  if (!dialog.open) stream?.getTracks().forEach((track) => track.stop());
}

function frameOf(video) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext('2d').drawImage(video, 0, 0);
  return jpegOf(canvas);
}
