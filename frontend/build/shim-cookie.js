// Reflex keeps values in cookies for rx.Cookie, which this client never uses: its one cookie is HttpOnly and the server's.
export default class Cookies {
  get() {
    return undefined;
  }
  getAll() {
    return {};
  }
  set() {}
  remove() {}
}
