// Libraries that a page fetches when it needs them, each once.
const asked = new Map();
const release = new URL(import.meta.url).search;

/** Fetch a classic script below /static/vendor; resolve when it has run, reject where it cannot be had. */
export function vendor(path) {
  if (!asked.has(path)) {
    asked.set(path, new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: `/static/vendor/${path}${release}`, onload: done });
      script.onerror = () => { asked.delete(path); script.remove(); failed(new Error(path)); };
      document.head.append(script);
    }));
  }
  return asked.get(path);
}
