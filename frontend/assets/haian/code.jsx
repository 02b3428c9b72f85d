// My code on the screen: renewed before it ends, not while nobody looks, and honest when there is no network.
import { useCallback, useEffect, useRef, useState } from "react";
import { askToSignIn, sendFor, useAway, useOnline, useSignedIn } from "./core.js";
import { signal, wakeSound } from "./signal.js";

const AHEAD = 5; // seconds before its end at which a code is renewed
const FRAME = 3; // white modules around the code

/** Keeps the screen awake while the page is seen. */
export function useAwake() {
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

const FOR_GOOD = ["ONECODE_SUSPENDED", "ONECODE_VISIT_UNKNOWN", "ACTING_NOT_COVERED", "TERMS_NEEDED"]; // asking again would only repeat it

/** {code, left, error, renew}: the code that `ask` last gave, the whole seconds that it is good, why there is none. Another
 * `ask` begins anew. */
export function useCode(wanted, ask) {
  const [code, setCode] = useState(null);
  const [error, setError] = useState(null);
  const [left, setLeft] = useState(0);
  const ends = useRef(0);
  const asking = useRef(null);
  const retry = useRef(0);
  const renew = useCallback(async () => {
    if (asking.current === ask || document.visibilityState !== "visible") return;
    asking.current = ask;
    const asked = performance.now();
    try {
      const issued = await ask();
      if (asking.current !== ask) return; // another was chosen meanwhile
      ends.current = issued ? asked + issued.seconds * 1000 : 0;
      retry.current = issued ? 0 : performance.now() + 20000;
      setCode(issued);
      setError(null);
    } catch (raised) {
      if (raised.status === 401 || raised.code === "UNAUTHENTICATED") return askToSignIn();
      if (asking.current !== ask) return;
      retry.current = FOR_GOOD.includes(raised.code) ? Infinity : performance.now() + 3000;
      setError(raised);
    } finally {
      if (asking.current === ask) asking.current = null;
    }
  }, [ask]);
  useEffect(() => {
    ends.current = 0;
    retry.current = 0;
    setCode(null);
    setError(null);
  }, [ask]);
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

/** Fetches, once a code was shown, what lets one be shown where there is no network, mine and of these `people`; what was suspended
 * is dropped, `whom`'s or mine. `stopped`: when codes that were carried were stopped last, also from another phone. */
function useCarried(shown, error, stopped, people, whom) {
  useEffect(() => {
    if (!shown) return undefined;
    const fetch = () => import("./offline.js").then((carried) => carried.replenishAll(Date.parse(stopped) || 0, people)).catch(() => {});
    const timer = setTimeout(fetch, 1500);
    return () => clearTimeout(timer);
  }, [shown, stopped, JSON.stringify(people)]);
  const suspended = error?.code === "ONECODE_SUSPENDED";
  useEffect(() => {
    if (suspended) import("./offline.js").then((carried) => carried.dropCodes(whom)).catch(() => {});
  }, [suspended, whom]);
}
/** Whose code there is to choose from; on a page that was opened without a network those of whom this phone carries some. */
function usePeople(given) {
  const away = useAway();
  const [carried, setCarried] = useState([]);
  useEffect(() => {
    if (away) import("./offline.js").then((held) => held.carriedPeople()).then(setCarried).catch(() => {});
  }, [away]);
  return !away || given.length ? given : carried;
}

/** Where my code is stopped: what this phone carries would pass nowhere, also when the code is in use again. */
export function Stopped() {
  useEffect(() => {
    import("./offline.js").then((carried) => carried.dropCodes()).catch(() => {});
  }, []);
  return null;
}

/** The card with the code. `latest` is the id of the newest scan, `verdict` what it came to: a new one is felt and heard. */
export function ShowCode({ name, people: given = [], latest, verdict, stopped, texts }) {
  const people = usePeople(given);
  const [chosen, setChosen] = useState(null);
  const whose = people.find((one) => one.id === chosen) ?? null;
  const whom = whose?.id ?? null;
  const ask = useCallback(() => sendFor(whom, "OnecodeIssue", {}).then((data) => data.onecodeIssue), [whom]);
  const { code, left, error, renew } = useCode(useSignedIn(), ask);
  const online = useOnline();
  const [wanted, setWanted] = useState(false); // an offline code though there is a network: the gate may have none
  const [told, setTold] = useState(null);
  useCarried(!!code && !whom, error, stopped, given, whom);
  const offline = wanted || (!code && (!online || error?.again));
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
      {people.length ? <Whose people={people} whose={whose} texts={texts} onChoose={setChosen} /> : null}
      <p className="code-who">{whose ? <b>{whose.name}</b> : name ? <b>{name}</b> : <span className="bone" />}</p>
      {offline ? <Carried key={whom} whom={whom} texts={texts} words={online ? error?.message : texts.offline} onAgain={() => (setWanted(false), renew())} /> : null}
      <div className="code-frame" aria-busy={!code && !error} hidden={offline}>
        {code ? <Picture code={code} label={texts.picture} /> : error ? <Gone words={online ? error.message : texts.offline} again={texts.again} onAgain={renew} /> : <span className="bone code-bone" />}
        {told ? <Told good={told === "ACCEPTED"} words={told === "ACCEPTED" ? texts.accepted : texts.refused} /> : null}
      </div>
      {offline ? null : <>
        {code ? <Short digits={code.short} label={texts.short} /> : <p className="code-short" aria-hidden="true"> </p>}
        <div className="code-left">{code ? <Left code={code} left={left} online={online} texts={texts} onNow={renew} /> : null}</div>
        {code ? <button type="button" className="link code-other" onClick={() => setWanted(true)}>{texts.gate_offline}</button> : null}
      </>}
    </div>
  );
}

const SIGNED_ANEW = 8000; // ms: a picture of it is stale half a minute after it was signed
/** A code that this phone carries, mine or `whom`'s, signed anew while it is seen; where none is left, why there is no code. */
function Carried({ whom, texts, words, onAgain }) {
  const [shown, setShown] = useState(undefined);
  const [kind, setKind] = useState(0);
  const draw = useCallback(async (next = false) => {
    try {
      const { picture, replenish } = await import("./offline.js");
      const found = await picture(kind, next, whom);
      if (!found && navigator.onLine) await replenish(0, whom);
      setShown(found ?? (await picture(kind, false, whom)));
    } catch {
      setShown(null);
    }
  }, [kind, whom]);
  useEffect(() => {
    draw();
    const timer = setInterval(() => draw(), SIGNED_ANEW);
    return () => clearInterval(timer);
  }, [draw]);
  if (shown === null) return <div className="code-frame"><Gone words={words ?? texts.carried_none} again={texts.again} onAgain={onAgain} /></div>;
  return (
    <>
      {shown?.labels.length > 1 ? (
        <div className="code-picks" role="group" aria-label={texts.carried_for}>
          {shown.labels.map((label, at) => <button key={label} type="button" className={"code-pick" + (at === kind ? " on" : "")} aria-pressed={at === kind} onClick={() => setKind(at)}>{label}</button>)}
        </div>
      ) : null}
      <div className="code-frame" aria-busy={!shown}>{shown ? <Picture code={shown} label={texts.picture} /> : <span className="bone code-bone" />}</div>
      <p className="code-carried" role="status"><b>{texts.carried}</b> {texts.carried_words}</p>
      <div className="code-left">
        <span>{shown ? texts.carried_left.replace("{left}", shown.left) : null}</span>
        <button type="button" className="link" onClick={() => draw(true)}>{texts.now}</button>
        <button type="button" className="link" onClick={onAgain}>{texts.carried_back}</button>
      </div>
    </>
  );
}

/** Whose code is shown: mine, or in one tap a child's or whoever's I may show. */
function Whose({ people, whose, texts, onChoose }) {
  const one = (id, words, kind) => (
    <button key={id ?? "me"} type="button" className={"code-pick" + ((whose?.id ?? null) === id ? " on" : "")} aria-pressed={(whose?.id ?? null) === id} onClick={() => onChoose(id)}>
      {words}{kind ? <small>{kind}</small> : null}
    </button>
  );
  return (
    <div className="code-picks" role="group" aria-label={texts.whose}>
      {one(null, texts.mine)}
      {people.map(({ id, name, guardian }) => one(id, name, guardian ? texts.child : texts.mandate))}
    </div>
  );
}
/** The path of modules that come five a sign, row by row; one unit each. */
function painted({ modules, size }) {
  const bits = Array.from(modules, (sign) => parseInt(sign, 32).toString(2).padStart(5, "0")).join("");
  let path = "";
  for (let y = 0; y < size; y++)
    for (const { 0: run, index } of bits.slice(y * size, (y + 1) * size).matchAll(/1+/g)) path += `M${index} ${y}h${run.length}v1h-${run.length}z`;
  return path;
}

export function Picture({ code, label }) {
  const side = code.size + 2 * FRAME;
  return (
    <svg className="code-picture" role="img" aria-label={label} viewBox={`${-FRAME} ${-FRAME} ${side} ${side}`} shapeRendering="crispEdges" data-code={code.text}>
      <path fill="#fff" d={`M${-FRAME} ${-FRAME}h${side}v${side}h-${side}z`} />
      <path fill="#000" d={code.path ?? painted(code)} />
    </svg>
  );
}
export function Short({ digits, label }) {
  return <p className="code-short"><span className="sr">{label}</span><span className="num">{digits.slice(0, 4)} {digits.slice(4)}</span></p>;
}
export function Left({ code, left, online, texts, onNow }) {
  const renewal = Math.max(0, left - AHEAD);
  return (
    <>
      <Ring left={online ? renewal : left} of={online ? code.seconds - AHEAD : code.seconds} />
      <span role="timer" aria-live="off">{online ? texts.renews.replace("{seconds}", renewal) : texts.offline_left.replace("{seconds}", left)}</span>
      <button type="button" className="link" onClick={onNow} hidden={!online}>{texts.now}</button>
    </>
  );
}
export function Gone({ words, again, onAgain }) {
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
