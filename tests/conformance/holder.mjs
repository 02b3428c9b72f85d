// What each wallet of public packages does here: it has a key, takes what an offer promises (OpenID4VCI 1.0), hears what a request asks,
// and answers encrypted to its key (OpenID4VP 1.0, 8.3). OFFER, CODE, REQUEST, NOW.
import { createHash, generateKeyPairSync, randomBytes, sign, verify, X509Certificate } from "node:crypto";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import { CompactEncrypt, importJWK } from "jose";

setGlobalConfig({ allowInsecureUrls: true }); // a test is served without TLS
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicJwk = publicKey.export({ format: "jwk" });
const raw = { dsaEncoding: "ieee-p1363" };
export const privateJwk = privateKey.export({ format: "jwk" });
export const seconds = Number(process.env.NOW);
export const now = new Date(seconds * 1000);
export const random = (length) => new Uint8Array(randomBytes(length));
export const hash = (data, alg) => new Uint8Array(createHash(alg.replace("-", "").toLowerCase()).update(data).digest());
export const signed = (data, key = privateKey) => sign("sha256", Buffer.from(data), { key, ...raw });
/** `signature`: bytes, or base64url. */
export const holds = (data, signature, key) => verify("sha256", Buffer.from(data), { key, ...raw }, Buffer.from(signature, "base64url"));
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const callbacks = {
  hash,
  generateRandom: random,
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: (_, { header, payload }) => {
    const text = `${encoded(header)}.${encoded(payload)}`;
    return { jwt: `${text}.${signed(text).toString("base64url")}`, signerJwk: publicJwk };
  },
  verifyJwt: (signer, { compact }) => {
    const key = new X509Certificate(Buffer.from(signer.x5c[0], "base64")).publicKey;
    const [header, payload, signature] = compact.split(".");
    return { verified: holds(`${header}.${payload}`, signature, key), signerJwk: key.export({ format: "jwk" }) };
  },
  encryptJwe: async ({ publicJwk, alg, enc }, data) => {
    const protectedHeader = { alg, enc, kid: publicJwk.kid };
    const jwe = await new CompactEncrypt(new TextEncoder().encode(data)).setProtectedHeader(protectedHeader).encrypt(await importJWK(publicJwk, alg));
    return { jwe, encryptionJwk: publicJwk };
  },
  getX509CertificateMetadata: () => ({ sanDnsNames: [], sanUriNames: [] }),
};

const issuing = new Openid4vciClient({ callbacks });
/** The credential that the offer promises in this format, with its configuration and its issuer. */
export async function take(format) {
  const offer = await issuing.resolveCredentialOffer(process.env.OFFER);
  const metadata = await issuing.resolveIssuerMetadata(offer.credential_issuer);
  const { accessTokenResponse } = await issuing.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer: offer, issuerMetadata: metadata, txCode: process.env.CODE });
  const { c_nonce: nonce } = await issuing.requestNonce({ issuerMetadata: metadata });
  const known = metadata.knownCredentialConfigurations;
  const kind = offer.credential_configuration_ids.find((id) => known[id].format === format);
  const { jwt } = await issuing.createCredentialRequestJwtProof({ issuerMetadata: metadata, credentialConfigurationId: kind, nonce, issuedAt: now, signer: { method: "jwk", publicJwk, alg: "ES256" } });
  const answer = await issuing.retrieveCredentials({ issuerMetadata: metadata, credentialConfigurationId: kind, proofs: { jwt: [jwt] }, accessToken: accessTokenResponse.access_token });
  return { credential: answer.credentialResponse.credentials[0].credential, configuration: known[kind], issuer: offer.credential_issuer };
}

const presenting = new Openid4vpClient({ callbacks });
/** The request, the queries of the credentials that it wants, and who asks. */
export async function asked() {
  const parsed = presenting.parseOpenid4vpAuthorizationRequest({ authorizationRequest: process.env.REQUEST });
  const { authorizationRequestPayload: request, dcql, client } = await presenting.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: parsed.params });
  return { request, wanted: dcql.query.credentials, client };
}
const jarm = {
  encryption: {},
  serverMetadata: { authorization_encryption_alg_values_supported: ["ECDH-ES"], authorization_encryption_enc_values_supported: ["A256GCM"] },
};
/** Show this for that query; what the verifier said. */
export async function answer(request, query, shown) {
  const made = await presenting.createOpenid4vpAuthorizationResponse({ jarm, authorizationRequestPayload: request, authorizationResponsePayload: { vp_token: { [query.id]: [shown] } } });
  const { response } = await presenting.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload: request, authorizationResponsePayload: made.authorizationResponsePayload, jarm: made.jarm });
  return response;
}
