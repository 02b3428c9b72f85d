// 当面同意: who has just read my code would see more. Over whatever page is open, for two minutes, three answers.
import { useEffect, useRef, useState } from "react";
import { say, send, toast } from "./core.js";
import { signal } from "./signal.js";

const REPLIES = [["ONCE", "btn btn-main"], ["STANDING", "btn btn-soft"], ["DENIED", "btn btn-quiet"]];
const WORDS = { ONCE: "askOnce", STANDING: "askStanding", DENIED: "askDeny" };
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** Whole seconds until the question is over, by the phone's own pace: its clock may be wrong. */
function useLeft(seconds) {
  const ends = useRef(performance.now() + seconds * 1000);
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((ends.current - performance.now()) / 1000))), 500);
    return () => clearInterval(timer);
  }, []);
  return left;
}

/** One question. Whatever is said, or unsaid for two minutes, it goes. */
export default function Question({ ask, onGone }) {
  const dialog = useRef(null);
  const title = useRef(null);
  const left = useLeft(ask.seconds);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current.showModal();
    title.current.focus(); // no answer is given by a key that was meant for something else
    signal(true);
  }, []);
  useEffect(() => {
    if (left === 0) onGone();
  }, [left, onGone]);
  const reply = async (said) => {
    setBusy(true);
    try {
      await send("OnecodeAnswer", { scan: ask.scanId, reply: said });
      toast(say(said === "DENIED" ? "askDenied" : "askGiven"), said === "DENIED" ? "" : "good");
      onGone();
    } catch (error) {
      toast(error.message, "bad");
      error.again ? setBusy(false) : onGone();
    }
  };
  return (
    <dialog ref={dialog} className="ask asks" aria-labelledby="asks-title" onCancel={(event) => event.preventDefault()}>
      <h2 ref={title} id="asks-title" tabIndex={-1}>{say("askTitle")}</h2>
      <p>{say("askWho", { place: [ask.organisation, ask.place].filter(Boolean).join(" "), scene: ask.scene.name })}</p>
      <ul className="asks-facts">{ask.asks.map((fact) => <li key={fact}>{fact}</li>)}</ul>
      {REPLIES.map(([said, className]) => (
        <button type="button" key={said} className={className} disabled={busy} onClick={() => reply(said)}>{say(WORDS[said])}</button>
      ))}
      <p className="muted" role="timer" aria-live="off">{say("askLeft", { left: clock(left) })}</p>
    </dialog>
  );
}
