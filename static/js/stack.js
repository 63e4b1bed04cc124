// Several things lie on one another under a tap: let the person say which.
/* global L */
import { h } from './dom.js';
import { titleOf } from './page.js';
import { isSelecting } from './select.js';
import { t } from './texts.js';

const MOST = 8;
const NEAR = 6; // pixels between two marks that stand on one another

/** Open the best of what lies there, or let choose between `hits` ({kind, code, props}, best first); a selection takes the best. */
export function chooseAmong(map, latlng, hits, choose) {
  if (hits.length < 2 || isSelecting()) return choose(hits[0], latlng);
  const line = (hit) => h('li', {}, h('button', { type: 'button', onclick: () => { map.closePopup(); choose(hit, latlng); } },
    h('span', { class: `stack-dot stack-${hit.props.status ?? 'none'}` }), h('span', {}, titleOf(hit.props) || hit.code), h('span', { class: 'quiet' }, t(`js.layer.${hit.kind}`))));
  const list = h('ul', { class: 'stack-list' }, hits.slice(0, MOST).map(line));
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
