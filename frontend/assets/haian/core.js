// The part of the client that must work without Python: trusted documents, the outbox of taps, drafts, words for times.
// Public reads and every mutation go from here straight to the gateway; personal reads come by Reflex's websocket.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { DOCUMENTS, TEXTS } from "./generated.js";
import { safePath } from "./paths.js";
import { app, eventLoop } from "$/utils/context-registry";

const browser = typeof window !== "undefined";

// ---- language ----------------------------------------------------------------------------------------------------
let rendering = "/"; // the path that is being prerendered, one at a time
const english = (path) => /^\/en(\/|$)/.test(path);
export const locale = () => (english(browser ? location.pathname : rendering) ? "en" : "zh");
export const tag = (language = locale()) => (language === "en" ? "en" : "zh-CN");
/** The language of the document, for <html lang>. */
export function pageTag(path) {
  rendering = path;
  return tag(english(path) ? "en" : "zh");
}
export const here = (path) => (locale() === "en" ? (path === "/" ? "/en" : "/en" + path) : path);
/** A text of texts/client.toml, by its key, with {values} filled in. */
export const say = (key, values = {}) =>
  (TEXTS[key]?.[locale()] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// ---- small stores ------------------------------------------------------------------------------------------------
export function store(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
export function useStore(from, server = from.get()) {
  return useSyncExternalStore(from.subscribe, from.get, () => server);
}
const read = (area, key) => {
  try {
    return JSON.parse(area.getItem(key));
  } catch {
    return null;
  }
};
const write = (area, key, value) => {
  try {
    value == null ? area.removeItem(key) : area.setItem(key, JSON.stringify(value));
  } catch {
    /* storage is full or refused: the page goes on without it */
  }
};

// ---- who: an opaque word, never the cookie; it only says which drafts and taps are whose --------------------------
const WHO = "haian.who";
const INVITES = "haian.invites"; // of visit.jsx: {hash: {secret, who}}
const who = store(browser ? read(localStorage, WHO) : null);
export const currentPerson = () => who.get();
export function useSignedIn() {
  return !!useStore(who, null);
}
export function signedIn(word) {
  const next = word || crypto.randomUUID();
  if (currentPerson() !== next) {
    actFor(null);
    dropCarried();
  }
  const invites = Object.entries(read(localStorage, INVITES) ?? {}).filter(([, made]) => made.who === next);
  write(localStorage, INVITES, invites.length ? Object.fromEntries(invites) : null);
  if (box.get().some((entry) => entry.who !== next)) saveBox(box.get().filter((entry) => entry.who === next));
  write(localStorage, WHO, next);
  document.documentElement.dataset.who = "in";
  who.set(next);
}
/** What a device carries for where there is no network goes with its person; what waits to be settled stays (unsettled.js). */
const dropCarried = () => browser && window.indexedDB?.deleteDatabase("haian.offline");
export function signedOut() {
  actFor(null);
  dropCarried();
  write(localStorage, INVITES, null);
  write(localStorage, WHO, null);
  saveBox([]);
  Object.keys(sessionStorage).filter((key) => key.startsWith("haian.draft.")).forEach((key) => sessionStorage.removeItem(key));
  delete document.documentElement.dataset.who;
  who.set(null);
}
/** The session is over without a sign-out here: kept taps stay, for the same person's return. */
export function forget() {
  actFor(null);
  dropCarried();
  write(localStorage, WHO, null);
  delete document.documentElement.dataset.who;
  who.set(null);
}
// ---- for whom: another citizen, as far as this tab goes; the gateway decides what that covers -----------------------
const FOR = "haian.for";
const acting = store(browser ? read(sessionStorage, FOR) : null);
/** The id of the citizen for whom this tab acts; null for oneself. */
const forWhom = () => acting.get()?.id ?? null;
export const useActing = () => useStore(acting, null);
/** From now on for `person` ({id, name}), or for oneself (null). */
export function actFor(person) {
  write(sessionStorage, FOR, person);
  acting.set(person);
}
app.forWhom = forWhom;
export { safePath };
export const returnPath = () => safePath(new URLSearchParams(location.search).get("next")) ?? here("/");
export function askToSignIn() {
  location.assign(here("/sign-in") + "?next=" + encodeURIComponent(location.pathname + location.search));
}

// ---- the gateway -------------------------------------------------------------------------------------------------
/** A refusal in a sentence the person can act on. `again` says that the same request may succeed later. */
export class Refused extends Error {
  constructor(code, message, { field = null, again = false, status = 0, data = null, challenge = null } = {}) {
    super(message);
    Object.assign(this, { code, field, again, status, data, challenge });
  }
}
const offline = () => new Refused("OFFLINE", say(navigator.onLine ? "unreachable" : "offline"), { again: true });

/** A refusal that says how to go on: when many codes are asked for, a browser works for one; what wants a recent second
 * factor asks for it, and what wants the terms shows them. Then the same is sent again. */
async function call(name, variables, asGet, fresh = false, subject = forWhom()) {
  try {
    return await once(name, variables, asGet, fresh, subject);
  } catch (error) {
    if (error.challenge) {
      const { solved } = await import("./work.js");
      return once(name, { ...variables, work: await solved(error.challenge) }, asGet, fresh, subject);
    }
    if (error.code !== "STEP_UP_NEEDED" && error.code !== "TERMS_NEEDED") throw error;
    if (!(await shown(error.code))) throw error;
    return call(name, variables, asGet, fresh, subject);
  }
}
let asking = null; // one dialog for all taps that want the terms
async function shown(code) {
  const away = () => Promise.reject(offline());
  if (code === "STEP_UP_NEEDED") return (await import("./factors.js").catch(away)).stepUp();
  asking ??= import("./terms.js").catch(away).then(({ agreeToTerms }) => agreeToTerms()).finally(() => (asking = null));
  return asking;
}
async function once(name, variables, asGet, fresh, subject) {
  const known = DOCUMENTS[name];
  if (!known) throw new Refused("INTERNAL", say("broken"));
  const headers = { Accept: "application/json", "Accept-Language": tag(), ...(known.acting && subject ? { "X-Haian-For": subject } : {}) };
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), 15000);
  try {
    const options = { headers, credentials: "same-origin", signal: aborter.signal, cache: fresh ? "no-cache" : "default" };
    const query = new URLSearchParams({ documentId: known.id, variables: JSON.stringify(variables) });
    const response = asGet
      ? await fetch("/graphql?" + query, options)
      : await fetch("/graphql", {
          ...options,
          method: "POST",
          headers: { ...headers, "Content-Type": "application/json" },
          body: JSON.stringify({ documentId: known.id, variables }),
        });
    return answerOf(response, await response.text());
  } catch (error) {
    // Cut off before or inside the answer, nobody knows what was done: the same key asks again.
    throw error instanceof Refused ? error : offline();
  } finally {
    clearTimeout(timer);
  }
}

