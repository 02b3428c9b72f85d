// Codes for where there is no network, against what Python signed and read: the server's key is that of test_words.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compressed, display, fromBase45, fromBase64, judged, toBase45, toBase64, whole } from "../../frontend/assets/haian/carried.js";

const given = JSON.parse(process.env.CARRIED);
const NOW = given.shown * 1000;
const kit = {
  keys: given.keys, codeSeconds: 30, division: "370211", revoked: [],
  asks: [{ name: "name", label: "姓名", demanded: false }, { name: "resident", label: "本社区居民", demanded: true }],
};

test("base45 is that of RFC 9285", () => {
  const bytes = (text) => new TextEncoder().encode(text);
  for (const [said, text] of [["AB", "BB8"], ["Hello!!", "%69 VD92EX0"], ["base-45", "UJCLQE7W581"]]) {
    assert.equal(toBase45(bytes(said)), text);
    assert.deepEqual(fromBase45(text), bytes(said));
  }
  for (const wrong of ["GGW", "A", "::", "a"]) assert.equal(fromBase45(wrong), null);
});

test("a point has the y that was left out", async () => {
  for (let i = 0; i < 8; i += 1) {
    const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
    assert.deepEqual(whole(compressed(point)), point);
  }
});

test("what Python showed is read, with exactly the facts that are asked", async () => {
  const found = await judged(given.text, kit, NOW + 29000, []);
  assert.equal(found.verdict, "ACCEPTED");
  assert.equal(found.digest, given.digest);
  assert.deepEqual(found.facts, [
    { name: "name", label: "姓名", text: "王*燕", holds: null }, { name: "resident", label: "本社区居民", text: null, holds: true },
  ]);
});

test("stale, early, used, stopped, of elsewhere, forged: none passes", async () => {
  const verdict = async (changes = {}, now = NOW, used = [], text = given.text) => (await judged(text, { ...kit, ...changes }, now, used))?.verdict ?? null;
  assert.equal(await verdict({}, NOW + 31000), "EXPIRED");
  assert.equal(await verdict({}, NOW - 11000), "EXPIRED");
  assert.equal(await verdict({}, NOW, [given.digest]), "USED");
  assert.equal(await verdict({ revoked: ["78".repeat(16), "73".repeat(16)] }), "SUSPENDED");
  assert.equal(await verdict({ revoked: ["78".repeat(16)] }), "ACCEPTED");
  assert.equal(await verdict({ asks: [...kit.asks, { name: "senior", label: "65", demanded: false }] }), "ELSEWHERE");
  assert.equal(await verdict({ division: "370212" }), "NOT_ENTITLED");
  assert.equal(await verdict({ keys: [] }), null);
  const bytes = fromBase45(given.text.slice(3));
  for (let at = 0; at < bytes.length; at += 7) {
    const forged = bytes.slice();
    forged[at] ^= 1;
    assert.equal(await verdict({}, NOW, [], "H2:" + toBase45(forged)), null, `byte ${at}`);
  }
  assert.equal(await verdict({}, NOW, [], "weixin://pay"), null);
});

test("what a device shows here, Python reads", async () => {
  const { privateKey } = { privateKey: await crypto.subtle.importKey("pkcs8", fromBase64(given.device), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]) };
  console.log("SHOWN " + (await display(fromBase64(given.signed), given.shown + 7, privateKey)));
  assert.equal(toBase64(fromBase64(given.signed)), given.signed.replace(/=+$/, ""));
});
