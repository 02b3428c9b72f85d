// A wallet of public packages: it takes a credential by an offer (OpenID4VCI 1.0), verifies it with its status list (SD-JWT VC,
// Token Status List), and presents a part of it to a request (OpenID4VP 1.0). OFFER, CODE, REQUEST, SHOW, NOW; prints what it did.
import { createPublicKey } from "node:crypto";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { answer, asked, hash, holds, random, seconds, signed, take } from "./holder.mjs";

const done = [];
const { credential, issuer } = await take("dc+sd-jwt");
done.push("issued");

const keys = await (await fetch(new URL("/.well-known/jwt-vc-issuer/credentials", issuer))).json();
const issuerKey = createPublicKey({ key: keys.jwks.keys[0], format: "jwk" });
const vc = new SDJwtVcInstance({
  hasher: hash,
  hashAlg: "sha-256",
  saltGenerator: () => Buffer.from(random(16)).toString("base64url"),
  verifier: async (data, signature) => holds(data, signature, issuerKey),
  kbSigner: async (data) => signed(data).toString("base64url"),
  kbSignAlg: "ES256",
});
const { payload } = await vc.verify(credential);
done.push(`verified ${payload.vct.split("/").pop()}`);

const { request, wanted, client } = await asked();
done.push(`asked by ${client.prefix}`);
const shown = await vc.present(credential, JSON.parse(process.env.SHOW), { kb: { payload: { iat: seconds, aud: request.client_id, nonce: request.nonce } } });
done.push(`answered ${(await answer(request, wanted[0], shown)).status}`);
console.log(JSON.stringify(done));
