// Where an address may lead after sign-in: within our own site and nowhere else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { safePath } from "../../frontend/assets/haian/paths.js";

const ORIGIN = "https://haian.example.cn";
const ELSEWHERE = [
  "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
  "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n//evil.example", " /me", "javascript:alert(1)", "data:text/html,x",
  "/%09//evil.example\\", "me", "", null, undefined, 7, {}, ["/me"], "http:evil.example", "/\u00a0", "/.//evil.example", "/me/..//evil.example", "/%2e//evil.example", "/\\\\evil.example", "blob:x",
];

test("another site is never led to", () => {
  for (const path of ELSEWHERE) assert.equal(safePath(path, ORIGIN), null, JSON.stringify(path));
});
test("whatever is let through stays on our origin", () => {
  const signs = ["/", "\\", ".", "@", ":", "?", "#", "%2f", "%5c", "evil.example", "me", "\t", "\u2028", "//"];
  for (const one of signs)
    for (const two of signs)
      for (const three of signs) {
        const path = safePath("/" + one + two + three, ORIGIN);
        if (path !== null) assert.equal(new URL(path, ORIGIN).origin, ORIGIN, path);
      }
});
test("a path of ours keeps its query and its place", () => {
  for (const path of ["/", "/me", "/en/parking/book?offer=1&at=2%2F3", "/help#codes"]) assert.equal(safePath(path, ORIGIN), path);
  assert.equal(safePath("/a/../me", ORIGIN), "/me");
});
