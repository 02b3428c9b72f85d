// graphql-ws on ws and graphql-js: one Redis subscription for the process, every socket's operation executed for itself.
const http = require("node:http");
const { WebSocketServer } = require("ws");
const { useServer } = require("graphql-ws/use/ws");
const { makeExecutableSchema } = require("@graphql-tools/schema");
const Redis = require("ioredis");

const listeners = new Set();
async function* changes() {
  const waiting = [];
  let wake;
  const listener = (event) => {
    waiting.push(event);
    wake?.();
  };
  listeners.add(listener);
  try {
    for (;;) {
      while (waiting.length) yield { messagesNewsChanges: waiting.shift() };
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    listeners.delete(listener);
  }
}

const typeDefs = `
  type Street { code: ID! name: String! }
  type News { id: ID! topic: String! title: String! publishedAt: String! demo: Boolean! street: Street }
  type NewsEvent { change: String! id: ID cursor: String news: News }
  type Query { ok: Boolean }
  type Subscription { messagesNewsChanges(street: ID, after: String): NewsEvent! }`;
const schema = makeExecutableSchema({ typeDefs, resolvers: { Subscription: { messagesNewsChanges: { subscribe: changes } } } });

const server = http.createServer((_, response) => response.end("ok"));
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
const redis = new Redis(process.env.PEER_REDIS);
redis.subscribe("bench");
redis.on("message", (_, text) => {
  const event = JSON.parse(text);
  for (const listener of listeners) listener(event);
});
server.listen(Number(process.env.PEER_PORT), "127.0.0.1", 4096);
