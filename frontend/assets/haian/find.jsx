// Looking for something: the address says what, so that a page can be shared, reloaded and gone back to; and the inbox's rows.
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { here, noteAddress, send, useParameter } from "./core.js";
import { wholes } from "./parts.jsx";

const LONGEST = 50;
const PAUSE = 250;

/** Change parameters of this page's address; nothing is loaded, what reads the address asks anew. Empty ones go. */
function address(changes) {
  const search = new URLSearchParams(location.search);
  Object.entries(changes).forEach(([name, value]) => (value ? search.set(name, value) : search.delete(name)));
  const query = search.toString();
  history.replaceState(history.state, "", location.pathname + (query ? "?" + query : ""));
  noteAddress();
}

/** A search field that finds while one types, and is a plain form until the page has started. */
export function SearchBox({ placeholder, label, children }) {
  const input = useRef(null);
  const timer = useRef(null);
  const asked = useParameter("q");
  useEffect(() => {
    if (document.activeElement !== input.current) input.current.value = asked;
  }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const look = () => {
    clearTimeout(timer.current);
    address({ q: input.current.value.trim().slice(0, LONGEST), kind: "" });
  };
  const soon = (event) => {
    clearTimeout(timer.current);
    if (!event.nativeEvent.isComposing) timer.current = setTimeout(look, PAUSE);
  };
  const submit = (event) => {
    event.preventDefault();
    look();
    input.current.blur();
  };
  return (
    <form className="search" role="search" method="get" action={here("/search")} onSubmit={submit}>
      <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><circle cx="11" cy="11" r="7" /><path d="m20 20-3.5-3.5" /></svg>
      <input ref={input} name="q" type="search" enterKeyHint="search" autoComplete="off" autoCapitalize="off" spellCheck="false" maxLength={LONGEST} placeholder={placeholder} aria-label={label} onInput={soon} onCompositionEnd={soon} />
      {children}
      <button type="submit">{label}</button>
    </form>
  );
}

/** A list whose choice is a parameter of the address. */
export function AddressSelect({ name, label, first, options }) {
  const chosen = useParameter(name);
  return (
    <select className="input" aria-label={label} value={chosen} onChange={(event) => address({ [name]: event.target.value, n: "" })}>
      <option value="">{first}</option>
      {options.map((one) => <option key={one.code} value={one.code}>{one.name}</option>)}
    </select>
  );
}

/** A button that sets parameters of the address: "more" of a list. */
export function AddressButton({ changes, children, className = "btn btn-soft" }) {
  return <button type="button" className={className} onClick={() => address(changes)}>{children}</button>;
}

/** A text with the words that were looked for in it marked. */
export function Marked({ text = "", words = "" }) {
  const parts = words.trim().split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const looked = new RegExp(`(${parts.join("|")})`, "i");
  const marked = (piece) => piece.split(looked).map((each, i) => (i % 2 ? <mark key={i}>{each}</mark> : each));
  return wholes(text, parts.length ? marked : undefined);
}

/** A message: read when it is tapped, on its way to where it leads. Unread again if the server did not hear of it. */
export function Message({ id, to, unread, label, children }) {
  const [tapped, setTapped] = useState(false);
  const open = () => {
    if (!unread || tapped) return;
    setTapped(true);
    send("MessagesMarkRead", { id }).catch(() => setTapped(false));
  };
  const fresh = unread && !tapped;
  return (
    <Link to={to} className={"row message" + (fresh ? " message-new" : "")} onClick={open}>
      {children}
      {fresh ? <span className="message-dot" role="img" aria-label={label} /> : null}
    </Link>
  );
}
