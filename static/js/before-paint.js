// Before the first paint: light or dark, contrast and size of type. A classic script in the head, so that no page flashes.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const more = matchMedia('(prefers-contrast: more)');
  const YEAR = 31536000;

  /** Put what was chosen, or what the system prefers, on <html>; tell the map and whoever else draws with colours. */
  function paint() {
    const { chosenTheme, chosenContrast } = root.dataset;
    root.dataset.theme = chosenTheme === 'system' ? (dark.matches ? 'dark' : 'light') : chosenTheme;
    root.dataset.contrast = chosenContrast === 'more' || more.matches ? 'more' : 'auto';
    document.dispatchEvent(new Event('themechange'));
  }

  function choose({ target }) {
    const what = target.dataset?.display;
    if (!what) return;
    root.dataset[{ theme: 'chosenTheme', contrast: 'chosenContrast', type: 'type' }[what]] = target.value;
    const { chosenTheme, chosenContrast, type } = root.dataset;
    const secure = location.protocol === 'https:' ? '; secure' : '';
    document.cookie = `civmap_display=${chosenTheme}.${chosenContrast}.${type}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
    paint();
  }

  paint();
  dark.addEventListener('change', paint);
  more.addEventListener('change', paint);
  document.addEventListener('change', choose);
})();
