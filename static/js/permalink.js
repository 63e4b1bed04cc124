// The address as the view's name: place on the map, what is open beside it, back and forward, and a link to hand on.
import { $, debounce } from './dom.js';
import { closePanel } from './panel.js';
import { goTo } from './starting.js';
import { state } from './state.js';
import { t } from './texts.js';
import { toast } from './toast.js';

const written = (map) => {
  const { lat, lng } = map.getCenter();
  return `${Math.round(map.getZoom() * 100) / 100}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
};

/** Put a text on the clipboard, also where the page is not in a secure context; tell whether it is there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement('textarea');
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand('copy');
    box.remove();
    return done;
  }
}

async function copyLink() {
  const link = location.origin + state.address();
  if (await copy(link)) toast(t('js.link.copied'));
  else toast(link, { keep: true });
}

async function openShown(city, asked) {
  const [kind, code] = asked.split('/');
  const layer = city.layerOf(kind);
  if (!layer) return closePanel();
  await city.switchLayer(kind, true);
  city.choose(layer, layer.find(code) ?? { code });
  return null;
}

/** Keep place and panel in the address, and follow it when the reader goes back or on. */
export function wirePermalink(city) {
  const { map } = city;
  map.on('moveend', debounce(() => state.set({ at: written(map) }), 300));
  document.addEventListener('panel-closed', () => { city.shown = ''; state.set({ show: '' }); });
  state.hear(['at'], ({ at }) => { if (at && at !== written(map)) goTo(map, at); });
  state.hear(['show'], ({ show }) => {
    if (show === city.shown) return;
    if (show) openShown(city, show);
    else closePanel();
  });
  $('copy-link')?.addEventListener('click', copyLink);
}
