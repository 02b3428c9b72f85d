// What stays on this phone: stores of IndexedDB, and in one of them what is kept only for who is signed in.
import { currentPerson } from "./core.js";

function opened(name, kind) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(kind);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
/** A store: `(mode, work)` does `work` with it in one transaction. */
export const storeOf = (name, kind) => async (mode, work) => {
  const store = await opened(name, kind);
  try {
    return await new Promise((resolve, reject) => {
      const change = store.transaction(kind, mode);
      const asked = work(change.objectStore(kind));
      change.oncomplete = () => resolve(asked.result);
      change.onerror = change.onabort = () => reject(change.error);
    });
  } finally {
    store.close();
  }
};
const within = storeOf("haian.offline", "kept"); // goes when its person leaves (core.js)
/** What is kept under a name, and only for who is signed in. */
export async function kept(name) {
  const found = await within("readonly", (all) => all.get(name));
  return found && found.who && found.who === currentPerson() ? found : null;
}
/** Keep what is of `who`, as long as that is who is signed in: they may have left while it was on its way. */
export const keep = async (name, value, who) => who && who === currentPerson() && within("readwrite", (all) => all.put({ ...value, who }, name));
export const drop = (name) => within("readwrite", (all) => all.delete(name));
