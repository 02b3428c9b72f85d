// What a gate's phone keeps to read codes without the server, as its post changes.
import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";

const phone = (globalThis.phone = { kept: new Map(), asked: [] }); // each thing asked of the server waits for its answer
const STUBS = {
  "uqr": "export const encode = () => null;",
  "./core.js": `export const currentPerson = () => "guard";
    export const sendFor = () => new Promise((resolve) => phone.asked.push(resolve));`,
  "./device.js": `export const kept = async (name) => phone.kept.get(name);
    export const keep = async (name, value) => void phone.kept.set(name, value);
    export const drop = async (name) => void phone.kept.delete(name);`,
  "./unsettled.js": "export const putAside = () => {}; export const sealing = async () => {}; export const settle = async () => {};",
};
registerHooks({
  resolve: (name, context, next) =>
    name in STUBS ? { url: "data:text/javascript," + encodeURIComponent(STUBS[name]), shortCircuit: true } : next(name, context),
});
const { equip } = await import("../../frontend/assets/haian/offline.js");

const kit = (post) => ({ onecodeOfflineKit: { post, revoked: [], upto: 0, more: false, now: new Date().toISOString() } });
async function asking(count) {
  while (phone.asked.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("what was under way for the post before is not kept when it comes after the new one's", async () => {
  for (const before of ["east", undefined]) { // as the page opened, or as each minute
    Object.assign(phone, { kept: new Map(), asked: [] });
    const old = equip(before);
    await asking(1);
    const now = equip("west");
    await asking(2);
    phone.asked[1](kit("west"));
    await now;
    phone.asked[0](kit("east"));
    await old;
    assert.equal(phone.kept.get("kit").kit.post, "west");
  }
});

test("what is asked each minute is kept for the post that is served", async () => {
  Object.assign(phone, { kept: new Map(), asked: [] });
  const first = equip("west");
  await asking(1);
  phone.asked[0](kit("west"));
  await first;
  const later = equip();
  await asking(2);
  phone.asked[1](kit("west"));
  await later;
  assert.equal(phone.kept.get("kit").kit.post, "west");
});
