// graphql-transport-ws: the stock client of graphql-ws, and what a client may do wrong, with the code that closes it.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { FINITE, HEADERS, LONG, ORIGIN, SOCKET, check, finish, holds, same } from "./requests.mjs";

const OURS = { headers: HEADERS, origin: ORIGIN };
class Socket extends WebSocket {
  constructor(url, protocols) { super(url, protocols, OURS); }
}
const QUERY = "{ __typename }";

async function withClient(run) {
  const client = createClient({ url: SOCKET, webSocketImpl: Socket, retryAttempts: 0 });
  try {
    await run(client);
  } finally {
    await client.dispose();
  }
}

async function all(client, query) {
  const found = [];
  for await (const result of client.iterate({ query })) found.push(result);
  return found;
}

const typename = async (client) => same(await all(client, QUERY), [{ data: { __typename: "Query" } }]);

await check("a subscription streams and completes", () => withClient(async (client) => {
  const found = await all(client, FINITE);
  same(found.length, 3);
  holds(found.every((result) => result.data.liveTicks && !result.errors), "an error");
}));
await check("a query goes over the socket", () => withClient(typename));
await check("an invalid document is an error and the socket lives on", () => withClient(async (client) => {
  const errors = await all(client, "subscription { nothing }").catch((error) => error);
  holds(Array.isArray(errors) && errors[0].extensions.code === "GRAPHQL_INVALID", JSON.stringify(errors));
  await typename(client);
}));
await check("a stream is left in the middle and the socket lives on", () => withClient(async (client) => {
  let seen = 0;
  for await (const _ of client.iterate({ query: LONG })) if (++seen === 2) break;
  await typename(client);
}));
await check("twenty streams share one socket", () => withClient(async (client) => {
  const found = await Promise.all(Array.from({ length: 20 }, () => all(client, FINITE)));
  same(found.map((results) => results.length), Array(20).fill(3));
}));

const INIT = { type: "connection_init" };
const subscribe = (id, query = LONG) => ({ id, type: "subscribe", payload: { query } });

// What came back and how it ended, when all of `messages` are sent at once (after the acknowledgement of the first).
function talk(messages, { protocol = "graphql-transport-ws", options = OURS, until = () => false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(SOCKET, protocol, options);
    const heard = [];
    const send = (each) => socket.send(typeof each === "string" ? each : JSON.stringify(each));
    const [first, ...rest] = messages;
    socket.on("open", () => first !== undefined && send(first));
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      heard.push(message.type);
      if (message.type === "connection_ack") rest.forEach(send);
      if (until(message)) socket.close(1000);
    });
    socket.on("close", (code) => resolve({ code, heard }));
    socket.on("unexpected-response", (_, response) => resolve({ code: response.statusCode, heard }));
    socket.on("error", reject);
  });
}

const MISSTEPS = {
  "a subscription before the start": [4401, [subscribe("1")]],
  "a second start": [4429, [INIT, INIT]],
  "an id that is taken": [4409, [INIT, subscribe("1"), subscribe("1")]],
  "a message of no known type": [4400, [INIT, { type: "nothing" }]],
  "a frame that is no JSON": [4400, ["nothing"]],
  "a payload of the wrong shape": [4400, [INIT, { id: "1", type: "subscribe", payload: { query: 42 } }]],
};
for (const [name, [code, messages]] of Object.entries(MISSTEPS)) {
  await check(`${name} closes with ${code}`, async () => same((await talk(messages)).code, code));
}
await check("another protocol closes with 4406", async () => {
  const { code } = await talk([], { protocol: "nothing" }).catch((error) => ({ code: error.message }));
  holds(code === 4406 || /subprotocol/i.test(code), String(code));
});
await check("a ping is answered", async () => {
  const { heard } = await talk([INIT, { type: "ping", payload: { a: 1 } }], { until: (message) => message.type === "pong" });
  holds(heard.includes("pong"), heard.join());
});
await check("a page of another site has no socket", async () => {
  const { code, heard } = await talk([INIT], { options: { origin: "https://evil.example" } });
  holds((code === 403 || code === 4403) && !heard.length, `${code} ${heard}`);
});
finish();
