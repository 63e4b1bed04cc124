// Several things lie on one another under a tap: let the person say which.
/* global L */
import { h } from './dom.js';
import { kindName, sortOf, titleOf } from './page.js';
import { isSelecting } from './select.js';
import { t } from './texts.js';

const MOST = 8;
const NEAR = 6; // pixels between two marks that stand on one another

/** What a thing is: its kind in words where the page knows it, else the name of its layer. */
function sort({ kind, props }) {
  const own = sortOf(kind, props);
  const name = kindName(kind, own);
  return name && name !== own ? name : t(`js.layer.${kind}`);
}

/** Arrows go through the list; Escape closes it. */
function keyed(event, map, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...list.querySelectorAll('button')];
  if (step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus({ preventScroll: true });
  else if (event.key === 'Escape') { map.closePopup(); map.getContainer().focus({ preventScroll: true }); } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Open the best of what lies there, or let choose between `hits` ({kind, code, props}, best first); a selection takes the best.
 *  `look(hit or null)` is told which one the pointer or the keyboard is at. */
export function chooseAmong(map, latlng, hits, choose, look = () => {}) {
  if (hits.length < 2 || isSelecting()) return choose(hits[0], latlng);
  const line = (hit) => h('li', {}, h('button', { type: 'button', onfocus: () => look(hit), onmouseenter: () => look(hit), onclick: () => { map.closePopup(); choose(hit, latlng); } },
    h('span', { class: `stack-dot stack-${hit.props.status ?? 'none'}` }), h('span', {}, titleOf(hit.props) || hit.code), h('span', { class: 'quiet' }, sort(hit))));
  const list = h('ul', { class: 'stack-list', onkeydown: (event) => keyed(event, map, list) }, hits.slice(0, MOST).map(line));
  const box = h('div', { role: 'dialog', 'aria-label': t('js.tiles.which') }, h('p', { class: 'stack-head' }, t('js.tiles.which')), list);
  L.popup({ className: 'stack-popup', maxWidth: 300, minWidth: 220, closeButton: false }).setLatLng(latlng).setContent(box).openOn(map);
  list.querySelector('button').focus({ preventScroll: true });
  return null;
}

const partsOf = (layer) => (layer.getElement ? [layer] : layer.getLayers());

/** List which of a layer's drawn things ({layer, feature} by code) lie under a click on one of them, that one first. */
export function under(kind, drawn, own, { originalEvent, latlng }, map) {
  if (!originalEvent?.clientX) return [own]; // pressed by keyboard
  const elements = new Set(document.elementsFromPoint(originalEvent.clientX, originalEvent.clientY));
  const at = map.latLngToContainerPoint(own.spot ?? latlng);
  const others = [];
  for (const [code, { layer, feature }] of drawn) {
    if (code === own.code) continue;
    const hit = layer.getLatLng ? layer._map && map.latLngToContainerPoint(layer.getLatLng()).distanceTo(at) <= NEAR : partsOf(layer).some((part) => elements.has(part.getElement()));
    if (hit) others.push({ kind, code, props: feature.properties });
  }
  return [own, ...others];
}
