// 我的数据: everything that is held about me, or a child of mine, saved as a file. It goes from the gateway into the file, and nowhere else.
import { useState } from "react";
import { send } from "./core.js";

function save(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `haian-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function SaveMyData({ label, saved, child = null, className = "btn btn-main" }) {
  const [state, setState] = useState("idle");
  const [error, setError] = useState("");
  const go = async () => {
    setState("pending");
    setError("");
    try {
      save((await send("ConsentExport", child ? { child } : {})).consentExport);
      setState("saved");
    } catch (raised) {
      setError(raised.message);
      setState("idle");
    }
  };
  return (
    <>
      <button type="button" className={className} aria-busy={state === "pending"} disabled={state === "pending"} onClick={go}>
        {state === "pending" ? <span className="spin" aria-hidden="true" /> : null}
        {label}
      </button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
      {state === "saved" ? <p className="note note-good" role="status">{saved}</p> : null}
    </>
  );
}