function answerOf(response, body) {
  let answer = null;
  try {
    answer = JSON.parse(body);
  } catch {
    /* a page of somebody in between: not ours */
  }
  const error = answer?.errors?.[0];
  if (!answer || (!error && !answer.data)) {
    throw new Refused("INTERNAL", say(response.status >= 500 ? "busy" : "broken"), { again: response.status >= 500, status: response.status });
  }
  if (error) {
    const { code = "INTERNAL", argument = null, challenge = null } = error.extensions ?? {};
    const again = response.status >= 500 || ["UNAVAILABLE", "TRY_AGAIN"].includes(code);
    throw new Refused(code, error.message, { field: argument, again, status: response.status, data: answer.data ?? null, challenge });
  }
  return answer.data;
}
/** Read a public document; `fresh`: whatever the browser keeps of it, the server is asked. What somebody looks for goes in
 * a body: addresses are written down by proxies. */
export const ask = (name, variables = {}, fresh = false) => call(name, variables, !name.startsWith("Search"), fresh);

// ---- public reads ------------------------------------------------------------------------------------------------
const WAITING = Object.freeze({ data: null, loading: true, error: null });
const FRESH = 30000;
const cache = new Map();

function entryOf(name, variables) {
  const key = name + JSON.stringify(variables);
  let entry = cache.get(key);
  if (!entry) {
    entry = { ...store(WAITING), name, variables, asked: 0, users: 0, stale: false };
    cache.set(key, entry);
  }
  return entry;
}
async function refresh(entry) {
  entry.asked = Date.now();
  const fresh = entry.stale;
  entry.stale = false;
  entry.flying = true;
  try {
    entry.set({ data: await ask(entry.name, entry.variables, fresh), loading: false, error: null });
  } catch (error) {
    entry.asked = 0;
    entry.stale = fresh;
    entry.set({ data: entry.get().data, loading: false, error: entry.get().data ? null : { code: error.code, message: error.message } });
  }
  entry.flying = false;
  if (!entry.overtaken) return;
  entry.overtaken = false; // the answer may be older than what was patched meanwhile
  entry.stale = true;
  refresh(entry);
}
function refreshStale() {
  if (document.visibilityState !== "visible") return;
  cache.forEach((entry) => entry.users > 0 && Date.now() - entry.asked > FRESH && refresh(entry));
}
/** Ask again now, for everything on this page that reads one of these documents (all when none is named). */
export function reread(...names) {
  cache.forEach((entry) => {
    if (names.length && !names.includes(entry.name)) return;
    entry.stale = true;
    entry.users > 0 ? refresh(entry) : (entry.asked = 0);
  });
}
/** Change what is known of a document without asking again: `change(data, variables)` gives the new data. */
export function patch(name, change) {
  cache.forEach((entry) => {
    const { data } = entry.get();
    if (entry.name === name && entry.flying) entry.overtaken = true;
    if (entry.name === name && data) entry.set({ data: change(data, entry.variables), loading: false, error: null });
  });
}
/** The answer to a public document; with `keep` the last answer stands while the next one is on its way. */
const NOTHING = { data: null, loading: false, error: null };
export function useQuery(name, variables, when = true, keep = false) {
  const [begun, setBegun] = useState(false); // before, the address is not known, and `when` may yet become true
  useEffect(() => setBegun(true), []);
  const key = JSON.stringify(variables);
  const entry = useMemo(() => entryOf(name, variables), [name, key]);
  const answer = useStore(entry, WAITING);
  useEffect(() => {
    if (!when) return undefined;
    entry.users += 1;
    if (Date.now() - entry.asked > FRESH) refresh(entry);
    return () => {
      entry.users -= 1;
    };
  }, [entry, !!when]);
  const last = useRef(answer);
  if (!answer.loading) last.current = answer;
  if (begun && !when) return NOTHING;
  return keep ? last.current : answer;
}
const search = store(browser ? location.search : "");
export function useParameter(name) {
  return new URLSearchParams(useStore(search, "")).get(name) ?? "";
}
export const noteAddress = () => search.get() !== location.search && search.set(location.search);

