// GraphQL over Server-Sent Events: the stock client of graphql-sse, with a connection for each operation and with one for all.
import { createClient } from "graphql-sse";
import { FINITE, HEADERS, HTTP, LONG, ORIGIN, check, finish, holds, same } from "./requests.mjs";

async function all(client, query) {
  const found = [];
  for await (const result of client.iterate({ query })) found.push(result);
  return found;
}

for (const singleConnection of [false, true]) {
  const mode = singleConnection ? "one connection" : "a connection each";
  const client = createClient({ url: HTTP, headers: { origin: ORIGIN, ...HEADERS }, singleConnection, retryAttempts: 0 });
  const typename = async () => same(await all(client, "{ __typename }"), [{ data: { __typename: "Query" } }]);
  await check(`${mode}: a subscription streams and completes`, async () => {
    const found = await all(client, FINITE);
    same(found.length, 3);
    holds(found.every((result) => result.data.liveTicks && !result.errors), JSON.stringify(found));
  });
  await check(`${mode}: a query is answered`, typename);
  await check(`${mode}: a stream is left in the middle`, async () => {
    let seen = 0;
    for await (const _ of client.iterate({ query: LONG })) if (++seen === 2) break;
    await typename();
  });
  await check(`${mode}: an invalid document is reported`, async () => {
    const found = await all(client, "subscription { nothing }").catch((error) => error);
    holds(Array.isArray(found) ? found[0].errors?.[0].extensions.code === "GRAPHQL_INVALID" : /400/.test(found.message),
      String(found?.message ?? JSON.stringify(found)));
  });
  await check(`${mode}: a later part comes later`, async () => {
    const found = await all(client, '{ __typename ... @defer(label: "l") { identityStreets { name } } }');
    same([found.length, found[0].data, found.at(-1).hasNext], [2, { __typename: "Query" }, false]);
    holds(found[1].incremental[0].data.identityStreets.length > 0, JSON.stringify(found[1]));
  });
  await check(`${mode}: twenty operations at once`, async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => all(client, FINITE)));
    same(found.map((results) => results.length), Array(20).fill(3));
  });
  client.dispose();
}
finish();
