const OURS = /^\/(?![/\\])[^\s\\]*$/;
/** Only a path of our own, whatever an address says: what follows sign-in must not lead to another site. Else null. Its dots
 * are gone before it is looked at: "/.//evil.example" is our path, and what is left of it another site. */
export function safePath(path, origin = location.origin) {
  if (typeof path !== "string" || !OURS.test(path)) return null;
  const url = new URL(path, origin);
  const found = url.pathname + url.search + url.hash;
  return url.origin === origin && OURS.test(found) ? found : null;
}
