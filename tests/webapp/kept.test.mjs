// What the service worker keeps, in a cache as browsers have one.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const SCRIPT = await readFile(new URL("../../frontend/assets/sw.js", import.meta.url), "utf-8");
const ORIGIN = "https://haian.example";

// Goes to an address as a browser does; whether the worker answered, and what it keeps then.
async function visit(path, control) {
  const kept = new Map(), heard = {}, tasks = [];
  const cache = { match: async (name) => kept.get(String(name)), put: async (name, answer) => void kept.set(String(name), answer) };
  const caches = { open: async () => cache, match: cache.match, keys: async () => [] };
  const fetch = async () => new Response("{}", { headers: control ? { "cache-control": control } : {} });
  const self = { addEventListener: (what, hear) => { heard[what] = hear; } };
  vm.runInNewContext(SCRIPT, { self, caches, fetch, location: { origin: ORIGIN }, URL, Response });
  heard.fetch({ request: { method: "GET", mode: "navigate", url: ORIGIN + path }, respondWith: (answer) => tasks.push(answer) });
  await Promise.all(tasks);
  return { answered: tasks.length > 0, kept: [...kept.keys()] };
}

test("pages are kept by their address without its query", async () => {
  assert.deepEqual(await visit("/me/ledger?child=1", "no-cache"), { answered: true, kept: ["/me/ledger"] });
});

test("what is no page passes it by", async () => {
  for (const path of ["/graphql?documentId=1", "/oauth/authorize?a=b", "/oauth/continue?request=1", "/en/oauth/continue",
    "/credentials/offer/secret", "/credentials/request/secret", "/gates/openapi.json", "/demo/sms", "/_event/"]) {
    assert.deepEqual(await visit(path), { answered: false, kept: [] }, path);
  }
});

test("what says so is not kept, wherever it is", async () => {
  for (const control of ["no-store", "private, max-age=60"]) {
    assert.deepEqual(await visit("/something/new", control), { answered: true, kept: [] });
  }
});
