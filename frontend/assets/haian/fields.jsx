// Fields that a keyboard does badly: a plate, a day, one of a few, a code.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Refused, ask, draft, forget, here, locale, returnPath, say, send, settleKept, signedIn, signedOut, toast } from "./core.js";
import { ActForm, useForm } from "./act.jsx";
import { PasskeyEntry, SecondFactor } from "./entry.jsx";
import { day } from "./words.js";

const PROVINCES = "鲁京津沪苏浙皖冀豫晋辽吉黑蒙陕甘宁青新川渝贵云藏桂粤琼闽赣鄂湘";
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS = "0123456789";
const ENDS = "学警港澳挂";
const LONGEST = 8; // a new-energy plate; an ordinary one has 7 (GA 36)

/** 号牌: the keyboard follows the place: province, letter, letters and digits; 7 or 8 characters. */
export function PlateField({ name, label, start = "鲁B", required = true }) {
  const [plate, setPlate] = useState(start);
  const [open, setOpen] = useState(false);
  const input = useRef(null);
  const { error } = useForm();
  useEffect(() => {
    const restore = (event) => setPlate(event.detail);
    const element = input.current;
    element.addEventListener("haian:restore", restore);
    return () => element.removeEventListener("haian:restore", restore);
  }, []);
  const change = (next) => {
    setPlate(next);
    queueMicrotask(() => input.current.dispatchEvent(new Event("input", { bubbles: true })));
  };
  const keys = plate.length === 0 ? PROVINCES : plate.length === 1 ? LETTERS : DIGITS + LETTERS + (plate.length >= 6 ? ENDS : "");
  const cells = [...plate.padEnd(LONGEST, " ")];
  const type = (event) => {
    const key = event.key.toUpperCase();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace") change(plate.slice(0, -1));
    else if (key.length === 1 && keys.includes(key) && plate.length < LONGEST) change(plate + key);
    else return;
    event.preventDefault();
  };
  const valid = /^[\u4e00-\u9fa5][A-Z][A-Z0-9]{4,5}[A-Z0-9学警港澳挂]$/.test(plate);
  return (
    <div className="plate" onKeyDown={type}>
      <input ref={input} id={name} name={name} value={plate} readOnly data-typed="" inputMode="none" data-bad={valid || (!required && !plate) ? undefined : say("plateShort")}
        className="sr" tabIndex={-1} aria-hidden="true" />
      <button type="button" data-for={name} className={"plate-cells" + (plate.length > 7 ? " green" : "")} aria-expanded={open} aria-label={`${label} ${plate}`} onClick={() => setOpen(!open)}>
        {cells.map((cell, index) => (
          <span key={index} className={"plate-cell" + (index === plate.length && open ? " at" : "") + (index === 7 ? " extra" : "")} aria-hidden="true">
            {cell.trim() || (index === 7 ? <small>{say("plateNew")}</small> : "")}
          </span>
        ))}
      </button>
      {open ? (
        <div className="keys" role="group" aria-label={say("plateKeys")}>
          {[...keys].map((key) => (
            <button type="button" key={key} className="key" disabled={plate.length >= LONGEST} onClick={() => (change(plate + key), plate.length + 1 === LONGEST && setOpen(false))}>{key}</button>
          ))}
          <button type="button" className="key wide" onClick={() => change(plate.slice(0, -1))} aria-label={say("erase")}>⌫</button>
          <button type="button" className="key wide good" onClick={() => setOpen(false)} disabled={!valid && !error}>{say("finished")}</button>
        </div>
      ) : null}
    </div>
  );
}

/** The next days as chips; the value is the day in Asia/Shanghai, YYYY-MM-DD. `counts` may say how many are left a day. */
export function DayChips({ name, days = 7, value, onPick, from = 0, outside }) {
  const [now, setNow] = useState(null);
  const [picked, setPicked] = useState(value ?? null);
  useEffect(() => setNow(Date.now()), []);
  useEffect(() => {
    if (value) setPicked(value);
  }, [value]);
  const dates = now ? Array.from({ length: days }, (_, index) => new Date(now + 8 * 3600e3 + (index + from) * 86400e3).toISOString().slice(0, 10)) : [];
  const chosen = picked ?? dates[0];
  return (
    <div className="chips days" role="radiogroup" aria-label={say("pickDay")}>
      {dates.map((date, index) => (
        <label key={date} className="chip">
          <input type="radio" name={name} value={date} form={outside} checked={date === chosen} onChange={() => (setPicked(date), onPick?.(date))} />
          <span>
            <b>{index + from < 2 ? day(date, locale(), now) : say("weekday" + new Date(date + "T00:00:00Z").getUTCDay())}</b>
            <small>{Number(date.slice(5, 7))}/{Number(date.slice(8))}</small>
          </span>
        </label>
      ))}
    </div>
  );
}

