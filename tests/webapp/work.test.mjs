// The work that a browser does for a code, against SHA-256 as Node has it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { beginningWith, solved } from "../../frontend/assets/haian/work.js";

const sha256 = (text) => createHash("sha256").update(text).digest();

test("the beginning of a hash is that of SHA-256, wherever a text is divided and however long it is", () => {
  for (let length = 0; length < 140; length += 1) {
    const text = "17.1234567890.AZaz09_-".repeat(7).slice(0, length);
    for (const at of [0, 1, Math.floor(length / 2), length]) {
      assert.equal(beginningWith(text.slice(0, at))(text.slice(at)), sha256(text).readUInt32BE(0), `${length} at ${at}`);
    }
  }
});

test("what is solved begins with so many zero bits", async () => {
  for (const bits of [1, 8, 13]) {
    const work = await solved(`${bits}.1234567890.aaaaaaaaaaaaaaaa.0123456789abcdef0123456789abcdef`);
    assert.equal(sha256(work).readUInt32BE(0) >>> (32 - bits), 0);
  }
});
