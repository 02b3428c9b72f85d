// A stretch of time picked without a keyboard: the day as chips, two lists of hours, and what it comes to in words.
import { useEffect, useId, useRef, useState } from "react";
import { locale, say } from "./core.js";
import { useForm } from "./act.jsx";
import { DayChips } from "./fields.jsx";
import { when } from "./words.js";

const HOUR = 3600e3;
const EAST = 8 * HOUR; // Asia/Shanghai
const date = (instant) => new Date(instant + EAST).toISOString().slice(0, 10);
const at = (day, hour) => new Date(Date.parse(day + "T00:00:00+08:00") + hour * HOUR).toISOString().replace(".000Z", "Z");

/** Sends two instants by the names `start` and `end`. Hours run from `first` to `last`; past 24 they are the next day's.
 *  An end before its start, and a start in the past, are not among the choices. A refusal about `end` is shown here. */
export function TimeWindow({ start, end, days = 7, first = 6, last = 32, opens = 9, closes = 12 }) {
  const id = useId();
  const [now, setNow] = useState(null);
  const [picked, setPicked] = useState({ day: null, from: opens, hours: closes - opens });
  const hidden = useRef(null);
  const { error, keeps } = useForm();
  useEffect(() => {
    setNow(Date.now());
    const restore = (event) => {
      const [begins, ends] = event.detail.split("/").map(Date.parse);
      if (begins < Date.now() || !(ends > begins)) return;
      const day = date(begins);
      setPicked({ day, from: (begins - Date.parse(day + "T00:00:00+08:00")) / HOUR, hours: (ends - begins) / HOUR });
    };
    const element = hidden.current;
    element.addEventListener("haian:restore", restore);
    return () => element.removeEventListener("haian:restore", restore);
  }, []);
  const today = now ? date(now) : null;
  const next = now ? new Date(now + EAST).getUTCHours() + 1 : 0;
  const late = next > 22 ? 1 : 0; // nothing of today is left to choose
  const day = picked.day ?? (now ? date(now + late * 24 * HOUR) : null);
  const earliest = Math.max(first, day === today ? next : 0);
  const begins = Math.min(Math.max(picked.from, earliest), 23);
  const ends = Math.min(Math.max(begins + 1, begins + picked.hours), last);
  const change = (changed) => {
    setPicked({ day, from: begins, hours: ends - begins, ...changed });
    queueMicrotask(() => hidden.current.dispatchEvent(new Event("input", { bubbles: true })));
  };
  const wrong = error && error.field === end ? error.message : null;
  const hour = (number) => (number > 24 ? say("nextDay") + " " : "") + (number > 24 ? number - 24 : number) + ":00";
  const list = (low, high) => Array.from({ length: Math.max(0, high - low + 1) }, (_, index) => low + index);
  return (
    <div className="window">
      <fieldset className="field">
        <legend className="label">{say("whichDay")}</legend>
        <DayChips name={id + "day"} days={days} from={late} value={day} onPick={(chosen) => change({ ...picked, day: chosen })} outside={id + "none"} />
      </fieldset>
      <div className="pair">
        <div className="field">
          <label className="label" htmlFor={id + "from"}>{say("fromHour")}</label>
          <select id={id + "from"} className="input" value={begins} onChange={(event) => change({ from: Number(event.target.value) })}>
            {list(earliest, 23).map((number) => <option key={number} value={number}>{hour(number)}</option>)}
          </select>
        </div>
        <div className={"field" + (wrong ? " field-bad" : "")}>
          <label className="label" htmlFor={id + "to"}>{say("toHour")}</label>
          <select id={id + "to"} className="input" value={ends} aria-invalid={!!wrong} aria-describedby={id + "sum"} onChange={(event) => change({ hours: Number(event.target.value) - begins })}>
            {list(begins + 1, last).map((number) => <option key={number} value={number}>{hour(number)}</option>)}
          </select>
        </div>
      </div>
      {wrong ? <p className="note note-bad" role="alert">{wrong}</p> : null}
      <p className="window-sum" id={id + "sum"} aria-live="polite">
        {day ? <><b>{when(at(day, begins), { end: at(day, ends), language: locale(), now })}</b> <small>{say("hours", { count: ends - begins })}</small></> : null}
      </p>
      <input ref={hidden} type="hidden" name={keeps ? start + "/" + end : undefined} data-only="kept" data-typed="" value={day ? at(day, begins) + "/" + at(day, ends) : ""} readOnly />
      <input type="hidden" name={start} data-only="sent" value={day ? at(day, begins) : ""} readOnly />
      <input type="hidden" name={end} data-only="sent" value={day ? at(day, ends) : ""} readOnly />
    </div>
  );
}
