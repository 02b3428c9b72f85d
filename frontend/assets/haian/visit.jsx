// 访客码: the host's link, whose secret this browser makes and the server never sees; and the visitor's page, without an account.
import { useCallback, useEffect, useState } from "react";
import { currentPerson, here, locale, sendFor, toast, useOnline } from "./core.js";
import { ActForm } from "./act.jsx";
import { Gone, Left, Picture, Short, useAwake, useCode } from "./code.jsx";
import { when } from "./words.js";

const KEPT = "haian.invites"; // {hash: {secret, who, at}} of the open links that were made here, so that they can be sent again
const FLYING = 24 * 3600 * 1000; // ms that a tap may wait for a network: until then an invitation may yet be made
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET = /^[0-9A-HJKMNP-TV-Z]{26}$/;

const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
};
function write(all) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    /* refused: the link can be sent now, and not again later */
  }
}
const keep = ({ hash, secret }) => write({ ...kept(), [hash]: { secret, who: currentPerson(), at: Date.now() } });
/** Of my links those stay that are open, `hashes` of the server's list, and what may yet be on its way. */
export function OpenInvites({ hashes }) {
  useEffect(() => {
    write(Object.fromEntries(Object.entries(kept()).filter(([hash, { at }]) => hashes.includes(hash) || Date.now() - at < FLYING)));
  }, [hashes.join()]);
  return null;
}
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
/** 130 random bits, and their SHA-256. */
async function secretOfOurs() {
  const secret = [...crypto.getRandomValues(new Uint8Array(26))].map((byte) => SIGNS[byte & 31]).join("");
  return { secret, hash: hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))) };
}
const linkOf = (secret) => location.origin + here("/onecode/visit") + "#" + secret;

/** Copies a link, or hands it to the phone's own way of sharing. */
function Send({ secret, texts }) {
  const link = linkOf(secret);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      toast(texts.copied, "good");
    } catch {
      toast(texts.copy_by_hand, "bad");
    }
  };
  const share = () => navigator.share({ text: texts.share_text, url: link }).catch(() => {});
  return (
    <div className="visit-send">
      <input className="input" readOnly value={link} aria-label={texts.link} autoComplete="off" onFocus={(event) => event.target.select()} />
      <div className="ask-row">
        <button type="button" className="btn btn-soft" onClick={copy}>{texts.copy}</button>
        {navigator.share ? <button type="button" className="btn btn-main" onClick={share}>{texts.share}</button> : null}
      </div>
    </div>
  );
}
/** The link of an invitation, where this browser made it. */
export function InviteLink({ hash, texts }) {
  const [secret, setSecret] = useState(undefined);
  useEffect(() => setSecret(kept()[hash]?.secret ?? null), [hash]);
  if (secret === undefined) return null;
  return secret ? <Send secret={secret} texts={texts} /> : <p className="hint">{texts.elsewhere}</p>;
}

/** The form of an invitation, and the link when it is made. */
export function InviteForm({ texts, children, ...act }) {
  const [link, setLink] = useState(null);
  const [made, setMade] = useState(null);
  const begin = useCallback(async () => {
    setLink(await secretOfOurs());
    setMade(null);
  }, []);
  useEffect(() => {
    begin();
  }, [begin]);
  if (!made) return <div onSubmitCapture={() => link && keep(link)}><ActForm {...act} vars={{ link: link?.hash ?? "" }} onDone={setMade}>{children}</ActForm></div>;
  return (
    <div className="state state-big" role="status">
      <h2>{texts.made.replace("{visitor}", made.visitor)}</h2>
      <p>{texts.made_words}</p>
      <Send secret={link.secret} texts={texts} />
      <button type="button" className="btn btn-quiet" onClick={begin}>{texts.another}</button>
    </div>
  );
}

/** The visitor's code, by the secret after the # of the address, which no server ever sees in a request's line. */
export function Visit({ texts }) {
  const [secret, setSecret] = useState(undefined);
  const [visit, setVisit] = useState(null);
  const online = useOnline();
  useAwake();
  useEffect(() => {
    const take = () => setSecret(location.hash.slice(1).toUpperCase());
    take();
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);
  const ask = useCallback(async () => {
    const found = (await sendFor(null, "OnecodeVisit", { secret })).onecodeVisit;
    setVisit(found);
    return found.code;
  }, [secret]);
  const whole = secret !== undefined && SECRET.test(secret);
  const { code, left, error, renew } = useCode(whole, ask);
  const said = texts["state_" + (visit?.state ?? "").toLowerCase()];
  if (secret !== undefined && (!whole || error?.code === "ONECODE_VISIT_UNKNOWN")) return <Refusal title={texts.broken} words={texts.broken_words} />;
  if (visit && !code && !error && visit.state !== "OPEN") return <Refusal title={said} words={texts["words_" + visit.state.toLowerCase()]} visit={visit} texts={texts} />;
  return (
    <>
      <div className="code-card">
        <p className="code-who">{visit ? <b>{visit.visitor}</b> : <span className="bone" />}</p>
        <div className="code-frame" aria-busy={!code && !error}>
          {code ? <Picture code={code} label={texts.picture} /> : error ? <Gone words={online ? error.message : texts.offline} again={texts.again} onAgain={renew} /> : <span className="bone code-bone" />}
        </div>
        {code ? <Short digits={code.short} label={texts.short} /> : <p className="code-short" aria-hidden="true"> </p>}
        <div className="code-left">{code ? <Left code={code} left={left} online={online} texts={texts} onNow={renew} /> : null}</div>
      </div>
      {visit ? <section className="card"><About visit={visit} texts={texts} /></section> : null}
    </>
  );
}
function About({ visit, texts }) {
  const [now, setNow] = useState(null);
  useEffect(() => setNow(Date.now()), []);
  const fact = (label, value) => <div className="fact"><dt>{label}</dt><dd>{value}</dd></div>;
  return (
    <dl className="facts">
      {fact(texts.where, visit.community)}
      {fact(texts.whom, visit.host)}
      {fact(texts.time, when(visit.startsAt, { end: visit.endsAt, language: locale(), now }))}
      {fact(texts.left, texts.times.replace("{left}", visit.remaining).replace("{all}", visit.entries))}
    </dl>
  );
}
function Refusal({ title, words, visit, texts }) {
  return (
    <section className="card">
      <div className="state state-big" role="status">
        <span className="verdict-mark verdict-calm">
          <svg viewBox="0 0 24 24" width="44" height="44" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><path d="M9 17H7A5 5 0 0 1 7 7m8 0h2a5 5 0 0 1 4 8M8 12h4M3 3l18 18" /></svg>
        </span>
        <h2>{title}</h2>
        <p>{words}</p>
      </div>
      {visit ? <About visit={visit} texts={texts} /> : null}
    </section>
  );
}
