// The service worker: keeps what is needed in the street, per release and per person. It never keeps a write.
const { release: RELEASE, files: FILES } = self.SHELL;
const SHELL_CACHE = `civmap-files-${RELEASE}`;
const KEPT = 'civmap-kept-'; // and the person's mark: pages, data and photos as this person saw them last
const STATE = 'civmap-state';
const MARK = 'X-Civmap-Person';
const SINCE = 'X-Civmap-Kept';
const SPARE = '/offline';
const WALKS = [/^\/routes\/[^/]+\/go$/, /^\/points\/[^/]+\/check$/];
const PAGES = [/^\/$/, /^\/outbox$/, /^\/inbox$/, /^\/issues\/[^/]+$/, ...WALKS];
const DATA = [/^\/(api\/v1\/)?(points|segments|zones|units|issues)(\.geojson)?$/, /^\/api\/v1\/(points|segments|zones|units|issues)\/[^/]+$/,
  /^\/api\/v1\/inbox/, /^\/api\/v1\/routes\/[^/]+\/walk$/, /^\/api\/v1\/points\/[^/]+\/checklist$/, /^\/tiles\//];
const PHOTO = /^\/api\/v1\/photos\/\d+$/;
const MOST = { page: 60, data: 240, photo: 80 };
const PATIENCE_MS = { file: 3000, page: 8000, data: 10000 };
const SLOW_MS = 20_000;
let slowUntil = 0;
let known; // the mark of who is signed in on this phone; '' for nobody
let turn = 0; // counts sign-outs: what was asked before one is not kept after it
const oldPages = new Map();

const matches = (patterns, path) => patterns.some((pattern) => pattern.test(path));

/** What an address is kept as: page, data, photo, or not at all. */
function sortOf(request, url) {
  if (request.mode === 'navigate') return 'page';
  if (PHOTO.test(url.pathname)) return 'photo';
  return matches(DATA, url.pathname) ? 'data' : '';
}

/** Ask the network; where something is kept, not longer than its patience. */
async function network(request, milliseconds) {
  if (!milliseconds) return fetch(request);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), milliseconds);
  try {
    return await fetch(request, request.mode === 'navigate' ? {} : { signal: AbortSignal.any([abort.signal, request.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

async function file(request) {
  const cache = await caches.open(SHELL_CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  const sameRelease = new URL(request.url).searchParams.get('v') === RELEASE;
  if (kept && (sameRelease || Date.now() < slowUntil)) return kept;
  try {
    return await network(request, kept ? PATIENCE_MS.file : 0);
  } catch (problem) {
    if (!kept) throw problem;
    slowUntil = Date.now() + SLOW_MS;
    return kept;
  }
}

async function whoIsHere() {
  if (known === undefined) known = (await (await (await caches.open(STATE)).match('/person'))?.text()) ?? '';
  return known;
}

/** Somebody else signed in, or nobody is: what the one before saw goes away. */
async function isHere(mark) {
  if (mark && (await whoIsHere()) === mark) return;
  known = mark;
  await (await caches.open(STATE)).put('/person', new Response(mark));
  const strangers = (await caches.keys()).filter((name) => name.startsWith(KEPT) && name !== KEPT + mark);
  await Promise.all(strangers.map((name) => caches.delete(name)));
}

const addressOf = (sort, url) => (sort === 'page' ? url.pathname + (url.pathname === '/inbox' || matches(WALKS, url.pathname) ? url.search : '') : url.pathname + url.search);

function isKept(sort, url, response) {
  if (!response.ok || response.redirected || !response.headers.get(MARK) || response.status === 206) return false;
  return sort !== 'page' || (matches(PAGES, url.pathname) && !url.searchParams.has('wall'));
}

async function keep(sort, url, response, asked) {
  if (asked !== turn) return;
  const cache = await caches.open(KEPT + response.headers.get(MARK));
  const headers = new Headers(response.headers);
  headers.set(SINCE, new Date().toISOString());
  headers.set('X-Civmap-Sort', sort);
  try {
    await cache.put(addressOf(sort, url), new Response(await response.blob(), { headers }));
    await trim(cache, sort);
  } catch (problem) {
    console.warn('not kept:', problem.message); // the phone is full: the answer itself is on the screen
  }
}

let sinceTrim = 0;
async function trim(cache, sort) {
  sinceTrim += 1;
  if (sinceTrim % 20 !== 1) return;
  const keys = await cache.keys();
  const mine = keys.filter(({ url }) => sortOf({ mode: '' }, new URL(url)) === (sort === 'page' ? '' : sort));
  await Promise.all(mine.slice(0, Math.max(0, mine.length - MOST[sort])).map((key) => cache.delete(key)));
}

async function lastSeen(sort, url) {
  const mark = await whoIsHere();
  if (!mark) return null;
  const cache = await caches.open(KEPT + mark);
  return (await cache.match(addressOf(sort, url))) ?? (sort === 'page' ? cache.match(url.pathname, { ignoreSearch: true }) : null) ?? null;
}

/** Take in an answer of the network: who it was for. */
async function takeIn(sort, url, response, asked) {
  if (asked !== turn) return;
  const mark = response.headers.get(MARK);
  if (mark) await isHere(mark);
  else if (sort === 'page' && url.pathname === '/login' && response.ok) await isHere('');
}

async function page(event) {
  const [url, asked] = [new URL(event.request.url), turn];
  const kept = matches(PAGES, url.pathname) ? await lastSeen('page', url) : null;
  try {
    const loading = network(event.request, 0);
    const response = kept ? await Promise.race([loading, late(PATIENCE_MS.page)]) : await loading;
    await takeIn('page', url, response, asked);
    if (isKept('page', url, response)) event.waitUntil(keep('page', url, response.clone(), asked));
    return response;
  } catch {
    if (!kept) return (await caches.open(SHELL_CACHE)).match(SPARE);
    oldPages.set(event.resultingClientId, kept.headers.get(SINCE));
    return kept;
  }
}

const late = (milliseconds) => new Promise((_, reject) => { setTimeout(() => reject(new Error('late')), milliseconds); });

async function data(event, sort) {
  const [url, asked] = [new URL(event.request.url), turn];
  const kept = await lastSeen(sort, url);
  try {
    const response = await network(event.request, kept ? PATIENCE_MS.data : 0);
    if (kept && [502, 504].includes(response.status)) throw new Error('no server');
    await takeIn(sort, url, response, asked);
    if (isKept(sort, url, response)) event.waitUntil(keep(sort, url, response.clone(), asked));
    return response;
  } catch (problem) {
    if (!kept || event.request.signal?.aborted) throw problem;
    if (sort === 'data') tellOld(event.clientId, kept.headers.get(SINCE));
    return kept;
  }
}

async function tellOld(clientId, at) {
  (await self.clients.get(clientId))?.postMessage({ kind: 'old', at });
}

function forget() {
  turn += 1;
  return isHere('');
}

/** Signing out forgets what was kept, also where the network does not carry the word to the server yet. */
async function leave(request) {
  await forget();
  try {
    return await fetch(request);
  } catch {
    return (await caches.open(SHELL_CACHE)).match(SPARE);
  } finally {
    await forget();
  }
}

/** Fetch pages, data and photos before they are needed; with `again` also those that are kept already. */
async function warm(addresses, again = false) {
  for (const address of addresses) {
    const url = new URL(address, self.location.origin);
    const sort = sortOf({ mode: '' }, url) || 'page';
    if (url.origin !== self.location.origin || (!again && (await lastSeen(sort, url)))) continue;
    const asked = turn;
    const response = await fetch(url, { credentials: 'same-origin' }).catch(() => null);
    if (!response) return;
    await takeIn(sort, url, response, asked);
    if (isKept(sort, url, response)) await keep(sort, url, response, asked);
  }
}

async function install() {
  const cache = await caches.open(SHELL_CACHE);
  await cache.addAll(FILES.map((path) => new Request(path, { cache: 'no-cache' })));
  await cache.add(new Request(SPARE, { credentials: 'omit', cache: 'reload' }));
  await self.skipWaiting();
}

/** The pages of rounds that this person has kept: a new release's words must be on them before the network is gone. */
async function walksKept() {
  const keys = await (await caches.open(KEPT + (await whoIsHere()))).keys();
  return keys.map(({ url }) => new URL(url)).filter(({ pathname }) => matches(WALKS, pathname)).map(({ pathname, search }) => pathname + search);
}

/** A new release takes over at once: old files go, kept pages are fetched anew. What waits to be sent lies in IndexedDB. */
async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith('civmap-files-') && name !== SHELL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
  if (old.length && (await whoIsHere())) await warm(['/', '/outbox', ...(await walksKept())], true);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'POST' && url.pathname === '/logout') event.respondWith(leave(request));
  if (request.method !== 'GET' || request.headers.has('range')) return;
  if (url.pathname.startsWith('/static/')) return void event.respondWith(file(request));
  const sort = sortOf(request, url);
  if (sort === 'page') event.respondWith(page(event));
  else if (sort) event.respondWith(data(event, sort));
});
self.addEventListener('message', (event) => {
  const { kind, urls, again } = event.data ?? {};
  if (kind === 'warm') event.waitUntil(warm(urls, again));
  if (kind === 'forget') event.waitUntil(forget());
  if (kind === 'how-old') event.source.postMessage({ kind: 'old', at: oldPages.get(event.source.id) ?? null, page: true });
});
