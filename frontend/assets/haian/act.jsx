// A tap that changes something: pressed at once, kept until answered, sent once.
import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Refused, askToSignIn, draft, here, later, reread, safePath, say, send, toast, waiting } from "./core.js";

const FormContext = createContext({ error: null, pending: false });
export const useForm = () => useContext(FormContext);
// A field with data-only="kept" is part of the draft alone; with data-only="sent" it is sent and follows from others.

/** The first field of the answer: a result, or a refusal when its type is not among those that are wanted. */
function judge(data, ok) {
  const result = Object.values(data ?? {})[0];
  const type = result?.__typename;
  if (ok && type && !ok.split("|").includes(type)) {
    throw new Refused(result.code ?? type, result.message ?? say("refused"), { field: result.field ?? null, data: result });
  }
  return result;
}

/** By key: the button whose tap it is now. Who leaves while it is under way and comes back finds one that adopted it. */
const owners = new Map();

/** pending | queued | idle, and a `go` that cannot be doubled. One key per opened form; a new one after each answer. */
function useAct({ doc, ok, beside, onDone, onRefused, next, full, after, done, drop, signIn = true }) {
  const [state, setState] = useState("idle");
  const [error, setError] = useState(null);
  const key = useRef(null);
  const busy = useRef(false);
  const alive = useRef(true);
  const begun = useRef("");
  const navigate = useNavigate();

  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);

  const settle = useCallback(
    (data) => {
      const result = judge(data, ok);
      drop?.();
      if (after) reread(...after.split(" ").filter(Boolean));
      const mine = owners.get(key.current.value) === key;
      if (mine) owners.delete(key.current.value);
      if (!alive.current && !(mine && location.href === begun.current)) {
        toast(done || say("delivered"), "good"); // the person has gone elsewhere: do not pull them back
        return result;
      }
      onDone?.(result);
      if (done) toast(done, "good");
      const path = next && safePath(here(next.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(result?.[name] ?? ""))));
      if (path && full) location.assign(path);
      else if (path) navigate(path);
      return result;
    },
    [doc, ok, onDone, next, full, after, done],
  );
  const refuse = useCallback(
    (raised) => {
      if (!alive.current) return toast(raised.message, "bad");
      if ((raised.status === 401 || raised.code === "UNAUTHENTICATED") && signIn) return askToSignIn();
      setError({ code: raised.code, message: raised.message, field: raised.field ?? beside ?? null });
      onRefused?.({ code: raised.code, message: raised.message, result: raised.data ?? null });
      return undefined;
    },
    [onRefused, signIn, beside],
  );
  const follow = useCallback(
    async (promise) => {
      try {
        settle(await promise);
        setState("idle");
        key.current = null;
      } catch (raised) {
        if (raised.again && key.current && waiting(doc, key.current.match)) {
          setState("queued");
          follow(later(key.current.value));
          return;
        }
        setState("idle");
        key.current = null;
        refuse(raised);
      } finally {
        busy.current = false;
      }
    },
    [settle, refuse, doc],
  );
  const go = useCallback(
    (variables) => {
      if (busy.current || state === "queued") return;
      busy.current = true;
      begun.current = location.href;
      setError(null);
      setState("pending");
      const match = JSON.stringify(variables);
      if (key.current?.match !== match) key.current = { value: waiting(doc, match)?.key ?? crypto.randomUUID(), match };
      owners.set(key.current.value, key);
      follow(send(doc, variables, key.current.value, match));
    },
    [doc, follow, state],
  );
  // A tap that was kept when this page was left is still this form's.
  const adopt = useCallback(
    (variables) => {
      const match = JSON.stringify(variables);
      const kept = waiting(doc, match);
      if (!kept || busy.current) return;
      key.current = { value: kept.key, match };
      owners.set(kept.key, key);
      begun.current = location.href;
      setState("queued");
      follow(later(kept.key));
    },
    [doc, follow],
  );
  return { state, error, setError, go, adopt };
}

function Status({ state, error }) {
  if (state === "queued") return <p className="note note-wait" role="status">{say("queued")}</p>;
  if (error) return <p className="note note-bad" role="alert">{error.message}</p>;
  return null;
}

/** One button that sends a document. `confirm` asks first, in a native dialog, for what cannot be undone. */
export function ActButton({ vars = {}, label, children, className = "btn", confirm, yes, disabled, title, ...act }) {
  const { state, error, go, adopt } = useAct(act);
  const dialog = useRef(null);
  useEffect(() => adopt(vars), []);
  const start = () => (confirm ? dialog.current.showModal() : go(vars));
  return (
    <>
      <button type="button" className={className} aria-busy={state === "pending"} disabled={disabled || state !== "idle"} onClick={start} aria-label={title || undefined}>
        {state === "pending" ? <span className="spin" aria-hidden="true" /> : null}
        {label ?? children}
      </button>
      <Status state={state} error={error} />
      {confirm ? (
        <dialog ref={dialog} className="ask" aria-label={confirm} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
          <form method="dialog">
            <p>{confirm}</p>
            <div className="ask-row">
              <button className="btn btn-quiet">{say("no")}</button>
              <button className="btn btn-bad" onClick={() => go(vars)}>{yes ?? say("yes")}</button>
            </div>
          </form>
        </dialog>
      ) : null}
    </>
  );
}

