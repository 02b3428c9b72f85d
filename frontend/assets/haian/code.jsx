// My code on the screen: renewed before it ends, not while nobody looks, and honest when there is no network.
import { useCallback, useEffect, useRef, useState } from "react";
import { askToSignIn, send, useOnline, useSignedIn } from "./core.js";
import { signal, wakeSound } from "./signal.js";

const AHEAD = 5; // seconds before its end at which a code is renewed
const FRAME = 3; // white modules around the code

/** Keeps the screen awake while the page is seen. */
function useAwake() {
  useEffect(() => {
    let lock = null;
    const hold = async () => {
      if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
      lock = await navigator.wakeLock.request("screen").catch(() => null);
    };
    hold();
    document.addEventListener("visibilitychange", hold);
    return () => {
      document.removeEventListener("visibilitychange", hold);
      lock?.release().catch(() => {});
    };
  }, []);
}

/** {code, left, error, renew}: the present code, the whole seconds that it is good, why there is none. */
function useCode(wanted) {
  const [code, setCode] = useState(null);
  const [error, setError] = useState(null);
  const [left, setLeft] = useState(0);
  const ends = useRef(0);
  const asking = useRef(false);
  const retry = useRef(0);
  const renew = useCallback(async () => {
    if (asking.current || document.visibilityState !== "visible") return;
    asking.current = true;
    const asked = performance.now();
    try {
      const issued = (await send("OnecodeIssue", {})).onecodeIssue;
      ends.current = asked + issued.seconds * 1000;
      setCode(issued);
      setError(null);
    } catch (raised) {
      if (raised.status === 401 || raised.code === "UNAUTHENTICATED") return askToSignIn();
      retry.current = performance.now() + 3000;
      setError(raised);
    } finally {
      asking.current = false;
    }
    return undefined;
  }, []);
  useEffect(() => {
    if (!wanted) return undefined;
    const tick = () => {
      const now = performance.now();
      const seconds = Math.max(0, Math.ceil((ends.current - now) / 1000));
      setLeft(seconds);
      if (seconds === 0) setCode(null);
      if (seconds <= AHEAD && now >= retry.current) renew();
    };
    tick();
    const timer = setInterval(tick, 500);
    document.addEventListener("visibilitychange", tick);
    addEventListener("online", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
      removeEventListener("online", tick);
    };
  }, [renew, wanted]);
  return { code, left, error, renew };
}

/** The card with the code. `latest` is the id of the newest scan, `verdict` what it came to: a new one is felt and heard. */
export function ShowCode({ name, latest, verdict, texts }) {
  const { code, left, error, renew } = useCode(useSignedIn());
  const online = useOnline();
  const [told, setTold] = useState(null);
  const before = useRef(undefined);
  useAwake();
  useEffect(() => {
    addEventListener("pointerdown", wakeSound);
    return () => removeEventListener("pointerdown", wakeSound);
  }, []);
  useEffect(() => {
    if (latest === null || latest === undefined) return undefined;
    const first = before.current === undefined;
    if (before.current === latest) return undefined;
    before.current = latest;
    if (first) return undefined;
    signal(verdict === "ACCEPTED");
    setTold(verdict);
    renew();
    const timer = setTimeout(() => setTold(null), 3500);
    return () => clearTimeout(timer);
  }, [latest, verdict, renew]);
  return (
    <div className="code-card">
      <p className="code-who">{name ? <b>{name}</b> : <span className="bone" />}</p>
      <div className="code-frame" aria-busy={!code && !error}>
        {code ? <Picture code={code} label={texts.picture} /> : error ? <Gone words={online ? error.message : texts.offline} again={texts.again} onAgain={renew} /> : <span className="bone code-bone" />}
        {told ? <Told good={told === "ACCEPTED"} words={told === "ACCEPTED" ? texts.accepted : texts.refused} /> : null}
      </div>
      {code ? <Short digits={code.short} label={texts.short} /> : <p className="code-short" aria-hidden="true"> </p>}
      <div className="code-left">{code ? <Left code={code} left={left} online={online} texts={texts} onNow={renew} /> : null}</div>
    </div>
  );
}

function Picture({ code, label }) {
  const side = code.size + 2 * FRAME;
  return (
    <svg className="code-picture" role="img" aria-label={label} viewBox={`${-FRAME} ${-FRAME} ${side} ${side}`} shapeRendering="crispEdges" data-code={code.text}>
      <path fill="#fff" d={`M${-FRAME} ${-FRAME}h${side}v${side}h-${side}z`} />
      <path fill="#000" d={code.path} />
    </svg>
  );
}
function Short({ digits, label }) {
  return <p className="code-short"><span className="sr">{label}</span><span className="num">{digits.slice(0, 4)} {digits.slice(4)}</span></p>;
}
function Left({ code, left, online, texts, onNow }) {
  const renewal = Math.max(0, left - AHEAD);
  return (
    <>
      <Ring left={online ? renewal : left} of={online ? code.seconds - AHEAD : code.seconds} />
      <span role="timer" aria-live="off">{online ? texts.renews.replace("{seconds}", renewal) : texts.offline_left.replace("{seconds}", left)}</span>
      <button type="button" className="link" onClick={onNow} hidden={!online}>{texts.now}</button>
    </>
  );
}
function Gone({ words, again, onAgain }) {
  return (
    <div className="code-gone" role="alert">
      <p>{words}</p>
      <button type="button" className="btn btn-soft" onClick={onAgain}>{again}</button>
    </div>
  );
}
function Told({ good, words }) {
  return (
    <div className={"code-told " + (good ? "yes" : "no")} role="status">
      <svg viewBox="0 0 24 24" width="72" height="72" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">{good ? <path d="m4 12.5 5.5 5.5L20 6.5" /> : <path d="M6 6l12 12M18 6 6 18" />}</svg>
      <b>{words}</b>
    </div>
  );
}
function Ring({ left, of }) {
  return (
    <svg className="code-ring" viewBox="0 0 24 24" width="22" height="22" fill="none" strokeWidth="3" aria-hidden="true">
      <circle className="code-ring-all" cx="12" cy="12" r="9" />
      <circle className="code-ring-left" cx="12" cy="12" r="9" pathLength={of} strokeDasharray={of} strokeDashoffset={of - left} transform="rotate(-90 12 12)" />
    </svg>
  );
}
