// The second step of signing in on a new device: a passkey, a recovery code, or a staff desk.
import { useEffect, useState } from "react";
import { say, send } from "./core.js";
import { ActForm, ActSubmit, Field } from "./act.jsx";

/** Whether this browser has passkeys at this address; null until it is known. */
function usePasskeys() {
  const [able, setAble] = useState(null);
  useEffect(() => {
    import("./factors.js").then((factors) => setAble(factors.canPasskey())).catch(() => setAble(false));
  }, []);
  return able;
}

/** Sign in by whichever passkey this device has. */
export function PasskeyEntry({ label, className, device, onDone }) {
  const able = usePasskeys();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const enter = async () => {
    setBusy(true);
    setError("");
    try {
      const { showPasskey } = await import("./factors.js");
      const { factorsSignInOptions } = await send("FactorsSignInOptions", {});
      onDone({ id: (await send("FactorsSignIn", { answer: await showPasskey(factorsSignInOptions), device })).factorsSignIn });
    } catch (raised) {
      setError(raised.message || say("broken"));
      setBusy(false);
    }
  };
  if (!able) return null;
  return (
    <>
      <button type="button" className={className} aria-busy={busy} disabled={busy} onClick={enter}>{label}</button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
    </>
  );
}

const HELP = "haian.help";

/** `ways`: what the citizen has; the desk is there for everybody. */
export function SecondFactor({ ways, texts, device, onDone, onBack }) {
  // What was said to the family counts a day later: until then this browser keeps it.
  const [number, keep] = useState(() => localStorage.getItem(HELP) || "");
  const setNumber = (said) => {
    localStorage.setItem(HELP, said);
    keep(said);
  };
  const done = (id) => {
    localStorage.removeItem(HELP);
    onDone({ id });
  };
  return (
    <div className="form">
      <h2>{texts.held}</h2>
      <p className="muted">{texts.heldWords}</p>
      {ways.includes("PASSKEY") ? <PasskeyEntry label={texts.usePasskey} className="btn btn-main" device={device} onDone={onDone} /> : null}
      {ways.includes("RECOVERY_CODE") ? (
        <ActForm doc="FactorsComplete" beside="recovery" signIn={false} onDone={done} label={texts.recovery}>
          <Field label={texts.recovery} name="code" hint={texts.recoveryHint}>
            <input id="code" name="code" className="input num" autoComplete="off" autoCapitalize="characters" spellCheck={false} required maxLength={40} />
          </Field>
          <ActSubmit className={number || ways.includes("PASSKEY") ? "btn btn-soft" : "btn btn-main"}>{texts.useCode}</ActSubmit>
        </ActForm>
      ) : null}
      {number ? (
        <section className="help-number">
          <p>{texts.helpWords}</p>
          <p className="big num">{number.slice(0, 4)} {number.slice(4)}</p>
          <ActForm doc="FactorsHelped" vars={{ number }} signIn={false} onDone={done} label={texts.helped}>
            <ActSubmit>{texts.helped}</ActSubmit>
          </ActForm>
          <ActForm doc="FactorsAskHelp" signIn={false} onDone={setNumber} label={texts.helpAnew}>
            <ActSubmit className="btn btn-text">{texts.helpAnew}</ActSubmit>
          </ActForm>
        </section>
      ) : (
        <ActForm doc="FactorsAskHelp" signIn={false} onDone={setNumber} label={texts.askHelp}>
          <ActSubmit className={ways.length ? "btn btn-text" : "btn btn-main"}>{texts.askHelp}</ActSubmit>
        </ActForm>
      )}
      <button type="button" className="btn btn-quiet" onClick={onBack}>{texts.change}</button>
    </div>
  );
}
