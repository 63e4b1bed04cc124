// Every page: menus that close when one looks elsewhere, and what works without a network.
import { whenCalm } from './calm.js';

function closeOthers(target) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(target)) menu.open = false;
  }
}

document.addEventListener('click', (event) => closeOthers(event.target));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const open = document.querySelector('details.menu[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary').focus();
});

whenCalm(async () => (await import('./offline.js')).wireOffline());
