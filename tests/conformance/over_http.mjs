// GraphQL over HTTP: every audit of graphql-http, SHOULD as strictly as MUST.
import { serverAudits } from "graphql-http";
import { HEADERS, HTTP, finish, note } from "./requests.mjs";

const asDeveloper = (url, init = {}) => {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return fetch(url, { ...init, headers });
};

for (const audit of serverAudits({ url: HTTP, fetchFn: asDeveloper })) {
  const result = await audit.fn();
  note(`${audit.id} ${audit.name}`, result.status === "ok", result.reason);
}
finish();