function valueOf(element) {
  const kind = element.dataset.type;
  if (element.type === "checkbox") return element.checked;
  const value = element.value.normalize("NFC").trim();
  if (kind === "int") return value === "" ? null : Number.parseInt(value, 10);
  if (kind === "cents") return value === "" ? null : Math.round(Number(value) * 100);
  if (kind === "optional") return value || null;
  if (kind === "digits") return value.replace(/\D/g, "");
  if (element.type === "datetime-local") return value ? value.slice(0, 16) + ":00+08:00" : null;
  return value;
}
/** What a field is called among what was typed: of several with one name, each by its value. */
const nameOf = (one) => one.name + (one.type === "radio" || one.dataset.list !== undefined ? ":" + one.value : "");
/** The fields of a form as variables; a dotted name is an object: `slot.start`; boxes with `data-list` are one list. */
function variablesOf(form, base) {
  const variables = structuredClone(base);
  for (const element of form.elements) {
    if (element.dataset.list !== undefined) {
      const chosen = (variables[element.name] ??= []);
      if (element.checked) chosen.push(element.value);
      continue;
    }
    if (!element.name || element.disabled || element.dataset.only === "kept" || (element.type === "radio" && !element.checked)) continue;
    const path = element.name.split(".");
    let at = variables;
    path.slice(0, -1).forEach((step) => (at = at[step] ??= {}));
    at[path.at(-1)] = valueOf(element);
  }
  return variables;
}
const typed = (form) =>
  Object.fromEntries([...form.elements].filter((one) => one.name && one.dataset.only !== "sent" && one.type !== "password" && one.autocomplete !== "one-time-code").map((one) => [nameOf(one), one.type === "checkbox" || one.type === "radio" ? one.checked : one.value]));
function restore(form, values) {
  for (const element of form.elements) {
    const name = nameOf(element);
    if (!(name in values)) continue;
    if (typeof values[name] === "boolean") element.checked = values[name];
    else if (element.dataset.typed !== undefined) element.dispatchEvent(new CustomEvent("haian:restore", { detail: values[name] }));
    else element.value = values[name];
  }
}

/** What a field lacks, in a sentence that says what to type. */
function lackOf(one) {
  if (one.validity.valueMissing) return say("missing");
  if (one.dataset.wrong) return one.dataset.wrong;
  if (one.validity.tooShort) return say("tooShort", { count: one.minLength });
  if (one.validity.rangeUnderflow) return say("tooLow", { count: one.min.replace("T", " ") });
  if (one.validity.rangeOverflow) return say("tooHigh", { count: one.max.replace("T", " ") });
  return say("wrong");
}

/** A form that sends a document with its fields as variables. Its last child is the submit button (`ActSubmit`). */
export function ActForm({ vars = {}, children, name, className = "form", label, ...act }) {
  const form = useRef(null);
  const { state, error, setError, go } = useAct({ ...act, drop: () => {
    if (name) draft.set(name, null);
    form.current?.closest("dialog.sheet")?.close(); // it is done: the page beneath says so
  } });
  useEffect(() => {
    const values = name && draft.get(name);
    if (values) restore(form.current, values);
  }, [name]);
  const submit = (event) => {
    event.preventDefault();
    // A field that the browser does not check (it has a keyboard of its own) says by `data-bad` what it lacks; of boxes with
    // data-list="some" one at least is ticked.
    const lacks = (one) => one.dataset.list === "some" && !form.current.querySelector(`[name="${one.name}"]:checked`);
    const wrong = [...form.current.elements].find((one) => one.name && (one.dataset.bad || lacks(one) || !one.checkValidity()));
    if (wrong) {
      setError({ code: "FIELD", field: wrong.name, message: wrong.dataset.bad ?? lackOf(wrong) });
      (form.current.querySelector(`[data-for="${wrong.name}"]`) ?? wrong).focus();
      return;
    }
    go(variablesOf(form.current, vars));
  };
  const keep = () => {
    if (name) draft.set(name, typed(form.current));
    if (error) setError(null);
  };
  const shown = error?.field && form.current?.elements.namedItem(error.field);
  return (
    <FormContext.Provider value={{ error, pending: state === "pending", queued: state === "queued", keeps: !!name }}>
      <form ref={form} className={className} noValidate onSubmit={submit} onInput={keep} onChange={keep} aria-label={label}>
        {children}
        <Status state={state} error={shown ? null : error} />
      </form>
    </FormContext.Provider>
  );
}
export function ActSubmit({ children, className = "btn btn-main" }) {
  const { pending, queued } = useForm();
  return (
    <button type="submit" className={className} aria-busy={pending} disabled={pending || queued}>
      {pending ? <span className="spin" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
/** A label above, the control, a hint, and the error beside it. */
export function Field({ label, name, hint, children, group = false }) {
  const { error } = useForm();
  const wrong = error && error.field === name ? error.message : null;
  const Tag = group ? "fieldset" : "div";
  const Label = group ? "legend" : "label";
  return (
    <Tag className={"field" + (wrong ? " field-bad" : "")}>
      <Label className="label" htmlFor={group ? undefined : name}>{label}</Label>
      {children}
      {hint && !wrong ? <p className="hint">{hint}</p> : null}
      {wrong ? <p className="note note-bad" role="alert">{wrong}</p> : null}
    </Tag>
  );
}
