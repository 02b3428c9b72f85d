// The verifier's page: a camera that goes on reading, a verdict in the whole width, digits to type for a broken screen.
import { useCallback, useEffect, useRef, useState } from "react";
import { send } from "./core.js";
import { signal, wakeSound } from "./signal.js";
import { clock } from "./words.js";

const OURS = /^H1:[0-9A-HJKMNP-TV-Z]{26}$/;
const PAUSE = 120; // between two looks, in ms
const GONE = 3000; // a code that was out of sight for so long is shown anew
const WAITS = [400, 1200]; // before the same request is sent again
const WIDTH = 720;

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

/** Sends a code with a nonce of its own; the same nonce again when the network swallowed the answer. */
async function check(code, nonce) {
  for (const wait of [...WAITS, null]) {
    try {
      return (await send("OnecodeScan", { code, nonce })).onecodeScan;
    } catch (raised) {
      if (!raised.again || raised.code === "RATE_LIMITED" || wait === null) throw raised;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return null;
}

/** {busy, result, error, submit, again, clear} of one check after the other. */
function useChecks(onChecked) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState({});
  const flying = useRef(null);
  const run = useCallback(async (sent) => {
    flying.current = sent;
    setBusy(true);
    try {
      const result = await check(sent.code, sent.nonce);
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
  return { busy, ...outcome, submit, again, clear: () => setOutcome({}) };
}

/** The scanner. `onChecked` runs after each verdict, so that the page counts anew. */
export function Scanner({ texts, onChecked }) {
  const video = useRef(null);
  const seen = useRef({ text: "", at: 0 });
  const [foreign, setForeign] = useState(false);
  const [typing, setTyping] = useState(false);
  const checks = useChecks(onChecked);
  const camera = useCamera(video, (text) => {
    const same = seen.current.text === text && performance.now() - seen.current.at < GONE;
    seen.current = { text, at: performance.now() };
    setForeign(!OURS.test(text));
    if (!same && OURS.test(text)) checks.submit(text);
  });
  const shown = checks.result || checks.error;
  return (
    <div className={"scanner" + (shown ? " scanner-judged" : "")}>
      <div className="camera">
        <video ref={video} playsInline muted hidden={!camera.on} />
        {camera.on ? <span className="camera-frame" aria-hidden="true" /> : <Closed camera={camera} texts={texts} />}
        {camera.on ? <p className="camera-words" role="status">{checks.busy ? texts.checking : foreign ? texts.foreign : texts.aim}</p> : null}
        {camera.on && camera.torch !== null ? <button type="button" className="camera-torch" aria-pressed={camera.torch} onClick={camera.light}>{texts.torch}</button> : null}
      </div>
      {shown ? <Verdict result={checks.result} error={checks.error} texts={texts} onAgain={checks.again} onNext={checks.clear} /> : null}
      {typing ? <Typed texts={texts} busy={checks.busy} onSubmit={(code) => (checks.submit(code), setTyping(false))} onClose={() => setTyping(false)} /> : null}
      {typing || shown ? null : <button type="button" className="btn btn-quiet scanner-type" onClick={() => setTyping(true)}>{texts.type}</button>}
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

/** Green or red over the whole width, with a word, and beneath it exactly what the scene asks. */
function Verdict({ result, error, texts, onAgain, onNext }) {
  const good = result?.verdict === "ACCEPTED";
  const reason = error ? error.message : texts["why_" + result.verdict.toLowerCase()];
  return (
    <section className={"judged " + (good ? "yes" : error ? "unsure" : "no")} role="alert" aria-atomic="true">
      <div className="judged-word">{error ? null : mark(good)}<b>{error ? texts.unsure : good ? texts.yes : texts.no}</b></div>
      {good ? null : <p className="judged-why">{reason}</p>}
      {result?.firstAt ? <p className="judged-first">{texts.first.replace("{time}", clock(result.firstAt)).replace("{place}", result.firstPlace)}</p> : null}
      <dl className="judged-facts">{result?.facts.map((fact) => <Seen key={fact.name} fact={fact} texts={texts} />)}</dl>
      <div className="judged-acts">
        {error ? <button type="button" className="btn btn-white" onClick={onAgain}>{texts.again}</button> : null}
        <button type="button" className="btn btn-white" onClick={onNext}>{texts.next}</button>
      </div>
    </section>
  );
}
function Seen({ fact, texts }) {
  const holds = fact.text === null;
  return (
    <div className={holds ? "seen seen-" + (fact.holds ? "yes" : "no") : "seen seen-text"}>
      <dt>{fact.label}</dt>
      <dd>{holds ? (fact.holds ? texts.holds : texts.holds_not) : fact.text}</dd>
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
    <form className="card form scanner-typed" onSubmit={submit}>
      <label className="label" htmlFor="digits">{texts.type_label}</label>
      <input id="digits" className="input big" inputMode="numeric" autoComplete="off" autoFocus maxLength={9} placeholder="1234 5678" value={digits.replace(/(\d{4})(?=\d)/, "$1 ")} onChange={(event) => setDigits(event.target.value.replace(/\D/g, "").slice(0, 8))} />
      <div className="ask-row">
        <button type="button" className="btn btn-quiet" onClick={onClose}>{texts.cancel}</button>
        <button type="submit" className="btn btn-main" disabled={busy || digits.length !== 8}>{texts.check}</button>
      </div>
    </form>
  );
}
