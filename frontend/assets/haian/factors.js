// Passkeys in this browser, and the dialog that asks for a second factor. Loaded when somebody needs it, not with a page.
import { Refused, here, say, send } from "./core.js";
import { element, settled } from "./dialog.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A passkey belongs to a name; an address of digits has none (WebAuthn §5.1.2). */
export const canPasskey = () => !!window.PublicKeyCredential && !/^[\d.]+$|:/.test(location.hostname);

const withBytes = (known = []) => known.map((one) => ({ ...one, id: bytes(one.id) }));
/** What the person broke off, or their device could not do, in a sentence. */
function told(error) {
  if (error instanceof Refused) return error;
  if (error?.name === "InvalidStateError") return new Refused("PASSKEY_HERE", say("passkeyHere"));
  return new Refused("PASSKEY_NOT", say("passkeyNot"));
}
function answerOf(credential, response) {
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
}

/** Make a passkey by the server's options; returns the answer for the server. */
export async function makePasskey(options) {
  const asked = JSON.parse(options);
  try {
    const credential = await navigator.credentials.create({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: withBytes(asked.excludeCredentials),
    } });
    const { clientDataJSON, attestationObject } = credential.response;
    return answerOf(credential, {
      clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports: credential.response.getTransports?.() ?? [],
    });
  } catch (error) {
    throw told(error);
  }
}

/** Show a passkey by the server's options; returns the answer for the server. */
export async function showPasskey(options) {
  const asked = JSON.parse(options);
  try {
    const credential = await navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: withBytes(asked.allowCredentials) } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
    return answerOf(credential, {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature), userHandle: userHandle ? text(userHandle) : null,
    });
  } catch (error) {
    throw told(error);
  }
}

// ---- step-up -----------------------------------------------------------------------------------------------------
const asked = () => send("FactorsStepUpOptions", {}).then((data) => data.factorsStepUpOptions);

/** Ask for a passkey or a recovery code; true once one was shown, false where the person would rather not. */
export async function stepUp() {
  let options = null;
  try {
    options = await asked();
  } catch (error) {
    if (error.code !== "FACTORS_NONE") throw error;
  }
  return settled("step", say("stepTitle"), (settle, leave) => {
    const cancel = element("button", { type: "button", className: "btn btn-quiet", textContent: say("no"), onclick: leave });
    return options === null ? none(cancel) : ways(options, settle, cancel);
  });
}
/** Nothing is set up yet: where to do it. */
function none(cancel) {
  const way = element("a", { href: here("/me/security"), className: "btn btn-main", textContent: say("stepSet") });
  return [element("p", { textContent: say("stepNone") }), way, cancel];
}
function ways(options, settle, cancel) {
  let fresh = options; // good once
  const show = async () => {
    const now = fresh ?? (await asked());
    fresh = null;
    await send("FactorsStepUp", { answer: await showPasskey(now) });
  };
  const code = element("input", { className: "input num", name: "recovery", autocomplete: "off", autocapitalize: "characters", spellcheck: false, required: true, maxLength: 40 });
  code.setAttribute("aria-label", say("stepCode"));
  const form = element("form", { className: "form", onsubmit: (event) => {
    event.preventDefault();
    settle(() => send("FactorsStepUp", { code: code.value }));
  } }, element("label", { className: "label" }, say("stepCode"), code), element("button", { className: "btn btn-soft", textContent: say("stepCodeGo") }));
  const key = options && canPasskey() ? [element("button", { type: "button", className: "btn btn-main", textContent: say("stepPasskey"), onclick: () => settle(show) })] : [];
  return [element("p", { textContent: say("stepWords") }), ...key, form, cancel];
}
