// What can wait until the first picture of a map page stands; on every other page nothing waits.
const WIRED = 'map-wired';
const isMap = Boolean(document.getElementById('later'));

/** Run `work` now, or where the page is still drawing its first picture as soon as that stands. */
export function whenCalm(work) {
  if (!isMap || document.documentElement.dataset.wired) work();
  else document.addEventListener(WIRED, () => work(), { once: true });
}

/** Say that the first picture stands and its tools are at hand. */
export function tellCalm() {
  document.documentElement.dataset.wired = 'true';
  document.dispatchEvent(new Event(WIRED));
}
