// The manager's day: how many were let in at each gate, hour by hour, as it happens; and the day as a file.
import { useEffect, useRef, useState } from "react";
import { DOCUMENTS } from "./generated.js";
import { send } from "./core.js";

const HIGH = 64;
const WIDE = 10;
const hours = [...Array(24).keys()];

/** {data, error} of an organisation's day, read again whenever the subscription says so; asked for anew when it is over. */
function useFlow(organisation) {
  const [found, setFound] = useState({});
  const [turn, setTurn] = useState(0);
  const newest = useRef(0);
  const read = async () => {
    const mine = ++newest.current;
    try {
      const data = await send("OnecodeFlow", { organisation });
      if (mine === newest.current) setFound({ data });
    } catch (error) {
      if (mine === newest.current) setFound((before) => ({ ...before, error: error.message }));
    }
  };
  useEffect(() => {
    let leave = null;
    let gone = false;
    read();
    const begin = async () => {
      const { follow } = await import("./live.js");
      if (!gone) leave = follow(DOCUMENTS.OnecodeFlowChanges.id, { organisation }, ({ change }) => (change === "OVER" ? setTurn((before) => before + 1) : read()));
    };
    begin().catch(() => {});
    return () => {
      gone = true;
      newest.current += 1;
      leave?.();
    };
  }, [organisation, turn]);
  return [found, read];
}

const sum = (list, key) => list.reduce((total, one) => total + one[key], 0);

/** Bars of 24 hours, those let in below and those refused above them. Read as one sentence. */
function Bars({ place, rows, most, texts }) {
  const at = Object.fromEntries(rows.map((row) => [row.hour, row]));
  const tall = (many) => (many * HIGH) / Math.max(most, 1);
  const said = `${place} ${texts.passed} ${sum(rows, "accepted")} ${texts.refused} ${sum(rows, "refused")}`;
  return (
    <svg className="flow-bars" viewBox={`0 0 ${24 * WIDE} ${HIGH + 1}`} preserveAspectRatio="none" role="img" aria-label={said}>
      <line x1="0" x2={24 * WIDE} y1={HIGH} y2={HIGH} />
      {hours.map((hour) => {
        const { accepted = 0, refused = 0 } = at[hour] ?? {};
        return (
          <g key={hour} transform={`translate(${hour * WIDE + 1} 0)`}>
            <rect className="flow-yes" width={WIDE - 2} y={HIGH - tall(accepted)} height={tall(accepted)} />
            <rect className="flow-no" width={WIDE - 2} y={HIGH - tall(accepted + refused)} height={tall(refused)} />
          </g>
        );
      })}
    </svg>
  );
}

/** The flow of an organisation today, gate by gate. */
export function Flow({ organisation, texts }) {
  const [{ data, error }, read] = useFlow(organisation);
  if (!data && error) return <div className="state" role="alert"><p>{error}</p><button type="button" className="btn btn-soft" onClick={read}>{texts.again}</button></div>;
  if (!data) return <div className="bones bones-block" role="status" aria-label={texts.waits}><span className="bone" /></div>;
  const { onecodePlaces: places, onecodeHours: found, onecodeRefusals: refusals } = data;
  const most = Math.max(0, ...found.map((row) => row.accepted + row.refused));
  const named = [...new Set([...places.map((one) => one.place), ...found.map((row) => row.place)])].sort();
  return (
    <div className="flow">
      <div role="status">
        <dl className="flow-total">
          <div><dt>{texts.passed}</dt><dd className="num flow-good">{sum(found, "accepted")}</dd></div>
          <div><dt>{texts.refused}</dt><dd className="num flow-bad">{sum(found, "refused")}</dd></div>
        </dl>
      </div>
      {found.length ? <p className="flow-key"><span className="flow-yes">{texts.passed}</span><span className="flow-no">{texts.refused}</span><span>{texts.hour}</span></p> : <p className="muted">{texts.nothing}</p>}
      {named.map((place) => {
        const rows = found.filter((row) => row.place === place);
        return (
          <figure key={place} className="flow-gate">
            <figcaption><b>{place || texts.nowhere}</b><span className="num">{sum(rows, "accepted")} / {sum(rows, "refused")}</span></figcaption>
            {rows.length ? <Bars place={place || texts.nowhere} rows={rows} most={most} texts={texts} /> : <p className="muted">{texts.nobody}</p>}
            {rows.length ? <div className="flow-hours num" aria-hidden="true">{[0, 6, 12, 18].map((hour) => <span key={hour}>{hour}</span>)}</div> : null}
          </figure>
        );
      })}
      {refusals.length ? (
        <>
          <h3>{texts.why}</h3>
          <dl className="flow-why">{refusals.map((one) => <div key={one.verdict}><dt>{texts[one.verdict]}</dt><dd className="num">{one.many}</dd></div>)}</dl>
        </>
      ) : null}
    </div>
  );
}

function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The scans of some days, from the gateway into a file. */
export function SaveScans({ organisation, texts }) {
  const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  const [state, setState] = useState("idle");
  const [error, setError] = useState("");
  const go = async (event) => {
    event.preventDefault();
    const { since, days } = Object.fromEntries(new FormData(event.currentTarget));
    setState("pending");
    setError("");
    try {
      save((await send("OnecodeExport", { organisation, since, days: Number(days) })).onecodeExport, `scans-${since}.csv`);
      setState("saved");
    } catch (raised) {
      setError(raised.message);
      setState("idle");
    }
  };
  return (
    <form className="form" onSubmit={go} aria-label={texts.save}>
      <label className="label" htmlFor="since">{texts.since}</label>
      <input id="since" name="since" type="date" className="input" required autoComplete="off" defaultValue={today} max={today} />
      <label className="label" htmlFor="days">{texts.days}</label>
      <select id="days" name="days" className="input">{[1, 7, 31].map((days) => <option key={days}>{days}</option>)}</select>
      <button type="submit" className="btn btn-main" aria-busy={state === "pending"} disabled={state === "pending"}>{texts.save}</button>
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
      {state === "saved" ? <p className="note note-good" role="status">{texts.saved}</p> : null}
    </form>
  );
}
