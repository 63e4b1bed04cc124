// Every page: menus that close when one looks elsewhere, and a word while the network is away.
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

/** While the device has no network the page says so; what is on it stays readable. */
function tellNetwork() {
  const bar = document.getElementById('offline');
  if (bar) bar.hidden = navigator.onLine;
}

window.addEventListener('offline', tellNetwork);
window.addEventListener('online', tellNetwork);
tellNetwork();
