// Keeps the client's own files and prerendered pages, nothing else: no GraphQL, no event socket, nothing personal.
// VERSION and PAGES are written by the build.
const VERSION = "dev";
const PAGES = ["/", "/offline"];
const PRIVATE = /^\/(graphql|_event|_upload|demo|health|metrics|schema|\.well-known)(\/|$)/;

const STILL = /^\/(boot\.js|manifest\.webmanifest|(icon|scenery)[\w-]*\.(svg|png))$/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(PAGES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== VERSION && name !== "assets").map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || PRIVATE.test(url.pathname)) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(hashed(request));
  else if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (STILL.test(url.pathname)) event.respondWith(fresh(request, url));
});
// A hashed file never changes: the first copy is the copy.
async function hashed(request) {
  const cache = await caches.open("assets");
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) cache.put(request, answer.clone());
  return answer;
}
// What has no hash in its name: asked for afresh, and kept for when there is no network.
async function fresh(request, url) {
  const cache = await caches.open(VERSION);
  try {
    const answer = await fetch(request);
    if (answer.ok) cache.put(url.pathname, answer.clone());
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
    if (answer.ok) cache.put(url.pathname, answer.clone());
    return answer;
  } catch {
    const english = /^\/en(\/|$)/.test(url.pathname);
    return (await cache.match(url.pathname)) ?? (await cache.match(english ? "/en/offline" : "/offline")) ?? Response.error();
  }
}
