// What the scripts beside this one share: where the product is, who asks, and how a check is counted.
// ORIGIN, AUTHORIZATION, and documents by name in DOCUMENTS (JSON).
export const ORIGIN = process.env.ORIGIN;
export const HTTP = `${ORIGIN}/graphql`;
export const SOCKET = HTTP.replace(/^http/, "ws");
export const HEADERS = process.env.AUTHORIZATION ? { authorization: process.env.AUTHORIZATION } : {};
export const TRUSTED = JSON.parse(process.env.DOCUMENTS ?? "{}");
export const FINITE = "subscription { liveTicks(count: 3) }";
export const LONG = "subscription { liveTicks(count: 240) }";

const results = [];

export function same(found, expected, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what} ${a} instead of ${b}`);
}

export function holds(truth, what) {
  if (!truth) throw new Error(what);
}

export async function check(name, run) {
  const late = AbortSignal.timeout(60_000);
  const given_up = new Promise((_, reject) => late.addEventListener("abort", () => reject(new Error("60 s are over"))));
  try {
    await Promise.race([run(), given_up]);
    results.push({ name, ok: true });
  } catch (error) {
    results.push({ name, ok: false, why: String(error?.message ?? JSON.stringify(error)) });
  }
}

export function note(name, ok, why = "") {
  results.push({ name, ok, why });
}

// One line of JSON for the test that runs the script.
export function finish() {
  process.stdout.write(JSON.stringify(results) + "\n", () => process.exit(0));
}

export const ask = (body, headers = {}) => fetch(HTTP, {
  method: "POST", body: JSON.stringify(body),
  headers: { "content-type": "application/json", origin: ORIGIN, ...HEADERS, ...headers },
});
