// Talking to /api/v1: CSRF token, idempotency key, versions, and problems turned into sentences.
import { t } from './texts.js';

export const API = '/api/v1';

/** A refusal: `status`, stable `code`, the sentence as message, and the whole problem document as `body`. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(sentence(status, body));
    this.status = status;
    this.code = body.code ?? '';
    this.body = body;
    this.etag = null;
  }
}

function sentence(status, body) {
  if (status === 0) return t('js.error.offline');
  if (status === 401) return t('js.error.signed_out');
  const fields = (body.errors ?? []).map((error) => error.message).filter(Boolean);
  const said = body.detail || body.title || t('js.error.unknown', { status });
  return fields.length && !fields.includes(said) ? `${said} ${fields.join(' ')}` : said;
}

/** Return the headers of a write. `key` is an idempotency key, `etag` the version the caller has seen. */
export function headers({ key, etag } = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
  const all = { Accept: 'application/json', 'X-CSRF-Token': token };
  if (key) all['Idempotency-Key'] = key;
  if (etag) all['If-Match'] = etag;
  return all;
}

/** Return a fresh idempotency key, also where the page is not in a secure context. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Return the version an answer tells; what compression on the way hangs on to it (`"v3:gzip"`) is no part of it. */
const versionOf = (response) => response.headers.get('ETag')?.replace(/:[a-z]+"$/, '"') ?? null;

/** Read a body as JSON; an empty or foreign body counts as no facts. */
export async function bodyOf(response) {
  const kind = response.headers.get('Content-Type') ?? '';
  return kind.includes('json') ? response.json() : {};
}

/** Send a request below `/api/v1`; return `{data, etag, status}`; throw Problem. */
export async function call(method, path, { body, key, etag, signal } = {}) {
  const options = { method, signal, headers: method === 'GET' ? { Accept: 'application/json' } : headers({ key, etag }) };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(API + path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0);
  }
  const data = await bodyOf(response);
  const version = versionOf(response);
  if (response.ok) return { data, etag: version, status: response.status };
  const problem = new Problem(response.status, data);
  problem.etag = version;
  throw problem;
}

export const get = (path, options) => call('GET', path, options);

/** Return the rows of any list answer: features' properties (with geometry) or items. */
export function rowsOf(data) {
  if (Array.isArray(data)) return data;
  if (data.features) return data.features.map((feature) => ({ geometry: feature.geometry, ...feature.properties }));
  return data.items ?? [];
}

/** Build a query string from the filled values. */
export function query(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return filled.length ? `?${new URLSearchParams(filled)}` : '';
}
