// What a phone keeps for where there is no network: the codes that it carries, under a key that never leaves it; and at a gate,
// what is needed to read them. Loaded in the background while there is a network.
import { encode } from "uqr";
import { compressed, display, fromBase64, judged, toBase64 } from "./carried.js";
import { currentPerson, sendFor } from "./core.js";
import { drop, keep, kept } from "./device.js";
import { putAside, sealing, settle } from "./unsettled.js";

const HOUR = 3600000;
const ENOUGH = 3; // codes of a kind that were not shown yet
const KEYS = 30; // one a code
const MOST_PEOPLE = 6; // for whom codes are carried beside one's own
const GONE = ["ACTING_NOT_COVERED", "ONECODE_SUSPENDED"];
const MOST_USED = 500;
const WHOLE = 12 * HOUR; // how often the list of what was stopped begins anew: what is over leaves it

// ---- who shows -------------------------------------------------------------------------------------------------------
const isScarce = (held) => held.kinds.some(({ codes, shown }) => codes.length - shown < Math.min(ENOUGH, codes.length));
const nameOf = (whom) => (whom ? "codes " + whom : "codes");
/** Fetch codes where few are left, they are old, or were `stopped` after they were fetched (the server's time, ms): perhaps from
 *  another phone, and used again since. Each has a key of its own, so that two have nothing in common. `whom`: not mine, but of
 *  whom I act for. */
export async function replenish(stopped = 0, whom = null) {
  const who = currentPerson();
  const held = await kept(nameOf(whom));
  const now = Date.now();
  if (held?.kinds && held.at + held.ahead > stopped && !isScarce(held) && now < held.at + 6 * HOUR && now > held.at - HOUR) return;
  const keys = await Promise.all(Array.from({ length: KEYS }, () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"])));
  const points = await Promise.all(keys.map(({ publicKey }) => crypto.subtle.exportKey("raw", publicKey)));
  const deviceKeys = points.map((point) => toBase64(compressed(new Uint8Array(point))));
  const { kinds, now: server, until } = (await sendFor(whom, "OnecodeCarry", { deviceKeys })).onecodeCarry;
  const next = keys.map(({ privateKey }) => privateKey)[Symbol.iterator]();
  const mine = kinds.map(({ label, codes }) => ({ label, shown: 0, codes: codes.map((code) => ({ code, key: next.next().value })) }));
  await keep(nameOf(whom), { kinds: mine, at: Date.now(), ahead: Date.parse(server) - Date.now(), until: Date.parse(until) }, who);
}
/** Carry mine, and of each of these `people` (whose code I may show) theirs; who is none of them any more is carried no more. */
export async function replenishAll(stopped, people) {
  const who = currentPerson();
  await replenish(stopped);
  const now = people.slice(0, MOST_PEOPLE);
  const before = (await kept("people"))?.people ?? [];
  for (const { id } of before) if (!now.some((one) => one.id === id)) await drop(nameOf(id));
  await keep("people", { people: now.map(({ id, name, guardian }) => ({ id, name, guardian })) }, who);
  for (const { id, carriedStoppedAt } of now)
    await replenish(Date.parse(carriedStoppedAt) || 0, id).catch((error) => GONE.includes(error.code) && drop(nameOf(id)));
}
/** Whose codes this phone carries beside mine. */
export async function carriedPeople() {
  const people = (await kept("people"))?.people ?? [];
  const carried = await Promise.all(people.map(({ id }) => kept(nameOf(id))));
  return people.filter((_, at) => carried[at]);
}
/** Carry no code any more: `whom`'s, or where that is nobody, mine and all others'. */
export async function dropCodes(whom = null) {
  for (const id of whom ? [whom] : [null, ...((await kept("people"))?.people ?? []).map((one) => one.id)]) await drop(nameOf(id));
}
let present = null; // the one that this opening of the page shows
/** The code of this opening of the page, signed for now: {text, path, size, left, labels}; null where none is good. `kind`: of which
 *  scenes, by their place in `labels`; `next`: another; `whom`: whose, where not mine. */
export async function picture(kind = 0, next = false, whom = null) {
  const held = await kept(nameOf(whom));
  const now = held ? Date.now() + held.ahead : 0;
  const mine = held?.kinds?.[kind] ?? held?.kinds?.[0];
  if (!mine || now >= held.until) return null;
  if (present?.of !== held.at || present.mine !== mine.label || present.whom !== whom || next) {
    present = { of: held.at, mine: mine.label, whom, index: mine.shown % mine.codes.length };
    mine.shown += 1;
    await keep(nameOf(whom), held, held.who);
  }
  const { code, key } = mine.codes[present.index];
  const text = await display(fromBase64(code), Math.floor(now / 1000), key);
  const { data, size } = encode(text, { ecc: "M", boostEcc: false, border: 0 });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return { text, path, size, left: Math.max(0, mine.codes.length - mine.shown), labels: held.kinds.map(({ label }) => label) };
}

// ---- who reads -------------------------------------------------------------------------------------------------------
let served = 0; // how often a post was named: what is under way for the one before is not kept
/** Fetch what this post needs: keys, what is asked, what was stopped since it was asked last, and the key for what is read.
 *  `post`: the one that is served now; what was fetched for another judges nothing more. */
export async function equip(post) {
  const who = currentPerson();
  if (post) served += 1;
  const begun = served;
  if (post && (await kept("kit"))?.kit.post !== post) await drop("kit");
  await sealing();
  const held = await kept("kit");
  let known = held?.whole > Date.now() - WHOLE ? held : { whole: Date.now(), kit: { revoked: [], upto: 0 } };
  for (let more = true; more; ) {
    const { revoked, upto } = known.kit;
    const kit = (await sendFor(null, "OnecodeOfflineKit", { after: upto })).onecodeOfflineKit;
    if (!kit) return;
    more = kit.more;
    const all = kit.upto < upto ? kit.revoked : [...revoked, ...kit.revoked]; // an older copy of the database begins anew
    known = { whole: known.whole, kit: { ...kit, revoked: all }, at: Date.now(), ahead: Date.parse(kit.now) - Date.now() };
  }
  if (begun === served) await keep("kit", known, who);
}
/** {kit, at}: what this post has, and since when; null where nothing was fetched in the last day. */
export async function equipped() {
  const held = await kept("kit");
  return held && Date.now() - held.at < 24 * HOUR ? held : null;
}
/** What a code comes to here, as the server would say it; null for what is no code. It is kept until it is settled. An Error
 *  ELSEWHERE where its holder has another for this scene. */
export async function judge(text) {
  const held = await equipped();
  if (!held?.kit.allowed) return null;
  const used = (await kept("used"))?.digests ?? [];
  const found = await judged(text, held.kit, Date.now() + held.ahead, used);
  if (!found) return null;
  if (found.verdict === "ELSEWHERE") throw Object.assign(new Error(), { code: found.verdict, scene: held.kit.scene });
  if (found.verdict !== "EXPIRED") await putAside(text, found.verdict, held.kit.post);
  if (found.verdict === "ACCEPTED") await keep("used", { digests: [...used, found.digest].slice(-MOST_USED) }, held.who);
  settle().catch(() => {});
  return { id: found.digest, verdict: found.verdict, facts: found.facts, withheld: [], listAt: held.at };
}
