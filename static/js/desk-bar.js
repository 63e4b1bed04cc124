// The toolbar of the drawing desk: take back, do again, snapping, crosshair, and what ends a stroke.
import { h, icon } from './dom.js';
import { t } from './texts.js';

/** Make the toolbar; `acts` are its functions by name. Return {element, follow(facts)}. */
export function deskBar(acts) {
  const make = (name, picture, isToggle = false) => h('button', { type: 'button', class: 'button tool desk-tool', 'data-do': name, title: t(`js.desk.tool.${name}`), 'aria-pressed': isToggle ? 'false' : null, onclick: () => acts[name]() }, icon(picture), h('span', {}, t(`js.desk.tool.${name}`)));
  const tools = { undo: make('undo', 'undo'), redo: make('redo', 'redo'), snapping: make('snapping', 'magnet', true), crosshair: make('crosshair', 'locate', true), back: make('back', 'back'), finish: make('finish', 'check') };
  const element = h('div', { class: 'desk-bar', role: 'toolbar', 'aria-label': t('js.desk.toolbar') }, Object.values(tools));
  element.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const open = Object.values(tools).filter((tool) => !tool.hidden && !tool.disabled);
    if (!step || !open.length) return;
    event.preventDefault();
    open.at((open.indexOf(document.activeElement) + step) % open.length).focus();
  });

  const follow = ({ mayUndo, mayRedo, isSnapping, isCrosshair, isDrawing, mayBack, mayFinish, onMap, isEditing }) => {
    tools.undo.disabled = !mayUndo;
    tools.redo.disabled = !mayRedo;
    tools.snapping.setAttribute('aria-pressed', String(isSnapping));
    tools.crosshair.setAttribute('aria-pressed', String(isCrosshair));
    tools.snapping.hidden = !onMap && !isEditing;
    tools.crosshair.hidden = !onMap;
    tools.back.hidden = !isDrawing;
    tools.back.disabled = !mayBack;
    tools.finish.hidden = !isDrawing;
    tools.finish.disabled = !mayFinish;
  };
  return { element, follow };
}
