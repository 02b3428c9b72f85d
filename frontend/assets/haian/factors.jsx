// 安全验证: making a passkey, naming it, and recovery codes that are shown once.
import { useEffect, useRef, useState } from "react";
import { say, send, toast } from "./core.js";
import { ActForm, ActSubmit, Field } from "./act.jsx";

/** Android, iPhone, Windows …: what a new passkey is called until its owner says otherwise. */
const thisDevice = () => (/iPhone|iPad|Android|HarmonyOS|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? "").replace("Macintosh", "Mac");

/** Runs what takes some seconds, once at a time; `error` is a sentence. */
function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const run = async (work) => {
    if (busy) return;
    setBusy(true);
    setError("");
    try {
      await work();
    } catch (raised) {
      setError(raised.message);
    }
    setBusy(false);
  };
  return { busy, error, run };
}

export function MakePasskey({ texts, onDone }) {
  const { busy, error, run } = useWork();
  const [able, setAble] = useState(true);
  useEffect(() => {
    import("./factors.js").then((factors) => setAble(factors.canPasskey()));
  }, []);
  const make = () =>
    run(async () => {
      const { makePasskey } = await import("./factors.js");
      const { factorsRegisterOptions } = await send("FactorsRegisterOptions", {});
      await send("FactorsRegister", { answer: await makePasskey(factorsRegisterOptions), name: thisDevice() || texts.unnamed });
      toast(texts.made, "good");
      onDone?.({});
    });
  if (!able) return <p className="note note-wait">{texts.unable}</p>;
  return (
    <>
      <button type="button" className="btn btn-main wide" aria-busy={busy} disabled={busy} onClick={make}>
        {busy ? <span className="spin" aria-hidden="true" /> : null}
        {texts.make}
      </button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
    </>
  );
}

/** A name of one's own for a passkey, asked for in a dialog. */
export function RenamePasskey({ passkey, name, texts, onDone }) {
  const dialog = useRef(null);
  const renamed = () => {
    dialog.current.close();
    onDone?.({});
  };
  return (
    <>
      <button type="button" className="btn btn-quiet btn-small" onClick={() => dialog.current.showModal()} aria-label={`${texts.rename} ${name}`}>{texts.rename}</button>
      <dialog ref={dialog} className="ask" aria-label={texts.rename} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
        <ActForm doc="FactorsRename" vars={{ id: passkey }} beside="name" onDone={renamed} label={texts.rename}>
          <Field label={texts.name} name="name">
            <input id="name" name="name" className="input" autoComplete="off" required maxLength={60} defaultValue={name} />
          </Field>
          <div className="ask-row">
            <button type="button" className="btn btn-quiet" onClick={() => dialog.current.close()}>{say("no")}</button>
            <ActSubmit>{texts.save}</ActSubmit>
          </div>
        </ActForm>
      </dialog>
    </>
  );
}

/** Ten codes, seen this once: to copy, to keep as a file, to print. */
export function RecoveryCodes({ texts, again, onDone }) {
  const { busy, error, run } = useWork();
  const [codes, setCodes] = useState(null);
  const dialog = useRef(null);
  useEffect(() => {
    if (codes) dialog.current.showModal();
  }, [codes]);
  const make = () => run(async () => setCodes((await send("FactorsRecoveryCodes", {})).factorsRecoveryCodes));
  const lines = () => `${texts.title}\n${location.host}\n\n${codes.join("\n")}\n`;
  const copy = () => navigator.clipboard.writeText(lines()).then(() => toast(texts.copied, "good")).catch(() => toast(texts.cannot, "bad"));
  const save = () => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([lines()], { type: "text/plain" })), download: "haian-recovery-codes.txt" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const leave = () => {
    setCodes(null);
    onDone?.({});
  };
  return (
    <>
      <button type="button" className="btn btn-soft wide" aria-busy={busy} disabled={busy} onClick={make}>{again ? texts.again : texts.make}</button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
      {codes ? (
        <dialog ref={dialog} className="ask codes" aria-label={texts.title} onCancel={(event) => event.preventDefault()}>
          <h2>{texts.title}</h2>
          <p>{texts.once}</p>
          <ol className="code-list">{codes.map((code) => <li key={code}>{code}</li>)}</ol>
          <div className="ask-row">
            <button type="button" className="btn btn-quiet" onClick={copy}>{texts.copy}</button>
            <button type="button" className="btn btn-quiet" onClick={save}>{texts.save}</button>
          </div>
          <button type="button" className="btn btn-main wide" onClick={leave}>{texts.kept}</button>
        </dialog>
      ) : null}
    </>
  );
}
