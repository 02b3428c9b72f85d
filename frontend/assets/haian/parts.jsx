// Small parts of every page: links, words for times, toasts, the network's banner, dialogs, reading aloud.
import { Suspense, lazy, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { Link, useLocation, useNavigate } from "react-router";
import { actFor, dismiss, forget, here, locale, noteAddress, reread, say, toast, useActing, useLive, useOnline, useOutbox, useToasts } from "./core.js";
import { ago, money, when } from "./words.js";

/** A link inside the client; a plain link until the page has started. A path is given without its language. */
export function Go({ to, children, className, label, current, ...rest }) {
  return (
    <Link to={to} className={className} aria-label={label} aria-current={current ? "page" : undefined} prefetch="intent" {...rest}>
      {children}
    </Link>
  );
}

let minute = 0;
const everyMinute = (listener) => {
  const timer = setInterval(listener, 30000);
  return () => clearInterval(timer);
};
const thisMinute = () => Math.floor(Date.now() / 60000);
/** The time now to the minute; 0 in the prerendered page, so that both begin alike. */
const useMinute = () => useSyncExternalStore(everyMinute, thisMinute, () => minute);

export function When({ value, end, words: style = "time", className }) {
  const now = useMinute() * 60000 || null;
  const language = locale();
  if (!value) return null;
  const said = style === "ago" ? (now ? ago(value, language, now) : when(value, { language })) : when(value, { end, style, language, now });
  return <time className={className} dateTime={value}>{said}</time>;
}
export function Money({ cents, className }) {
  return <span className={className}>{cents === 0 ? say("free") : money(cents ?? 0)}</span>;
}

const HYPHENED = /([A-Za-z0-9]+(?:-[A-Za-z0-9]+)+)/;
const LABEL = 20; // characters at most; what is longer has to break
/** A text with each label in it (B-101) in one piece: nothing else keeps a hyphen from ending a line. `inside` draws a piece. */
export const wholes = (text, inside = (piece) => piece) =>
  text.split(HYPHENED).map((piece, at) => piece && <span key={at} className={at % 2 && piece.length <= LABEL ? "whole" : undefined}>{inside(piece)}</span>);
export const Whole = ({ text = "" }) => wholes(text);

/** Marks the page as one with personal data: the websocket is opened when somebody is signed in. */
export function Live({ gone }) {
  useLive();
  useEffect(() => {
    if (gone) forget();
  }, [gone]);
  return null;
}

/** For whom this tab acts, on every page; one tap leads back to oneself. `covers`: whether this page can be done for another. */
export function ActingBar({ covers = false }) {
  const person = useActing();
  if (!person) return null;
  const leave = () => {
    actFor(null);
    location.assign(here("/me/delegate"));
  };
  return (
    <div className={"acting" + (covers ? "" : " acting-own")} role="status">
      <span>{say(covers ? "acting" : "actingOwn", { name: person.name })}</span>
      <button type="button" className="btn btn-white btn-small" onClick={leave}>{say("actingEnd")}</button>
    </div>
  );
}
/** One tap: from now on this tab acts for that person, and goes on where that can be done. */
export function ActFor({ person, name, to, children, className = "btn btn-main btn-small" }) {
  const begin = () => {
    actFor({ id: person, name });
    location.assign(here(to));
  };
  return <button type="button" className={className} onClick={begin}>{children}</button>;
}

/** Above a sheet that is open too: beside it, it would be neither seen nor read out. */
export function Toasts() {
  const toasts = useToasts();
  const sheet = toasts.length ? document.querySelector("dialog.sheet[open]") : null;
  const shown = (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((one) => (
        <div key={one.id} className={"toast " + one.tone}>
          <span>{one.message}</span>
          {one.action ? <button type="button" onClick={() => (one.action.run(), dismiss(one.id))}>{one.action.label}</button> : null}
        </div>
      ))}
    </div>
  );
  return sheet ? createPortal(shown, sheet) : shown;
}
const SAYS_IT = 6000;
/** Without a network: a sentence, then one word in a corner, which hides nothing from whoever goes on working. */
export function Network() {
  const online = useOnline();
  const kept = useOutbox();
  useAddress();
  const [said, setSaid] = useState(false);
  useEffect(() => {
    setSaid(false);
    if (online) return undefined;
    const timer = setTimeout(() => setSaid(true), SAYS_IT);
    return () => clearTimeout(timer);
  }, [online]);
  if (online && !kept.some((one) => Date.now() - one.at > 4000)) return null;
  const quiet = said && !kept.length;
  return (
    <div className={"network" + (quiet ? " network-quiet" : "")} role="status">
      <span className={quiet ? "sr" : undefined}>{kept.length ? say("kept", { count: kept.length }) : say("offlineBanner")}</span>
      {quiet ? <span aria-hidden="true">{say("offlineQuiet")}</span> : null}
    </div>
  );
}
// Routes change without a load: what reads the address is told, and the new page's heading gets the reader.
function useAddress() {
  const { pathname, search } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    noteAddress();
  }, [search, pathname]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [pathname]);
}

