// Work for a code when many are asked for: a number whose SHA-256 with the server's challenge begins with zero bits. In turns
// of a few milliseconds, so that the page stays alive; WebCrypto would wait for each of them.
const K = new Uint32Array(64);
const START = new Uint32Array(8);
for (let found = 0, candidate = 2; found < 64; candidate += 1) {
  let prime = true;
  for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) prime = false;
  if (!prime) continue;
  K[found] = (Math.cbrt(candidate) % 1) * 2 ** 32;
  if (found < 8) START[found] = (Math.sqrt(candidate) % 1) * 2 ** 32;
  found += 1;
}
const W = new Int32Array(64);

/** The state after one more block of 16 words (SHA-256, FIPS 180-4). */
function after(state, words, at, next) {
  for (let i = 0; i < 16; i += 1) W[i] = words[at + i];
  for (let i = 16; i < 64; i += 1) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + (((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3)) + (((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10));
  }
  let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0, e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0;
  for (let i = 0; i < 64; i += 1) {
    const t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
  }
  next[0] = state[0] + a; next[1] = state[1] + b; next[2] = state[2] + c; next[3] = state[3] + d;
  next[4] = state[4] + e; next[5] = state[5] + f; next[6] = state[6] + g; next[7] = state[7] + h;
  return next;
}
const fill = (words, text) => {
  for (let i = 0; i < text.length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  return words;
};
/** For a beginning of ASCII text: the first 32 bits of the SHA-256 of it and what follows. Its whole blocks are done once. */
export function beginningWith(start) {
  const whole = start.length & ~63;
  const words = fill(new Int32Array(whole >> 2), start.slice(0, whole));
  let state = START;
  for (let at = 0; at < words.length; at += 16) state = after(state, words, at, new Uint32Array(8));
  const rest = start.slice(whole);
  const end = new Uint32Array(8);
  return (more) => {
    const text = rest + more;
    const last = fill(new Int32Array((((text.length + 8) >> 6) + 1) << 4), text);
    last[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    last[last.length - 1] = (whole + text.length) * 8;
    after(state, last, 0, end);
    for (let at = 16; at < last.length; at += 16) after(end.slice(), last, at, end);
    return end[0];
  };
}
const TURN = 12; // milliseconds
const breath = () => new Promise((go) => setTimeout(go, 0));

/** `challenge:number` for a challenge `bits.until.nonce.mac`. */
export async function solved(challenge) {
  const zeros = 32 - Number(challenge.split(".")[0]);
  const hash = beginningWith(challenge + ":");
  for (let number = 0, until = performance.now() + TURN; ; number += 1) {
    if (hash(String(number)) >>> zeros === 0) return challenge + ":" + number;
    if (number % 256 === 0 && performance.now() > until) {
      await breath();
      until = performance.now() + TURN;
    }
  }
}