// ---- the outbox: taps that are kept until they are answered --------------------------------------------------------
const BOX = "haian.outbox";
const KEEP = 24 * 3600 * 1000;
const isOld = (entry) => Date.now() - entry.at > KEEP;
const box = store(browser ? (read(localStorage, BOX) ?? []) : []);
const flying = new Map();
const waiters = new Map();
export const useOutbox = () => useStore(box, EMPTY);
const EMPTY = [];

function saveBox(entries) {
  write(localStorage, BOX, entries.length ? entries : null);
  box.set(entries);
}
const drop = (key) => saveBox(box.get().filter((entry) => entry.key !== key));
export const waiting = (name, match) =>
  box.get().find((entry) => entry.name === name && entry.match === match && entry.who === currentPerson() && (entry.for ?? null) === forWhom());

/** Send a mutation once. With a key it is kept until it is answered, and every repeat carries the same key. */
export function send(name, variables, key, match = "") {
  if (!DOCUMENTS[name]?.keyed) return call(name, variables, false);
  if (!box.get().some((entry) => entry.key === key)) {
    saveBox([...box.get(), { key, name, variables, match, who: currentPerson(), for: forWhom(), at: Date.now() }]);
  }
  return deliver(key);
}
/** Send a mutation that is not kept, for whom is said here (null: oneself), whatever the tab says. */
export const sendFor = (subject, name, variables) => call(name, variables, false, false, subject);
/** When a kept tap is answered later: the promise of its answer. */
export function later(key) {
  return new Promise((resolve, reject) => waiters.set(key, { resolve, reject }));
}
function deliver(key) {
  if (!flying.has(key)) {
    flying.set(key, attempt(key).finally(() => flying.delete(key)));
  }
  return flying.get(key);
}
async function attempt(key) {
  const entry = box.get().find((one) => one.key === key);
  if (!entry) throw new Refused("GONE", say("broken"));
  try {
    const data = await call(entry.name, { ...entry.variables, key }, false, false, entry.for ?? null);
    drop(key);
    waiters.get(key)?.resolve(data);
    waiters.delete(key);
    return data;
  } catch (error) {
    if (error.again) {
      scheduleFlush();
    } else {
      drop(key);
      waiters.get(key)?.reject(error);
      waiters.delete(key);
    }
    throw error;
  }
}
let pause = 1000;
let timer = null;
function scheduleFlush() {
  if (timer || !browser) return;
  timer = setTimeout(() => {
    timer = null;
    pause = Math.min(pause * 2, 60000);
    flush();
  }, pause);
}
/** Try everything that is kept and is this person's; what is older than a day is told and let go. */
async function flush() {
  if (box.get().some(isOld)) {
    saveBox(box.get().filter((entry) => !isOld(entry)));
    toast(say("expired"), "bad");
  }
  if (!navigator.onLine) return;
  for (const { key, who: owner } of box.get()) {
    if (owner !== currentPerson()) continue;
    const heard = waiters.has(key);
    try {
      await deliver(key);
      pause = 1000;
      if (!heard) toast(say("delivered"), "good");
    } catch (error) {
      if (error.again) return;
      if (!heard) toast(error.message, "bad");
    }
  }
}

