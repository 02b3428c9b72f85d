// A wallet of public packages: it takes a driving licence by an offer as an mdoc (OpenID4VCI 1.0, ISO/IEC 18013-5), verifies it up to the
// authority, and answers a request with what it asks (OpenID4VP 1.0). OFFER, CODE, REQUEST, AUTHORITY, NOW; prints what it did.
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { CoseKey, DeviceRequest, DocRequest, Holder, IssuerSigned, ItemsRequest, SessionTranscript } from "@owf/mdoc";
import { calculateJwkThumbprint } from "jose";
import { answer, asked, hash, holds, now, privateJwk, random, signed, take } from "./holder.mjs";

const ofJwk = (key, make) => make({ key: key.jwk, format: "jwk" });
const context = {
  crypto: { random, digest: ({ digestAlgorithm, bytes }) => hash(bytes, digestAlgorithm) },
  cose: {
    sign1: {
      sign: ({ key, toBeSigned }) => new Uint8Array(signed(toBeSigned, ofJwk(key, createPrivateKey))),
      verify: ({ key, sign1 }) => holds(sign1.toBeSigned, sign1.signature, ofJwk(key, createPublicKey)),
    },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new X509Certificate(certificate).issuer.split("\n").filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1)),
    getPublicKey: ({ certificate }) => CoseKey.fromJwk(new X509Certificate(certificate).publicKey.export({ format: "jwk" })),
    verifyCertificateChain: ({ trustedCertificates, x5chain }) => {
      const signer = new X509Certificate(x5chain[0]);
      const known = trustedCertificates.map((each) => new X509Certificate(each));
      if (!known.some((root) => root.ca && signer.checkIssued(root) && signer.verify(root.publicKey))) throw new Error("another authority");
    },
    getCertificateData: ({ certificate }) => {
      const found = new X509Certificate(certificate);
      const { issuer: issuerName, subject: subjectName, serialNumber, fingerprint256: thumbprint } = found;
      return { issuerName, subjectName, serialNumber, thumbprint, notBefore: found.validFromDate, notAfter: found.validToDate, pem: found.toString() };
    },
  },
};
const done = [];
const { credential, configuration } = await take("mso_mdoc");
const issued = IssuerSigned.fromEncodedForOid4Vci(credential);
done.push(`issued ${configuration.doctype}`);

const authority = new Uint8Array(await (await fetch(process.env.AUTHORITY)).arrayBuffer());
await Holder.verifyIssuerSigned({ issuerSigned: issued, trustedCertificates: [authority], now }, context);
done.push(`verified ${issued.getPrettyClaims("org.iso.18013.5.1").family_name}`);

const { request, wanted } = await asked();
const query = wanted.find(({ format }) => format === "mso_mdoc");
const namespaces = {};
for (const { path: [namespace, name] } of query.claims) namespaces[namespace] = { ...namespaces[namespace], [name]: false };
const itemsRequest = ItemsRequest.create({ docType: query.meta.doctype_value, namespaces });
const deviceRequest = DeviceRequest.create({ docRequests: [DocRequest.create({ itemsRequest })] });
const jwkThumbprint = new Uint8Array(Buffer.from(await calculateJwkThumbprint(request.client_metadata.jwks.keys[0]), "base64url"));
const sessionTranscript = await SessionTranscript.forOid4Vp({ clientId: request.client_id, nonce: request.nonce, responseUri: request.response_uri, jwkThumbprint }, context);
const signingKey = CoseKey.fromJwk({ ...privateJwk, alg: "ES256" });
const shown = await Holder.createDeviceResponseForDeviceRequest({ deviceRequest, sessionTranscript, issuerSigned: [issued], signature: { signingKey } }, context);
done.push(`shows ${query.claims.map(({ path }) => path[1]).join(" ")}`);
done.push(`answered ${(await answer(request, query, shown.encodedForOid4Vp)).status}`);
console.log(JSON.stringify(done));