/** A sheet from below (a dialog on wide screens), opened by any button with `data-opens={id}`. */
export function Sheet({ id, title, children, onClose }) {
  const dialog = useRef(null);
  useEffect(() => {
    const open = (event) => {
      if (event.target.closest?.(`[data-opens="${id}"]`)) dialog.current.showModal();
      if (event.target.closest?.(`[data-closes="${id}"]`)) dialog.current.close();
    };
    document.addEventListener("click", open);
    return () => document.removeEventListener("click", open);
  }, [id]);
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={id + "-title"} onClose={() => onClose?.()} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div className="sheet-body">
        <header className="sheet-head">
          <h2 id={id + "-title"}>{title}</h2>
          <button type="button" className="icon-btn" data-closes={id} aria-label={say("close")}><span aria-hidden="true">✕</span></button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** Words that change quietly in the search field: what people look for. */
export function Hints({ words }) {
  const [index, setIndex] = useState(0);
  useEffect(() => {
    if (words.length < 2 || matchMedia("(prefers-reduced-motion: reduce)").matches) return undefined;
    const timer = setInterval(() => setIndex((now) => (now + 1) % words.length), 4000);
    return () => clearInterval(timer);
  }, [words.length]);
  return <span className="hint-word" key={index} aria-hidden="true">{words[index]}</span>;
}

/** Reads aloud what the page shows, in the page's language. */
export function ReadAloud({ label, stop, className = "btn btn-quiet" }) {
  const [reading, setReading] = useState(false);
  const [able, setAble] = useState(false);
  useEffect(() => {
    setAble("speechSynthesis" in window);
    return () => window.speechSynthesis?.cancel();
  }, []);
  const toggle = () => {
    speechSynthesis.cancel();
    if (reading) return setReading(false);
    const marked = [...document.querySelectorAll("main h1, main [data-aloud]")];
    const shown = marked.length > 1 ? marked : [document.querySelector("main")];
    const words = shown.map((one) => one.innerText.replaceAll("\n", "。")).join("。");
    const speech = new SpeechSynthesisUtterance(words);
    speech.lang = locale() === "en" ? "en" : "zh-CN";
    speech.rate = 0.9;
    speech.onend = () => setReading(false);
    speechSynthesis.speak(speech);
    return setReading(true);
  };
  return <button type="button" className={className} hidden={!able} aria-pressed={reading} onClick={toggle}>{reading ? stop : label}</button>;
}
/** A microphone that fills the nearest search field, where the browser can listen. */
export function Listen({ label, className = "mic" }) {
  const [on, setOn] = useState(false);
  const start = (event) => {
    const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
    const input = event.currentTarget.closest("form")?.querySelector("input");
    if (!Recognition) return toast(say("noVoice"));
    const listener = new Recognition();
    listener.lang = locale() === "en" ? "en-US" : "zh-CN";
    listener.onresult = (heard) => {
      input.value = heard.results[0][0].transcript;
      input.form.requestSubmit();
    };
    listener.onend = () => setOn(false);
    listener.onerror = () => toast(say("noVoice"));
    setOn(true);
    return listener.start();
  };
  return <button type="button" className={className} aria-label={label} aria-pressed={on} onClick={start}><svg viewBox="0 0 24 24" width="28" height="28" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><rect x="9" y="2" width="6" height="12" rx="3" /><path d="M5 10v1a7 7 0 0 0 14 0v-1M12 18v4M8 22h8" /></svg></button>;
}
export function Back({ label, to }) {
  const back = (event) => {
    if (history.state?.idx > 0) {
      event.preventDefault();
      history.back();
    }
  };
  return <a className="icon-btn back" href={here(to)} onClick={back} aria-label={label}><svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="m15 18-6-6 6-6" /></svg></a>;
}
/** Asks again for what this page reads. */
export function Again({ label, className }) {
  return <button type="button" className={className} onClick={() => reread()}>{label}</button>;
}
/** A form whose answer is a page of ours with an address: a plain GET, without a load once the page has started. */
export function Ask({ action, children, className, role, label }) {
  const navigate = useNavigate();
  const go = (event) => {
    event.preventDefault();
    const fields = [...new FormData(event.currentTarget)].filter(([, value]) => value !== "");
    navigate(action + "?" + new URLSearchParams(fields));
  };
  return <form action={action} method="get" className={className} role={role} aria-label={label} onSubmit={go}>{children}</form>;
}

const Question = lazy(() => import("./asks.jsx")); // nearly nobody is asked
/** The first of what is asked of this person; what was answered or ran out here is not asked again. */
export function Asks({ asks }) {
  const [gone, setGone] = useState([]);
  const open = asks?.find((ask) => !gone.includes(ask.scanId));
  const leave = useCallback(() => setGone((before) => [...before, open?.scanId]), [open?.scanId]);
  return open ? <Suspense fallback={null}><Question key={open.scanId} ask={open} onGone={leave} /></Suspense> : null;
}