// ---- what was read without the server waits in a store of its own ----------------------------------------------------------
export const UNSETTLED = "haian.unsettled"; // there is some, of whoever it is
/** Settle what waits of this person: how many are left. */
export async function settleKept() {
  if (!currentPerson() || !localStorage.getItem(UNSETTLED)) return 0;
  return (await import("./unsettled.js")).settle();
}
const tryKept = () => navigator.onLine && settleKept().catch(() => {});

// ---- drafts: what was typed survives a reload, a refusal and a lost network ----------------------------------------
export const draft = {
  get: (name) => (browser ? read(sessionStorage, "haian.draft." + name) : null),
  set: (name, values) => write(sessionStorage, "haian.draft." + name, values),
};

// ---- toasts, the network ---------------------------------------------------------------------------------------------
const toasts = store([]);
export const useToasts = () => useStore(toasts, EMPTY);
let nextToast = 0;
export function toast(message, tone = "", action = null) {
  const id = ++nextToast;
  toasts.set([...toasts.get().slice(-2), { id, message, tone, action }]);
  setTimeout(() => dismiss(id), action ? 8000 : 5000);
}
export const dismiss = (id) => toasts.set(toasts.get().filter((one) => one.id !== id));

const network = store(true);
export const useOnline = () => useStore(network, true);
const LATE = 5000; // ms
/** Whether a page is to do without the server: there is no network, or there has been time to answer, and a phone in a lift
 *  often says that there is one. */
export function useAway() {
  const online = useOnline();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE);
    return () => clearTimeout(timer);
  }, []);
  return !online || late;
}

// ---- the page's state: a page with personal data says so, and only then is the websocket opened ---------------------
export function useLive() {
  const person = useStore(who, null);
  useEffect(() => {
    if (!person) return undefined;
    app.live = (app.live ?? 0) + 1;
    eventLoop.addEvents([]);
    return () => {
      app.live -= 1;
    };
  }, [person]);
}

if (browser) {
  network.set(navigator.onLine);
  addEventListener("online", () => {
    network.set(true);
    pause = 1000;
    flush();
    tryKept();
    refreshStale();
  });
  addEventListener("offline", () => network.set(false));
  addEventListener("focus", refreshStale);
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && (refreshStale(), flush(), tryKept()));
  addEventListener("popstate", noteAddress);
  addEventListener("storage", (event) => {
    if (event.key === BOX) box.set(read(localStorage, BOX) ?? []);
    if (event.key === WHO) who.set(read(localStorage, WHO));
  });
  if (box.get().length) setTimeout(flush, 1500);
  if (read(localStorage, UNSETTLED)) setTimeout(tryKept, 1500);
}
