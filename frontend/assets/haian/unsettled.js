// What a verifier read without the server, until it is settled: sealed for them alone, so it outlives a sign-out on this phone
// and is nothing to who signs in there next, but that they hand it in as it is. The key is the server's (onecodeKeptKey).
import { fromBase64, joined, toBase64 } from "./carried.js";
import { UNSETTLED, currentPerson, locale, say, sendFor, store, toast, useStore } from "./core.js";
import { keep, kept, storeOf } from "./device.js";
import { when } from "./words.js";

const within = storeOf("haian.unsettled", "scans");
const FINAL = ["FORBIDDEN", "ONECODE_CODE_UNREADABLE", "ONECODE_NOT_OFFLINE", "ONECODE_NOT_AT_POST", "IDEMPOTENCY_KEY_REUSED"]; // asking again would only repeat it
const PAUSE = 20000; // ms
const LONGEST = 600000;
const AT_ONCE = 20;
const AES = (iv) => ({ name: "AES-GCM", iv });
const waits = store(0);
/** How many of mine wait on this phone. */
export const useUnsettled = () => useStore(waits, 0);

const everybodys = () => within("readonly", (scans) => scans.getAll());
async function mine() {
  const all = await everybodys();
  all.length ? localStorage.setItem(UNSETTLED, "1") : localStorage.removeItem(UNSETTLED);
  const found = all.filter((scan) => scan.who === currentPerson()).sort((a, b) => a.at - b.at);
  waits.set(found.length);
  return found;
}
export const unsettled = async () => (await mine()).length;

/** The key under which this person's scans are kept; asked for once, and held while they are signed in. */
export async function sealing() {
  const [who, held] = [currentPerson(), await kept("sealing")];
  if (held) return held.key;
  const given = fromBase64((await sendFor(null, "OnecodeKeptKey", {})).onecodeKeptKey);
  const key = await crypto.subtle.importKey("raw", given, "AES-GCM", false, ["encrypt", "decrypt"]);
  await keep("sealing", { key }, who);
  return key;
}
/** Keep what was judged here, and at which `post` (what the server calls it). An Error where that cannot be: then nobody is let in by it. */
export async function putAside(code, verdict, post) {
  const held = await kept("sealing");
  if (!held) throw new Error("no key");
  const [key, iv] = [crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(12))];
  const sealed = await crypto.subtle.encrypt(AES(iv), held.key, new TextEncoder().encode(JSON.stringify({ code, verdict, post, key })));
  await within("readwrite", (scans) => scans.put({ key, who: held.who, at: Date.now(), iv, sealed }, key));
  await mine();
}
async function done({ key }, words) {
  await within("readwrite", (scans) => scans.delete(key));
  if (words) toast(words, "bad");
}
/** Whether it is over: settled, or refused for good, which is said. */
async function settleOne(scan, secret) {
  let said = null;
  try {
    said = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(AES(scan.iv), secret, scan.sealed)));
  } catch {
    await done(scan, say("unsettledLost"));
    return true;
  }
  try {
    const { verdict } = (await sendFor(null, "OnecodeSettle", { code: said.code, key: scan.key, post: said.post ?? null })).onecodeSettle;
    await done(scan, verdict === said.verdict ? "" : say("settledOtherwise"));
  } catch (error) {
    if (!FINAL.includes(error.code)) return false;
    await done(scan, say("unsettledRefused", { time: when(scan.at, { language: locale() }), why: error.message }));
  }
  return true;
}
let running = null;
let timer = 0;
let slower = PAUSE / 4; // what others read here, and could not be handed in, is tried less and less often
/** Settle what is mine, in its order; what cannot be now is tried again by itself. How many are left of mine. */
export function settle() {
  running ??= run().finally(() => (running = null));
  return running;
}
/** Hand in, sealed as it is, what others read here: the server opens it, and settles it as theirs. */
async function handIn() {
  const theirs = (await everybodys()).filter((scan) => scan.who !== currentPerson());
  for (const who of new Set(theirs.map((scan) => scan.who))) {
    const all = theirs.filter((scan) => scan.who === who);
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE);
      const sealed = some.map((scan) => toBase64(joined(scan.iv, new Uint8Array(scan.sealed))));
      const over = (await sendFor(null, "OnecodeHandIn", { who, sealed })).onecodeHandIn;
      for (const [at, scan] of some.entries()) if (over[at]) await done(scan);
    }
  }
  await mine();
}
async function run() {
  clearTimeout(timer);
  if (!currentPerson()) return 0;
  if (navigator.onLine) await handIn().catch(() => {});
  const scans = await mine();
  let over = 0;
  if (scans.length && navigator.onLine) {
    const secret = await sealing().catch(() => null);
    for (const scan of secret ? scans : []) {
      if (scan.who !== currentPerson() || !(await settleOne(scan, secret))) break;
      over += 1;
    }
  }
  const left = await unsettled();
  if (left > scans.length - over) timer = setTimeout(settle, 0); // more came meanwhile
  else if (left) timer = setTimeout(settle, PAUSE);
  else if ((await everybodys()).length) timer = setTimeout(settle, (slower = Math.min(slower * 2, LONGEST)));
  if (over) dispatchEvent(new Event("haian:settled"));
  return left;
}
