// 实名: a number of 18 places in the groups that a card has, and what a demo may be tried with.
import { useEffect, useRef, useState } from "react";
import { currentPerson, locale, send } from "./core.js";
import { useUnmasked } from "./unmask.js";

const tidy = (text) => text.toUpperCase().replace(/[^0-9X]/g, "").replace(/X(?=.)/g, "").slice(0, 18);
/** Place, birth date, order: 370211 19880512 0010. */
const grouped = (number) => [number.slice(0, 6), number.slice(6, 14), number.slice(14)].filter(Boolean).join(" ");
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** The check digit of GB 11643-1999: it finds a mistyped place before anybody is asked. */
const isRight = (number) => number.length === 18 && "10X98765432"[WEIGHTS.reduce((sum, weight, at) => sum + weight * number[at], 0) % 11] === number[17];

let typed = null; // {who, number}, in memory alone, so that whoever mistyped one place of their own number corrects that one
/** The number keyboard has no X, so a key of ours offers it at the last place. What is typed is in no draft; `own`: it is
 * there again when the form is opened again, which at a desk would show one person's number to the next. */
export function NumberField({ texts, name = "number", own = false }) {
  const [number, setNumber] = useState(own && typed?.who === currentPerson() ? typed.number : "");
  const input = useRef(null);
  useEffect(() => {
    if (own) typed = { who: currentPerson(), number };
  }, [number]);
  useEffect(() => {
    const filled = (event) => setNumber(tidy(event.detail));
    const element = input.current;
    element.addEventListener("haian:fill", filled);
    return () => element.removeEventListener("haian:fill", filled);
  }, []);
  const change = (next) => {
    setNumber(next);
    queueMicrotask(() => input.current.dispatchEvent(new Event("input", { bubbles: true })));
  };
  const type = (event) => {
    const { value, selectionStart: caret } = event.target;
    const before = tidy(value.slice(0, caret)).length;
    setNumber(tidy(value));
    // Where the caret was among the digits, whatever spaces came or went.
    requestAnimationFrame(() => {
      const at = before + (before > 6) + (before > 14);
      if (document.activeElement === input.current) input.current.setSelectionRange(at, at);
    });
  };
  const wrong = isRight(number) ? undefined : number.length && number.length < 18 ? texts.left.replace("{count}", 18 - number.length) : texts.wrong;
  return (
    <div className="number-field">
      <input ref={input} id={name} name={name} className="input big num" inputMode="numeric" autoComplete="off" spellCheck={false} required
        data-only="sent" data-bad={wrong} value={grouped(number)} onChange={type} />
      {number.length === 17 ? <button type="button" className="btn btn-soft btn-small" onClick={() => change(number + "X")}>{texts.x}</button> : null}
    </div>
  );
}

const whole = async () => Object.values(await send("IdentityShowNumber", {}))[0];
/** A masked number, and a tap that shows it whole for half a minute; see unmask.js. */
export function ShowNumber({ masked, texts }) {
  const { shown, left, busy, error, show } = useUnmasked(whole);
  return (
    <span className="shown-number">
      <span className="num">{shown ? grouped(shown) : masked}</span>
      {shown
        ? <small aria-live="polite">{texts.hide.replace("{seconds}", left)}</small>
        : <button type="button" className="btn btn-text btn-small" aria-busy={busy} disabled={busy} onClick={show}>{texts.show}</button>}
      {error ? <small className="note note-bad" role="alert">{error}</small> : null}
    </span>
  );
}

/** 演示: names and numbers to try, as a demo's server offers them; in production there are none. */
export function DemoNumbers({ words, of = "" }) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    let gone = false;
    fetch(`/demo/numbers?of=${of}`).then((answer) => (answer.ok ? answer.json() : [])).then((list) => gone || setFound(list)).catch(() => {});
    return () => {
      gone = true;
    };
  }, []);
  const fill = (sample) => {
    const name = document.getElementById("name");
    name.value = sample.name;
    name.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("number").dispatchEvent(new CustomEvent("haian:fill", { detail: sample.number }));
  };
  if (!found.length) return null;
  return (
    <section className="demo-accounts">
      <h2>{words}</h2>
      <div className="demo-list">
        {found.map((sample) => (
          <button type="button" key={sample.number} className="demo-account" onClick={() => fill(sample)}>
            <b>{locale() === "en" ? sample.en : sample.zh}</b>
            <small className="num">{sample.number.slice(-4)}</small>
          </button>
        ))}
      </div>
    </section>
  );
}
