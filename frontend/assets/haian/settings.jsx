// What a person prefers, kept in this browser only; boot.js applies it before the first paint.
import { useEffect, useState } from "react";

const read = () => {
  try {
    return JSON.parse(localStorage.getItem("haian.prefs")) ?? {};
  } catch {
    return {};
  }
};
function prefer(changes) {
  const next = { ...read(), ...changes };
  try {
    localStorage.setItem("haian.prefs", JSON.stringify(next));
  } catch {
    /* refused: it holds for this page only */
  }
  dispatchEvent(new Event("haian:prefs"));
}
/** One choice among a few: theme, size, lang. A language leads to the same page in it. */
export function Preference({ name, label, options }) {
  const [value, setValue] = useState(null);
  useEffect(() => setValue(name === "lang" ? (/^\/en(\/|$)/.test(location.pathname) ? "en" : "zh") : (read()[name] ?? options[0].value)), [name]);
  const pick = (next) => {
    setValue(next);
    prefer({ [name]: next });
    if (name !== "lang") return;
    const path = location.pathname.replace(/^\/en(?=\/|$)/, "") || "/";
    location.assign((next === "en" ? (path === "/" ? "/en" : "/en" + path) : path) + location.search);
  };
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className="segment">
          <input type="radio" name={"pref-" + name} value={option.value} checked={option.value === value} onChange={() => pick(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}
/** A link that turns 长辈版 on or off on the way; boot.js does it, also before the page has started. */
export function ElderSwitch({ on, to, children, className }) {
  return (
    <a href={to} className={className} data-elder-on={String(on)}>
      {children}
    </a>
  );
}
