// The page's texts: every `js.*` key of the reader's language, carried by the page as JSON.
const texts = {};
for (const holder of document.querySelectorAll('#texts, script.more-texts')) Object.assign(texts, JSON.parse(holder.textContent));

/** Return the text of a key with `{placeholders}` filled; the key itself where the catalogue lacks it. */
export function t(key, facts = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (facts[name] === undefined || facts[name] === null ? whole : String(facts[name])));
}

export const lang = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
const locale = lang === 'zh' ? 'zh-CN' : 'en-GB';
const city_time = { timeZone: 'Asia/Shanghai' };

/** Return a moment (ISO 8601) as the office writes it, always in Beijing time. */
export function moment(iso) {
  if (!iso) return '';
  const parts = { month: lang === 'zh' ? 'numeric' : 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false };
  return new Intl.DateTimeFormat(locale, { ...parts, ...city_time }).format(new Date(iso));
}

/** Return the day of a moment or of a plain day, in Beijing time. */
export function day(iso) {
  if (!iso) return '';
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return iso;
  return new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit', ...city_time }).format(new Date(iso));
}

/** Return a number with at most `digits` decimals and thousands separators. */
export function amount(value, digits = 0) {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}
