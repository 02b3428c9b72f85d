// 离线码: the form of a code for where there is no network (docs/protocols.md). Pure functions over WebCrypto, tested with node.
const PREFIX = "H2:";
const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"; // RFC 9285
const VERSION = 2;
const HEAD = 53; // up to what some codes say and some do not
const COMMUNITY = 5;
const SIGNATURE = 64;
const SHOWN = 4;
const FACTS = { name: 1, resident: 2, resident_of_district: 4, adult: 8, senior: 16 };
const MOST = HEAD + COMMUNITY + 15 + 2 * SIGNATURE + SHOWN;
const AHEAD = 10000; // ms that two clocks may differ
const SAID = new TextEncoder().encode("haian code 2\0");
const DISPLAYED = new TextEncoder().encode("haian shown 2\0");
const NUMBERED = new TextEncoder().encode("haian number 2\0");
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** Whether a text looks like such a code, and what stays the same of it however often it is shown. */
export const isCarried = (text) => text.startsWith(PREFIX);
export const sameOf = (text) => (isCarried(text) ? text.slice(0, PREFIX.length + 18) : text);

export function toBase45(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const whole = at + 1 < bytes.length;
    let number = whole ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let i = 0; i < (whole ? 3 : 2); i += 1, number = Math.floor(number / 45)) text += SIGNS[number % 45];
  }
  return text;
}
export function fromBase45(text) {
  if (text.length % 3 === 1) return null;
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const part = [...text.slice(at, at + 3)].map((sign) => SIGNS.indexOf(sign));
    if (part.includes(-1)) return null;
    const number = part.reduceRight((sum, sign) => sum * 45 + sign, 0);
    if (number >= 256 ** (part.length - 1)) return null;
    if (part.length === 3) bytes.push(number >> 8);
    bytes.push(number & 255);
  }
  return new Uint8Array(bytes);
}
export const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}
const numberOf = (bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

// ---- points of P-256: browsers give and take them whole, a code has room for x and one bit of y ---------------------
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
export const compressed = (point) => joined(new Uint8Array([2 + (point[64] & 1)]), point.slice(1, 33));
function power(base, exponent) {
  let result = 1n;
  for (let square = base % P, left = exponent; left; left >>= 1n, square = (square * square) % P) if (left & 1n) result = (result * square) % P;
  return result;
}
/** The point with its y; null where x is on no point of the curve. */
export function whole(point) {
  const x = BigInt("0x" + hex(point.slice(1)));
  const square = (x ** 3n - 3n * x + B) % P;
  const root = power((square + P) % P, (P + 1n) / 4n);
  if ((root * root - square) % P !== 0n) return null;
  const y = Number(root & 1n) === (point[0] & 1) ? root : P - root;
  return joined(new Uint8Array([4]), point.slice(1), Uint8Array.from(y.toString(16).padStart(64, "0").match(/../g), (two) => parseInt(two, 16)));
}

// ---- a code ------------------------------------------------------------------------------------------------------------
/** The text to be shown: the server's part, and when it is shown, in seconds, signed with the device's own key. */
export async function display(signed, seconds, key) {
  const shown = new Uint8Array([seconds >>> 24, (seconds >>> 16) & 255, (seconds >>> 8) & 255, seconds & 255]);
  const proof = await crypto.subtle.sign(SIGNING, key, joined(DISPLAYED, signed, shown));
  return PREFIX + toBase45(joined(signed, shown, new Uint8Array(proof)));
}
/** What a text says; null where it has not the form of a code. */
export function parsed(text) {
  const bytes = isCarried(text) ? fromBase45(text.slice(PREFIX.length)) : null;
  if (!bytes || bytes.length < HEAD + 2 * SIGNATURE + SHOWN || bytes.length > MOST) return null;
  const signed = bytes.slice(0, -SHOWN - SIGNATURE);
  const said = signed.slice(0, -SIGNATURE);
  const since = numberOf(said.slice(12, 16)) * 1000;
  const [says, holds] = said.slice(51, 53);
  const size = says & FACTS.resident ? COMMUNITY : 0;
  if (said[0] !== VERSION || said.length < HEAD + size || (said.length > HEAD + size && !(says & FACTS.name))) return null;
  const community = numberOf(said.slice(HEAD, HEAD + size));
  return {
    signed, said, signature: signed.slice(-SIGNATURE), shown: bytes.slice(-SHOWN - SIGNATURE, -SIGNATURE), proof: bytes.slice(-SIGNATURE),
    shownAt: numberOf(bytes.slice(-SHOWN - SIGNATURE, -SIGNATURE)) * 1000, key: hex(said.slice(1, 3)), number: hex(said.slice(3, 11)), index: said[11],
    since, until: since + numberOf(said.slice(16, 18)) * 60000, device: said.slice(18, 51), says, holds,
    community: community ? String(community).padStart(12, "0") : "", name: new TextDecoder().decode(said.slice(HEAD + size)),
  };
}
/** Whether a code is of a batch with this secret. */
async function isOf(code, secret) {
  const bytes = Uint8Array.from(secret.match(/../g), (two) => parseInt(two, 16));
  const digest = await crypto.subtle.digest("SHA-256", joined(NUMBERED, bytes, new Uint8Array([code.index])));
  return hex(new Uint8Array(digest).slice(0, 8)) === code.number;
}
/** Each fact that a code says itself. */
function told(code, division) {
  const all = { name: code.name, resident: !!code.community && code.community.startsWith(division) };
  for (const name of ["resident_of_district", "adult", "senior"]) all[name] = !!(code.holds & FACTS[name]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => code.says & FACTS[name]));
}
async function isSigned(code, keys) {
  const ours = keys.find((key) => key.name === code.key);
  const point = ours && whole(code.device);
  if (!point) return false;
  const server = await crypto.subtle.importKey("raw", fromBase64(ours.key), "Ed25519", false, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", server, code.signature, joined(SAID, code.said)))) return false;
  const device = await crypto.subtle.importKey("raw", point, CURVE, false, ["verify"]);
  return crypto.subtle.verify(SIGNING, device, code.proof, joined(DISPLAYED, code.signed, code.shown));
}
/** What a code comes to without the server: {verdict, digest, facts}, or null for what is no code of ours. ELSEWHERE: it is for
 *  scenes that ask less, its holder has others. `kit`: what the server
 *  gave for this post; `now`: the server's time in ms; `used`: the digests that were seen here. */
export async function judged(text, kit, now, used) {
  const code = parsed(text);
  if (!code || !(await isSigned(code, kit.keys))) return null;
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", code.said)));
  const none = (verdict) => ({ verdict, digest, facts: [] });
  if (code.shownAt > now + AHEAD || now - code.shownAt > kit.codeSeconds * 1000) return none("EXPIRED");
  if (code.shownAt < code.since - AHEAD || code.shownAt >= code.until) return none("EXPIRED");
  if ((await Promise.all(kit.revoked.map((secret) => isOf(code, secret)))).includes(true)) return none("SUSPENDED");
  if (used.includes(digest)) return none("USED");
  const says = told(code, kit.division);
  if (kit.asks.some(({ name }) => !(name in says))) return none("ELSEWHERE");
  const facts = kit.asks.map(({ name, label }) => {
    const text = typeof says[name] === "string" ? says[name] : null;
    return { name, label, text, holds: text === null ? !!says[name] : null };
  });
  const held = kit.asks.every(({ name, demanded }) => !demanded || says[name]);
  return { verdict: held ? "ACCEPTED" : "NOT_ENTITLED", digest, facts };
}