/** One of a few, side by side. Options: [{value, label}]. */
export function Segmented({ name, options, value, label, onPick }) {
  const [picked, setPicked] = useState(value ?? options[0]?.value);
  useEffect(() => {
    if (value != null) setPicked(value);
  }, [value]);
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className="segment">
          <input type="radio" name={name} value={option.value} checked={option.value === picked} onChange={() => (setPicked(option.value), onPick?.(option.value))} />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}

/** One of a list: what is suggested until one was chosen, however late it becomes known. */
export function Suggested({ name, suggested, children }) {
  const [chosen, setChosen] = useState(null);
  return (
    <select id={name} name={name} className="input" value={chosen ?? suggested} onChange={(event) => setChosen(event.target.value)}>
      {children}
    </select>
  );
}

const CODE_SENT = "code-sent";
const CODE_LASTS = 5 * 60e3;

/** Sign-in: the number, then the code, on one page; the way back is a path of our own. */
export function SignIn({ texts }) {
  const [phone, setPhone] = useState("");
  const [sent, setSent] = useState(false);
  const [left, setLeft] = useState(0);
  const [ways, setWays] = useState(null); // the code was right, and a second factor is wanted
  const accounts = useDemo("/demo/accounts", true) ?? [];
  const code = useDemo("/demo/sms?phone=" + phone, sent && accounts.length > 0, left === 60)?.code;
  useEffect(() => {
    if (new URLSearchParams(location.search).has("ended")) forget();
    // Back from the messages, where the code came: a phone may have loaded the page anew.
    const earlier = draft.get(CODE_SENT);
    if (!earlier || Date.now() - earlier.at > CODE_LASTS) return;
    setPhone(earlier.phone);
    setSent(true);
    setLeft(Math.max(0, earlier.seconds - Math.floor((Date.now() - earlier.at) / 1000)));
  }, []);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const asked = (seconds) => {
    const wait = Number(seconds) || 60;
    setSent(true);
    setLeft(wait);
    draft.set(CODE_SENT, { phone: phone || document.getElementById("phone")?.value, at: Date.now(), seconds: wait });
    setTimeout(() => document.getElementById("code")?.focus(), 50);
  };
  const change = () => {
    draft.set(CODE_SENT, null);
    setSent(false);
  };
  const entered = async (citizen) => {
    draft.set(CODE_SENT, null);
    if (citizen?.ways) return setWays(citizen.ways);
    signedIn(citizen?.id ?? null);
    // Who has not agreed to the terms in force reads them first; where that cannot be asked now, the first tap asks.
    const terms = await ask("ConsentTerms", {}, true).catch(() => null);
    const agreed = !terms || terms.consentTerms.acceptedAt;
    return location.assign(agreed ? returnPath() : here("/terms") + "?next=" + encodeURIComponent(returnPath()));
  };
  const again = () => {
    setWays(null);
    setSent(false);
  };
  const choose = (account) => {
    setPhone(account.phone);
    const input = document.getElementById("phone");
    input.value = account.phone;
    input.form.requestSubmit();
  };
  if (ways) return <SecondFactor ways={ways} texts={texts} device={device()} onDone={entered} onBack={again} />;
  if (!sent) {
    return (
      <>
        <ActForm doc="IdentityRequestCode" name="sign-in" beside="phone" signIn={false} onDone={asked} label={texts.title}>
          <PhoneField texts={texts} value={phone} onChange={setPhone} />
          <Submit>{texts.send}</Submit>
        </ActForm>
        <PasskeyEntry label={texts.passkey} className="btn btn-text wide" device={device()} onDone={entered} />
        {accounts.length ? <DemoAccounts accounts={accounts} texts={texts} onChoose={choose} /> : null}
      </>
    );
  }
  return (
    <ActForm doc="IdentitySignIn" vars={{ phone, device: device() }} beside="code" signIn={false} onDone={entered} label={texts.title}>
      <p className="sent">{texts.sent} <b>{phone.replace(/(\d{3})(\d{4})(\d{4})/, "$1 $2 $3")}</b> <button type="button" className="link" onClick={change}>{texts.change}</button></p>
      {code ? <p className="note note-wait">{texts.demo} <b className="num">{code}</b></p> : null}
      <CodeField texts={texts} />
      <Submit>{texts.enter}</Submit>
      <Resend phone={phone} left={left} texts={texts} onSent={asked} />
    </ActForm>
  );
}
/** What only a demo answers (404 in production, which is no error): its accounts, the code it would have sent. */
function useDemo(path, when, again) {
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    if (!when) return undefined;
    let gone = false;
    fetch(path).then((response) => (response.ok ? response.json() : null)).then((found) => gone || setAnswer(found)).catch(() => {});
    return () => {
      gone = true;
    };
  }, [path, when, again]);
  return answer;
}
/** In the demo, the code that was sent to `phone`, or to the number that is shown as `masked`. */
export function SentCode({ masked, phone, words, again }) {
  const accounts = useDemo("/demo/accounts", !!masked) ?? [];
  const number = phone || accounts.find((account) => account.phone.slice(0, 3) + "****" + account.phone.slice(-4) === masked)?.phone;
  const code = useDemo("/demo/sms?phone=" + number, !!number, again)?.code;
  return code ? <p className="note note-wait">{words} <b className="num">{code}</b></p> : null;
}
function DemoAccounts({ accounts, texts, onChoose }) {
  return (
    <section className="demo-accounts">
      <h2>{texts.accounts}</h2>
      <div className="demo-list">
        {accounts.map((account) => (
          <button type="button" key={account.phone} className="demo-account" onClick={() => onChoose(account)}>
            <b>{account.name}</b>
            <small>{locale() === "en" ? account.en : account.zh}</small>
          </button>
        ))}
      </div>
    </section>
  );
}
/** A name for this device in the list of devices: Android, iPhone, Windows … */
function device() {
  return (/iPhone|iPad|Android|HarmonyOS|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? "").replace("Macintosh", "Mac");
}
function Submit({ children }) {
  const { pending, queued } = useForm();
  return <button type="submit" className="btn btn-main" aria-busy={pending} disabled={pending || queued}>{pending ? <span className="spin" aria-hidden="true" /> : null}{children}</button>;
}
function Beside({ name }) {
  const { error } = useForm();
  return error?.field === name ? <p className="note note-bad" role="alert">{error.message}</p> : null;
}
function PhoneField({ texts, value, onChange }) {
  // As it lies in an address book: +86 138 0000 0001.
  const tidy = (event) => {
    const digits = event.target.value.replace(/\D/g, "").replace(/^(00)?86(?=1)/, "").slice(0, 11);
    if (event.target.value !== digits) event.target.value = digits;
    onChange(digits);
  };
  return (
    <div className="field">
      <label className="label" htmlFor="phone">{texts.phone}</label>
      <input id="phone" name="phone" className="input big" type="tel" inputMode="numeric" autoComplete="tel-national" required pattern="1[3-9][0-9]{9}" data-type="digits"
        data-wrong={texts.phoneWrong} placeholder={texts.phoneHint} defaultValue={value} onInput={tidy} />
      <Beside name="phone" />
    </div>
  );
}
function CodeField({ texts }) {
  const { error } = useForm();
  const input = useRef(null);
  // What is typed next takes the place of the code that was wrong, from the moment that it is said to be.
  useLayoutEffect(() => {
    if (error?.field === "code") (input.current.focus(), input.current.select());
  }, [error]);
  const submitWhenFull = (event) => {
    event.target.value = event.target.value.replace(/\D/g, "").slice(0, 6);
    if (event.target.value.length === 6) event.target.form.requestSubmit();
  };
  return (
    <div className="field">
      <label className="label" htmlFor="code">{texts.code}</label>
      <input ref={input} id="code" name="code" className="input code" type="text" inputMode="numeric" autoComplete="one-time-code" required pattern="[0-9]{6}" maxLength={6} data-wrong={texts.codeWrong} onInput={submitWhenFull} />
      <Beside name="code" />
    </div>
  );
}
function Resend({ phone, left, texts, onSent }) {
  const [error, setError] = useState(null);
  const again = async () => {
    setError(null);
    try {
      onSent(Object.values(await send("IdentityRequestCode", { phone }))[0]);
    } catch (raised) {
      setError(raised instanceof Refused ? raised.message : say("broken"));
    }
  };
  return (
    <>
      <button type="button" className="btn btn-text" disabled={left > 0} onClick={again}>{left > 0 ? texts.wait.replace("{seconds}", left) : texts.again}</button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
    </>
  );
}
/** Ends this device's session, forgets what the browser kept, and starts afresh. What was read without a network is settled
 * first; what cannot be now stays here for who read it, who is told how much that is. */
export function SignOut({ label, className = "btn btn-quiet", done = "/" }) {
  const [busy, setBusy] = useState(false);
  const [left, setLeft] = useState(0);
  const dialog = useRef(null);
  const leave = async () => {
    try {
      await send("IdentitySignOut", {});
    } catch (raised) {
      if (raised.status !== 401) return setBusy(false), toast(raised.message, "bad");
    }
    signedOut();
    return location.assign(done);
  };
  const start = async () => {
    setBusy(true);
    const waits = await settleKept().catch(() => 0);
    if (!waits) return leave();
    setBusy(false);
    setLeft(waits);
    return dialog.current.showModal();
  };
  return (
    <>
      <button type="button" className={className} aria-busy={busy} disabled={busy} onClick={start}>{label}</button>
      <dialog ref={dialog} className="ask" aria-label={label} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
        <form method="dialog">
          <p>{say("unsettled", { count: left })}</p>
          <div className="ask-row">
            <button className="btn btn-quiet">{say("no")}</button>
            <button className="btn btn-bad" onClick={() => (setBusy(true), leave())}>{label}</button>
          </div>
        </form>
      </dialog>
    </>
  );
}
