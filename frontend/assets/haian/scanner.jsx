// The verifier's page: a camera that goes on reading, a verdict in the whole width, digits to type for a broken screen.
import { useCallback, useEffect, useRef, useState } from "react";
import { isCarried, sameOf } from "./carried.js";
import { send, useAway, useOnline, useSignedIn } from "./core.js";
import { DOCUMENTS } from "./generated.js";
import { wholes } from "./parts.jsx";
import { signal, wakeSound } from "./signal.js";
import { unsettled, useUnsettled } from "./unsettled.js";
import { clock } from "./words.js";

const OURS = /^(H1:[0-9A-HJKMNP-TV-Z]{26}|H2:[0-9A-Z $%*+\-./:]{270,308})$/;
const PAUSE = 120; // between two looks, in ms
const GONE = 3000; // a code that was out of sight for so long is shown anew
const WAITS = [400, 1200]; // before the same request is sent again
const WIDTH = 720;
let seen = { text: "", at: 0 }; // the last code before the camera, also when the network came back and the page was drawn anew
let looked = 0; // when a camera looked last: what a slow phone had no time to look at was not out of sight

/** Reads one frame: the browser's own detector where it has one, else jsQR, fetched when it is needed. */
async function reader() {
  const formats = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (formats?.includes("qr_code")) {
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { default: jsQR } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const width = Math.min(WIDTH, video.videoWidth);
    const height = Math.round((width * video.videoHeight) / video.videoWidth);
    Object.assign(canvas, { width, height });
    brush.drawImage(video, 0, 0, width, height);
    return jsQR(brush.getImageData(0, 0, width, height).data, width, height, { inversionAttempts: "dontInvert" })?.data ?? null;
  };
}

/** {on, failed, torch, start, light}: the camera on `video`, each reading told to `onText`. */
function useCamera(video, onText) {
  const [on, setOn] = useState(false);
  const [failed, setFailed] = useState(null);
  const [torch, setTorch] = useState(null); // null: this camera has none
  const stream = useRef(null);
  const heard = useRef(onText);
  heard.current = onText;
  useEffect(() => {
    if (!on) return undefined;
    let ended = false;
    let timer = 0;
    const look = async (read) => {
      if (ended) return;
      if (document.visibilityState === "visible" && video.current?.readyState >= 2) {
        const text = await read(video.current).catch(() => null);
        if (text && !ended) heard.current(text);
        looked = performance.now();
      }
      timer = setTimeout(look, PAUSE, read);
    };
    const open = async () => {
      try {
        const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
        const opened = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
        if (ended) return opened.getTracks().forEach((track) => track.stop());
        stream.current = opened;
        video.current.srcObject = opened;
        await video.current.play();
        looked = performance.now();
        if (opened.getVideoTracks()[0].getCapabilities?.().torch) setTorch(false);
        await look(await reader());
      } catch (raised) {
        if (!ended) {
          setFailed(raised?.name ?? "Error");
          setOn(false);
        }
      }
      return undefined;
    };
    open();
    return () => {
      ended = true;
      clearTimeout(timer);
      stream.current?.getTracks().forEach((track) => track.stop());
      stream.current = null;
    };
  }, [on]);
  useEffect(() => {
    navigator.permissions?.query({ name: "camera" }).then((asked) => asked.state === "granted" && setOn(true)).catch(() => {});
  }, []);
  const start = () => (setFailed(null), setOn(true));
  const light = async () => {
    await stream.current?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: !torch }] }).catch(() => {});
    setTorch(!torch);
  };
  return { on, failed, torch, start, light };
}

