// What happens while a page is open: graphql-transport-ws (enisdenjo/graphql-ws, PROTOCOL.md) to the gateway, one socket a
// page. A cut socket is opened again, and what was missed comes first: each subscription keeps the cursor of its last event.

const PAUSES = [1000, 2000, 5000, 10000, 30000];
const PING = 30000;
const ANSWER = 10000;
const MISTAKES = [4400, 4406, 4409, 4429]; // ours: trying again would only repeat them
const LATER = ["UNAVAILABLE", "LIVE_TOO_MANY", "LIVE_TOO_SLOW", "RATE_LIMITED"];

const follows = new Map();
let next = 0;
let socket = null;
let ready = false;
let failures = 0;
let timer = null;
let pulse = null;
let address = () => location.origin.replace(/^http/, "ws") + "/graphql";

/** For tests: another server. */
export function connectTo(url) {
  address = () => url;
}

/** Follow a subscription by its document's id: `told(event)` for each event, until the returned function is called. */
export function follow(documentId, variables, told) {
  const id = String(++next);
  follows.set(id, { documentId, variables, told, cursor: null });
  socket ? ready && subscribe(id) : open();
  return () => {
    follows.delete(id);
    if (ready) say({ id, type: "complete" });
    if (!follows.size) close();
  };
}

const say = (message) => socket?.readyState === 1 && socket.send(JSON.stringify(message));

function subscribe(id) {
  const { documentId, variables, cursor } = follows.get(id);
  say({ id, type: "subscribe", payload: { documentId, variables: cursor ? { ...variables, after: cursor } : variables } });
}

function open() {
  clearTimeout(timer);
  timer = null;
  const mine = new WebSocket(address(), "graphql-transport-ws");
  socket = mine;
  ready = false;
  mine.onopen = () => say({ type: "connection_init" });
  mine.onmessage = (event) => mine === socket && take(JSON.parse(event.data));
  mine.onclose = (event) => mine === socket && again(event.code);
}

function close() {
  clearTimeout(timer);
  clearTimeout(pulse);
  timer = null;
  const old = socket;
  socket = null;
  ready = false;
  old?.close(1000);
}

/** Sooner or later, and not all phones at the same moment: after a restart of the server they all come back. */
function again(code) {
  socket = null;
  ready = false;
  clearTimeout(pulse);
  if (!follows.size || MISTAKES.includes(code)) return;
  const pause = PAUSES[Math.min(failures++, PAUSES.length - 1)] * (0.5 + Math.random());
  timer = setTimeout(open, pause);
}

/** Come back now: the network, or the person, has; what failed without says nothing of what comes. */
function wake() {
  failures = 0;
  if (timer) open();
}

/** A phone in the lift notices only by asking that nobody answers. */
function beat() {
  clearTimeout(pulse);
  const mine = socket;
  pulse = setTimeout(() => {
    say({ type: "ping" });
    pulse = setTimeout(() => {
      if (mine !== socket) return;
      again(0);
      mine.close();
    }, ANSWER);
  }, PING);
}

function take(message) {
  beat();
  const one = follows.get(message.id);
  if (message.type === "connection_ack") {
    ready = true;
    [...follows.keys()].forEach(subscribe);
  } else if (message.type === "ping") {
    say({ type: "pong" });
  } else if (message.type === "next" && one) {
    failures = 0;
    const event = Object.values(message.payload.data ?? {})[0];
    if (!event) return;
    one.cursor = event.cursor ?? one.cursor;
    one.told(event);
  } else if (message.type === "error" && one) {
    refused(message.id, one, message.payload?.[0]?.extensions?.code);
  } else if (message.type === "complete") {
    follows.delete(message.id);
  }
}

function refused(id, one, code) {
  const retry = code === "INVALID_CURSOR" && one.cursor;
  if (retry) one.cursor = null;
  if (retry) subscribe(id);
  else if (!LATER.includes(code)) follows.delete(id);
  else setTimeout(() => follows.has(id) && ready && subscribe(id), PAUSES[2] * (0.5 + Math.random()));
}

if (typeof window !== "undefined") {
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
}
