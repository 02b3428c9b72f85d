// 电子证照: what a certificate says, masked until a tap; and a clock that a picture of the screen does not have.
import { useEffect, useState } from "react";
import { locale, send } from "./core.js";
import { useUnmasked } from "./unmask.js";

const said = async (id) => Object.fromEntries((await send("CertificatesUnmask", { id })).certificatesUnmask.map(({ name, value }) => [name, value]));
/** The claims of a certificate, and a tap that shows them whole for half a minute; see unmask.js. */
export function CertificateClaims({ id, claims, texts }) {
  const { shown: whole, left, busy, error, show, hide } = useUnmasked(said, id);
  return (
    <>
      <dl className="cert-claims" aria-live="polite">
        {claims.map(({ name, label, value }) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd className="num">{whole?.[name] ?? value}</dd>
          </div>
        ))}
      </dl>
      {whole
        ? <button type="button" className="btn cert-tap" onClick={hide}>{texts.mask}<small>{texts.hide.replace("{seconds}", left)}</small></button>
        : <button type="button" className="btn cert-tap" aria-busy={busy} disabled={busy} onClick={show}>{texts.show}</button>}
      {error ? <p className="note note-bad" role="alert">{error}</p> : null}
    </>
  );
}

/** The time, second by second. */
export function ShowingClock({ words }) {
  const [now, setNow] = useState("");
  useEffect(() => {
    const tick = () => setNow(new Date().toLocaleTimeString(locale() === "en" ? "en-GB" : "zh-CN", { timeZone: "Asia/Shanghai", hour12: false }));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, []);
  return <p className="cert-clock"><small>{words}</small><b className="num">{now}</b></p>;
}

const FRAME = 3;
/** What a verifier asks, as a QR code for our own wallet or any other (OpenID4VP), as long as it is good. */
export function AskingCode({ asked, texts, onAgain }) {
  const [other, setOther] = useState(false);
  const [left, setLeft] = useState(asked.seconds);
  useEffect(() => {
    const ends = performance.now() + asked.seconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((ends - performance.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [asked.id]);
  const size = (other ? asked.walletSize : asked.size) + 2 * FRAME;
  const text = other ? asked.wallet : asked.link;
  if (!left) {
    return (
      <div className="code-gone asking-gone" role="alert">
        <p>{texts.over}</p>
        <button type="button" className="btn btn-soft" onClick={() => onAgain()}>{texts.again}</button>
      </div>
    );
  }
  return (
    <div className="asking">
      <div className="asking-which" role="group" aria-label={texts.picture}>
        {[[false, texts.ours], [true, texts.other]].map(([value, words]) => (
          <button type="button" key={words} className={"pick" + (value === other ? " on" : "")} aria-pressed={value === other} onClick={() => setOther(value)}>{words}</button>
        ))}
      </div>
      <svg className="asking-code" role="img" aria-label={texts.picture} viewBox={`${-FRAME} ${-FRAME} ${size} ${size}`} shapeRendering="crispEdges" data-code={text}>
        <path fill="#fff" d={`M${-FRAME} ${-FRAME}h${size}v${size}h-${size}z`} />
        <path fill="#000" d={other ? asked.walletPath : asked.path} />
      </svg>
      <p role="timer" aria-live="off">{texts.left.replace("{seconds}", left)}</p>
    </div>
  );
}

/** An offer to another wallet (OpenID4VCI), made by a tap, with the digits that prove that it is scanned by who sees them. */
export function OfferCode({ id, texts }) {
  const [offer, setOffer] = useState(null);
  const [left, setLeft] = useState(0);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!offer) return undefined;
    if (left <= 0) return (setOffer(null), setNote(texts.over), undefined);
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, offer]);
  const make = async () => {
    setBusy(true);
    setNote("");
    try {
      const made = (await send("CertificatesOffer", { id })).certificatesOffer;
      setLeft(made.seconds);
      setOffer(made);
    } catch (raised) {
      setNote(raised.message);
    }
    setBusy(false);
  };
  if (!offer) {
    return (
      <>
        <button type="button" className="btn btn-soft wide" aria-busy={busy} disabled={busy} onClick={make}>{texts.make}</button>
        {note ? <p className="note note-bad" role="alert">{note}</p> : null}
      </>
    );
  }
  const size = offer.size + 2 * FRAME;
  return (
    <div className="asking">
      <svg className="asking-code" role="img" aria-label={texts.picture} viewBox={`${-FRAME} ${-FRAME} ${size} ${size}`} shapeRendering="crispEdges" data-code={offer.text}>
        <path fill="#fff" d={`M${-FRAME} ${-FRAME}h${size}v${size}h-${size}z`} />
        <path fill="#000" d={offer.path} />
      </svg>
      <p>{texts.code} <b className="num large">{offer.code}</b></p>
      <p role="timer" aria-live="off">{texts.left.replace("{seconds}", left)}</p>
    </div>
  );
}
