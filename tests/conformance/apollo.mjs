// Apollo Client 4: trusted documents by hash, its automatic persisted queries, multipart subscriptions, `@defer` in both forms.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { print } from "@apollo/client/utilities";
import { HEADERS, HTTP, ORIGIN, TRUSTED, check, finish, holds, same } from "./requests.mjs";

const sent = [];
const seen = (url, init) => {
  sent.push(init.method === "GET" ? Object.fromEntries(new URL(url).searchParams) : JSON.parse(init.body));
  return fetch(url, init);
};

// The id of a trusted document by its name, as a client takes it from the manifest (the text that Apollo sends has __typename
// everywhere); else the hash of the text.
const generateHash = (query) => TRUSTED[query.definitions[0].name.value]
  ?? createHash("sha256").update(print(query)).digest("hex");

function client({ headers = HEADERS, incrementalHandler, persisted } = {}) {
  const http = new HttpLink({ uri: HTTP, headers: { origin: ORIGIN, ...headers }, fetch: seen });
  const link = persisted ? ApolloLink.from([new PersistedQueryLink({ generateHash, ...persisted }), http]) : http;
  return new ApolloClient({ link, incrementalHandler, cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: "no-cache" } } });
}

const until = (observable, enough) => new Promise((resolve, reject) => {
  const found = [];
  const done = () => { subscription.unsubscribe(); resolve(found); };
  const subscription = observable.subscribe({
    next: (value) => { found.push(value); if (enough(value)) queueMicrotask(done); }, error: reject, complete: () => resolve(found),
  });
});

for (const Handler of [Defer20220824Handler, GraphQL17Alpha9Handler]) {
  const name = Handler.name;
  await check(`${name}: a deferred fragment comes later and completes the answer`, async () => {
    const query = gql`query Later { messagesUnread ... @defer(label: "streets") { identityStreets { code name } } }`;
    const found = await until(client({ incrementalHandler: new Handler() }).watchQuery({ query, fetchPolicy: "no-cache" }),
      (value) => value.dataState === "complete");
    const states = found.map((value) => value.dataState).filter((state) => state !== "empty");
    same(states, ["streaming", "complete"]);
    same(found.filter((value) => value.dataState === "streaming").at(-1).data, { messagesUnread: 0 });
    holds(found.at(-1).data.identityStreets.length > 0, "no streets");
  });
  await check(`${name}: what fails later is an error beside what came first`, async () => {
    const query = gql`query Refused { messagesUnread ... @defer { parkingDeskSpaces { edges { node { id } } } } }`;
    const found = await until(client({ incrementalHandler: new Handler() }).watchQuery({ query, fetchPolicy: "no-cache",
      errorPolicy: "all" }), (value) => value.error);
    same([found.at(-1).error.errors[0].extensions.code, found.at(-1).data.messagesUnread], ["FORBIDDEN", 0]);
  });
}
await check("items of a list come one after another", async () => {
  const query = gql`query Items { identityStreets @stream(initialCount: 2) { code } }`;
  const found = await until(client({ incrementalHandler: new GraphQL17Alpha9Handler() }).watchQuery({ query,
    fetchPolicy: "no-cache" }), (value) => value.data?.identityStreets.length > 2);
  const counts = found.filter((value) => value.data).map((value) => value.data.identityStreets.length);
  holds(counts[0] === 2 && counts.at(-1) > 2, counts.join());
});
await check("a subscription over multipart streams and completes", async () => {
  const found = await until(client().subscribe({ query: gql`subscription { liveTicks(count: 3) }` }), () => false);
  same(found.map((value) => typeof value.data?.liveTicks), ["string", "string", "string"]);
});
await check("a subscription that may not be opened is an error", async () => {
  const found = await until(client({ headers: {} }).subscribe({ query: gql`subscription { liveTicks(count: 3) }` }), () => true)
    .catch((error) => [{ error }]);
  same(found[0].error.errors[0].extensions.code, "DOCUMENT_REQUIRED");
});
await check("a trusted document is asked for by its hash alone", async () => {
  sent.length = 0;
  const query = gql`query IdentityStreets { identityStreets { code name } }`;
  const { data } = await client({ headers: {}, persisted: {} }).query({ query });
  holds(data.identityStreets.length > 0, "no streets");
  same(sent.map((body) => "query" in body), [false]);
});
await check("a developer's query is registered by the handshake, then asked for by its hash, by GET too", async () => {
  const query = gql`query Registered { __typename }`;
  sent.length = 0;
  for (const useGETForHashedQueries of [false, true]) {
    const { data } = await client({ persisted: { useGETForHashedQueries } }).query({ query });
    same(data, { __typename: "Query" });
  }
  same(sent.map((body) => "query" in body), [false, true, false]);
});
await check("anybody else's query ends as DOCUMENT_REQUIRED, and trusted ones still go by hash", async () => {
  sent.length = 0;
  const other = client({ headers: {}, persisted: {} });
  const error = await other.query({ query: gql`query Unknown { __typename }` }).catch((reason) => reason);
  same(error.errors?.[0].extensions.code, "DOCUMENT_REQUIRED");
  await other.query({ query: gql`query IdentityStreets { identityStreets { code name } }` });
  same(sent.map((body) => "query" in body), [false, true, false]);
});
finish();
