// Keeps the client's own files and prerendered pages, nothing else: no GraphQL, no event socket, nothing personal.
// VERSION and PAGES are written by the build.
const VERSION = "dev";
const PAGES = ["/", "/offline"];
const ASSETS = "assets-" + VERSION;
const PRIVATE =
  /^(\/en)?\/(graphql|oauth|gates|credentials|_event|_upload|demo|health|metrics|schema|\.well-known)(\/|$)/;

const STILL = /^\/(boot\.js|manifest\.webmanifest|(icon|scenery)[\w-]*\.(svg|png))$/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(PAGES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(cleared().then(() => self.clients.claim()));
});
// Of the files those of this version and the one before stay: a page that is still open may want one of those.
async function cleared() {
  await caches.open(ASSETS);
  const names = await caches.keys(); // in the order in which they were made
  const before = names.filter((name) => name.startsWith("assets") && name !== ASSETS).at(-1);
  await Promise.all(names.filter((name) => ![VERSION, ASSETS, before].includes(name)).map((name) => caches.delete(name)));
}
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || PRIVATE.test(url.pathname)) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(hashed(request));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (STILL.test(url.pathname)) event.respondWith(fresh(request, url));
});
// What says that it is for one person, or for now, is never kept, whatever its address.
function keep(cache, name, answer) {
  if (answer.ok && !/no-store|private/.test(answer.headers.get("cache-control") ?? "")) cache.put(name, answer.clone());
}
// A hashed file never changes: the first copy is the copy, and what is still asked for goes with the version.
async function hashed(request) {
  const cache = await caches.open(ASSETS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = (await caches.match(request)) ?? (await fetch(request));
  keep(cache, request, answer);
  return answer;
}
// What has no hash in its name: asked for afresh, and kept for when there is no network.
async function fresh(request, url) {
  const cache = await caches.open(VERSION);
  try {
    const answer = await fetch(request);
    keep(cache, url.pathname, answer);
    return answer;
  } catch {
    return (await cache.match(url.pathname)) ?? Response.error();
  }
}
// Pages are asked for afresh; without a network the kept one, else the offline page. Addresses are kept without query.
async function page(request, url) {
  const cache = await caches.open(VERSION);
  try {
    const answer = await fetch(request);
    keep(cache, url.pathname, answer);
    return answer;
  } catch {
    const english = /^\/en(\/|$)/.test(url.pathname);
    return (await cache.match(url.pathname)) ?? (await cache.match(english ? "/en/offline" : "/offline")) ?? Response.error();
  }
}
