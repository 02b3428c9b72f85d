// The dialog that asks for the terms where a tap needs them. Loaded when it is wanted, not with a page.
import { ask, here, locale, say, send, tag } from "./core.js";
import { element, settled } from "./dialog.js";

/** Show the terms in force; true once they are agreed to, false where the person would rather not. */
export async function agreeToTerms() {
  const { consentTerms: terms } = await ask("ConsentTerms", {}, true);
  const english = locale() === "en";
  const changes = english ? terms.changesEn : terms.changesZh;
  return settled("terms-ask", say("termsTitle"), (settle, leave) => {
    const about = element("p", { className: "muted" }, say("termsAbout", { version: terms.version, since: new Date(terms.since).toLocaleDateString(tag(), { timeZone: "Asia/Shanghai", dateStyle: "long" }) }));
    const text = element("div", { className: "terms-text", tabIndex: 0, textContent: english ? terms.en : terms.zh });
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", say("termsTitle"));
    const whole = element("a", { className: "link", href: here("/terms"), textContent: say("termsWhole") });
    const agree = () => settle(() => send("ConsentAccept", { version: terms.version }));
    const buttons = element("div", { className: "ask-row" },
      element("button", { type: "button", className: "btn btn-quiet", textContent: say("termsNo"), onclick: leave }),
      element("button", { type: "button", className: "btn btn-main", textContent: say("termsYes"), onclick: agree }));
    return [about, ...(changes ? [element("p", { className: "note note-wait", textContent: say("termsNew") + changes })] : []), text, whole,
      element("p", { className: "muted small", textContent: say("termsElse") }), buttons];
  });
}
