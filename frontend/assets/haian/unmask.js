// What is masked, shown whole for half a minute after a tap and a second factor; it is kept nowhere.
import { useEffect, useRef, useState } from "react";

const SECONDS = 30;
/** {shown, left, busy, error, show, hide}: `read(of)` asks for what is whole; `shown` is null while it is masked. It is
 * masked again after half a minute, when the page is out of sight, and when it is of something else. */
export function useUnmasked(read, of = "") {
  const [shown, setShown] = useState(null);
  const [left, setLeft] = useState(0);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const current = useRef(of);
  current.current = of;
  const hide = () => (setShown(null), setLeft(0));
  useEffect(() => {
    if (left <= 0) return shown === null ? undefined : hide();
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  useEffect(() => {
    const away = () => document.visibilityState !== "visible" && hide();
    document.addEventListener("visibilitychange", away);
    return () => document.removeEventListener("visibilitychange", away);
  }, []);
  useEffect(hide, [of]);
  const show = async () => {
    setBusy(true);
    setError("");
    try {
      const found = await read(of);
      if (current.current === of && document.visibilityState === "visible") { // an answer that comes late is of no use
        setShown(found);
        setLeft(SECONDS);
      }
    } catch (raised) {
      setError(raised.message);
    }
    setBusy(false);
  };
  return { shown, left, busy, error, show, hide };
}
