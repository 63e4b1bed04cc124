// Dragging a handle of the sketch by mouse, pen or finger; under a finger the corner stands above it, so that it stays in sight.
/* global L */
const START_PX = 4;
const LIFT_PX = 58;

const spotAt = (map, x, y) => { const { lng, lat } = map.containerPointToLatLng([x, y]); return [lng, lat]; };

/** Follow pointers on an element: `onMove(spot, event)` on the way, `onEnd(spot, event)` after, `onTap()` where it did not move. */
export function dragged(map, element, { from, onMove, onEnd, onTap }) {
  let held = null;

  const place = (event) => {
    const box = map.getContainer().getBoundingClientRect();
    const lift = held.isTouch ? Math.min(LIFT_PX, Math.hypot(event.clientX - held.x, event.clientY - held.y) * 3) : 0;
    return spotAt(map, event.clientX - box.left + held.dx, event.clientY - box.top + held.dy - lift);
  };

  element.addEventListener('pointerdown', (event) => {
    if (event.button > 0 || held) return;
    const box = map.getContainer().getBoundingClientRect();
    const at = map.latLngToContainerPoint([from[1], from[0]]);
    const isTouch = event.pointerType === 'touch';
    held = { id: event.pointerId, x: event.clientX, y: event.clientY, isTouch, moving: false, dx: at.x - (event.clientX - box.left), dy: at.y - (event.clientY - box.top) };
    map.dragging.disable();
    element.setPointerCapture(event.pointerId);
    event.stopPropagation();
  });
  element.addEventListener('pointermove', (event) => {
    if (held?.id !== event.pointerId) return;
    if (!held.moving && Math.hypot(event.clientX - held.x, event.clientY - held.y) < START_PX * (held.isTouch ? 2 : 1)) return;
    held.moving = true;
    element.classList.add('held');
    onMove(place(event), event);
  });
  const end = (event) => {
    if (held?.id !== event.pointerId) return;
    const { moving } = held;
    const spot = place(event);
    held = null;
    map.dragging.enable();
    element.classList.remove('held');
    if (event.type === 'pointercancel') onMove(from, event);
    else if (moving) onEnd(spot, event);
    else onTap();
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
  element.addEventListener('mousedown', (event) => event.preventDefault()); // a press is no focus: the corner would be drawn anew under it
  for (const name of ['mousedown', 'touchstart', 'click', 'dblclick']) element.addEventListener(name, (event) => L.DomEvent.stopPropagation(event));
}
