// 服务协议: one tap to agree, then back to where it was asked for.
import { ActButton } from "./act.jsx";
import { safePath, tag } from "./core.js";

export function AgreeTerms({ version, label, className }) {
  const agreed = () => {
    const next = safePath(new URLSearchParams(location.search).get("next"));
    next ? location.assign(next) : location.reload();
  };
  return <ActButton doc="ConsentAccept" vars={{ version }} label={label} onDone={agreed} className={className} />;
}
const WHOLE = { timeZone: "Asia/Shanghai", dateStyle: "long" };
/** A day with its year: a text in force is dated whole. */
export function WholeDay({ value }) {
  return value ? <time dateTime={value}>{new Date(value).toLocaleDateString(tag(), WHOLE)}</time> : null;
}