const KIT = 60000; // between two looks at what was stopped, in ms
/** Keeps what this post needs to read codes without the server; of another one at once. */
function useKit(post) {
  const online = useOnline();
  const known = useSignedIn();
  useEffect(() => {
    if (!online || !known) return undefined;
    const fetch = (now) => import("./offline.js").then((offline) => offline.equip(now)).catch(() => {});
    fetch(post);
    const timer = setInterval(fetch, KIT);
    return () => clearInterval(timer);
  }, [online, known, post]);
}
/** Judge a carried code here; it is settled when there is a network again, and a double use is told then. */
async function checkHere(code, error, texts) {
  const offline = await import("./offline.js");
  let here = null;
  try {
    here = isCarried(code) ? await offline.judge(code) : null;
  } catch (raised) {
    // A browser without Ed25519 judges none.
    if (raised.code === "ELSEWHERE") throw Object.assign(error, { message: texts.offline_other.replace("{scene}", raised.scene) });
  }
  if (here) return here;
  const held = await offline.equipped();
  throw isCarried(code) || !held?.kit.allowed ? error : Object.assign(error, { message: texts.online_only });
}

/** Sends a code with a nonce of its own; the same nonce again when the network swallowed the answer. */
async function check(code, nonce) {
  for (const wait of [...WAITS, null]) {
    try {
      return (await send("OnecodeScan", { code, nonce })).onecodeScan;
    } catch (raised) {
      if (!raised.again || raised.code === "RATE_LIMITED" || wait === null || !navigator.onLine) throw raised;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return null;
}

/** While the holder is asked for more: what becomes of it, as it happens. */
function useAnswer(result, told) {
  const heard = useRef(told);
  heard.current = told;
  const scan = result?.asking === "WAITING" && !result.undoneAt ? result.id : null;
  useEffect(() => {
    if (!scan) return undefined;
    let leave = null;
    let gone = false;
    import("./live.js").then(({ follow }) => {
      if (!gone) leave = follow(DOCUMENTS.OnecodeAsked.id, { scan }, (event) => heard.current(event));
    });
    return () => {
      gone = true;
      leave?.();
    };
  }, [scan]);
}

/** {busy, result, error, submit, again, clear} of one check after the other. */
function useChecks(onChecked, texts) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState({});
  const flying = useRef(null);
  const run = useCallback(async (sent) => {
    flying.current = sent;
    setBusy(true);
    try {
      const result = await check(sent.code, sent.nonce).catch((error) => {
        if (!error.again || error.code === "RATE_LIMITED") throw error;
        return checkHere(sent.code, error, texts);
      });
      signal(result.verdict === "ACCEPTED");
      setOutcome({ result });
      onChecked?.();
    } catch (error) {
      signal(false);
      setOutcome({ error });
    } finally {
      flying.current = null;
      setBusy(false);
    }
  }, [onChecked]);
  const last = useRef(null);
  const submit = (code) => {
    if (flying.current) return;
    last.current = { code, nonce: crypto.randomUUID() };
    run(last.current);
  };
  const again = () => last.current && !flying.current && run(last.current);
  useAnswer(outcome.result, (told) => {
    if (told.state !== "WAITING") signal(told.state === "GIVEN");
    setOutcome((before) => (before.result?.id === told.check.id ? { ...before, result: told.check } : before));
  });
  const undo = async (why) => {
    try {
      setOutcome({ result: (await send("OnecodeUndo", { scan: outcome.result.id, why })).onecodeUndo });
      onChecked?.();
    } catch (error) {
      setOutcome({ ...outcome, trouble: error.message });
    }
  };
  return { busy, ...outcome, submit, again, undo, clear: () => setOutcome({}) };
}

/** How many were read here and are not settled yet; when some are, the page counts anew. */
function Unsettled({ texts, onChecked }) {
  const count = useUnsettled();
  useEffect(() => {
    unsettled().catch(() => {});
  }, []);
  useEffect(() => {
    if (!onChecked) return undefined;
    const told = () => onChecked();
    addEventListener("haian:settled", told);
    return () => removeEventListener("haian:settled", told);
  }, [onChecked]);
  return count ? <p className="note note-wait" role="status">{texts.unsettled.replace("{count}", count)}</p> : null;
}

/** The button where whoever has no mouse goes on when what had the focus is gone. */
function useNextHere(when = true) {
  const button = useRef(null);
  useEffect(() => {
    if (when && document.activeElement === document.body) button.current?.focus({ preventScroll: true });
  }, [when]);
  return button;
}

/** The scanner at a `post` (what the server calls it). `onChecked` runs after each verdict, so that the page counts anew. */
export function Scanner({ post, texts, onChecked }) {
  const video = useRef(null);
  const [foreign, setForeign] = useState(false);
  const [typing, setTyping] = useState(false);
  const checks = useChecks(onChecked, texts);
  useKit(post);
  const camera = useCamera(video, (text) => {
    const same = seen.text === sameOf(text) && looked - seen.at < GONE;
    seen = { text: sameOf(text), at: performance.now() };
    setForeign(!OURS.test(text));
    if (!same && OURS.test(text)) checks.submit(text);
  });
  const shown = checks.result || checks.error;
  const begun = useRef(false);
  if (typing || shown) begun.current = true;
  const type = useNextHere(begun.current && !typing && !shown);
  return (
    <div className={"scanner" + (shown ? " scanner-judged" : "")}>
      <div className="camera">
        <video ref={video} playsInline muted hidden={!camera.on} />
        {camera.on ? <span className="camera-frame" aria-hidden="true" /> : <Closed camera={camera} texts={texts} />}
        {camera.on ? <p className="camera-words" role="status">{checks.busy ? texts.checking : foreign ? texts.foreign : texts.aim}</p> : null}
        {camera.on && camera.torch !== null ? <button type="button" className="camera-torch" aria-pressed={camera.torch} onClick={camera.light}>{texts.torch}</button> : null}
      </div>
      {shown ? <Verdict key={checks.result?.id} result={checks.result} error={checks.error} trouble={checks.trouble} texts={texts} onAgain={checks.again} onNext={checks.clear} onUndo={checks.undo} /> : null}
      {typing ? <Typed texts={texts} busy={checks.busy} onSubmit={(code) => (checks.submit(code), setTyping(false))} onClose={() => setTyping(false)} /> : null}
      {typing || shown ? null : <button ref={type} type="button" className="btn btn-quiet scanner-type" onClick={() => setTyping(true)}>{texts.type}</button>}
      <Unsettled texts={texts} onChecked={onChecked} />
    </div>
  );
}

function Closed({ camera, texts }) {
  const open = () => (wakeSound(), camera.start());
  const why = camera.failed && (camera.failed === "NotAllowedError" ? texts.denied : texts.no_camera);
  return (
    <div className="camera-closed">
      <p role={why ? "alert" : undefined}>{why || texts.start_words}</p>
      <button type="button" className="btn btn-main" onClick={open}>{texts.start}</button>
    </div>
  );
}

const mark = (good) => (
  <svg viewBox="0 0 24 24" width="64" height="64" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">{good ? <path d="m4 12.5 5.5 5.5L20 6.5" /> : <path d="M6 6l12 12M18 6 6 18" />}</svg>
);

/** Green or red over the whole width, with a word, and beneath it exactly what the scene asks. Where that demands nothing, a good
    code is no "let in" while something does not hold: who reads it decides. */
function Verdict({ result, error, trouble, texts, onAgain, onNext, onUndo }) {
  const [undoing, setUndoing] = useState(false);
  const next = useNextHere(!undoing);
  if (result?.undoneAt) return <Undone texts={texts} onNext={onNext} />;
  const good = result?.verdict === "ACCEPTED";
  const part = good && result.facts.some((fact) => fact.holds === false);
  const reason = error ? error.message : texts["why_" + (part ? "part" : result.verdict.toLowerCase())];
  return (
    <section className={"judged " + (good ? "yes" : error ? "unsure" : "no")} role="alert" aria-atomic="true">
      <div className="judged-word">{error ? null : mark(good)}<b>{error ? texts.unsure : part ? texts.part : good ? texts.yes : texts.no}</b></div>
      {result?.listAt ? <p className="judged-first">{texts.offline_judged.replace("{time}", clock(result.listAt))}</p> : null}
      {result?.presenter ? <p className="judged-why">{texts.presenter.replace("{name}", result.presenter)}</p> : null}
      {good && !part ? null : <p className="judged-why">{reason}</p>}
      {result?.firstAt ? <p className="judged-first">{texts.first.replace("{time}", clock(result.firstAt)).replace("{place}", result.firstPlace)}</p> : null}
      <dl className="judged-facts">{result?.facts.map((fact) => <Seen key={fact.name} fact={fact} texts={texts} />)}{result?.withheld.map((fact) => <Seen key={fact.label} fact={{ label: fact.label, text: texts["asking_" + result.asking?.toLowerCase()] ?? texts.withheld }} texts={texts} />)}</dl>
      {undoing ? <Undoing texts={texts} onUndo={onUndo} onClose={() => setUndoing(false)} /> : (
        <div className="judged-acts">
          {error ? <button type="button" className="btn btn-white" onClick={onAgain}>{texts.again}</button> : null}
          <button ref={next} type="button" className="btn btn-white" onClick={onNext}>{texts.next}</button>
        </div>
      )}
      {trouble ? <p className="judged-why">{trouble}</p> : null}
      {result?.undoUntil && !undoing ? <button type="button" className="judged-undo" onClick={() => setUndoing(true)}>{texts.undo}</button> : null}
    </section>
  );
}
/** Why a scan is taken back: one tap, with gloves on; "next" is not beside it. */
function Undoing({ texts, onUndo, onClose }) {
  const close = useNextHere();
  return (
    <div className="judged-undoing" role="group" aria-label={texts.undo_why}>
      <p className="judged-why">{texts.undo_why}</p>
      {["WRONG_PERSON", "NOT_ENTERING", "WRONG_SCENE"].map((why) => (
        <button type="button" key={why} className="btn btn-white" onClick={() => onUndo(why)}>{texts["undo_" + why.toLowerCase()]}</button>
      ))}
      <button ref={close} type="button" className="judged-undo" onClick={onClose}>{texts.cancel}</button>
    </div>
  );
}
function Undone({ texts, onNext }) {
  const next = useNextHere();
  return (
    <section className="judged unsure" role="alert" aria-atomic="true">
      <div className="judged-word"><b>{texts.undone}</b></div>
      <p className="judged-why">{texts.undone_words}</p>
      <div className="judged-acts"><button ref={next} type="button" className="btn btn-white" onClick={onNext}>{texts.next}</button></div>
    </section>
  );
}
function Seen({ fact, texts }) {
  const holds = fact.text === null;
  return (
    <div className={holds ? "seen seen-" + (fact.holds ? "yes" : "no") : "seen seen-text"}>
      <dt>{fact.label}</dt>
      <dd>{holds ? (fact.holds ? texts.holds : texts.holds_not) : wholes(fact.text)}</dd>
    </div>
  );
}

/** Eight digits, in a keyboard of digits. */
function Typed({ texts, busy, onSubmit, onClose }) {
  const [digits, setDigits] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (digits.length === 8) onSubmit(digits);
  };
  return (
    <form className="card form scanner-typed" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <label className="label" htmlFor="digits">{texts.type_label}</label>
      <input id="digits" className="input big" inputMode="numeric" autoComplete="off" autoFocus maxLength={9} placeholder="1234 5678" value={digits.replace(/(\d{4})(?=\d)/, "$1 ")} onChange={(event) => setDigits(event.target.value.replace(/\D/g, "").slice(0, 8))} />
      <div className="ask-row">
        <button type="button" className="btn btn-quiet" onClick={onClose}>{texts.cancel}</button>
        <button type="submit" className="btn btn-main" disabled={busy || digits.length !== 8}>{texts.check}</button>
      </div>
    </form>
  );
}

/** The gate's page where it was opened without a network: what is known of the post, and the scanner. Else it waits. */
export function OfflineDesk({ texts }) {
  const [held, setHeld] = useState(null);
  const away = useAway();
  useEffect(() => {
    import("./offline.js").then((offline) => offline.equipped()).then(setHeld).catch(() => {});
  }, [away]);
  if (!away || !held) return <div className="bones bones-block" role="status" aria-label={texts.checking}><span className="bone" /></div>;
  if (!held.kit.allowed) return <section className="card"><p>{texts.offline_not_here}</p></section>;
  return (
    <div className="gate">
      <header className="post"><div className="post-words"><b>{held.kit.organisation} {held.kit.place}</b><small>{texts.offline_desk}</small></div></header>
      <Scanner texts={texts} />
    </div>
  );
}
