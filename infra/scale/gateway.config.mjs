// Hive Gateway in front of the subgraphs: trusted documents alone, each citizen's own headers passed on, answers as they are.
//   HAIAN_ROUTER_KEY   32 bytes in hexadecimal, the same as the subgraphs'
//   HAIAN_REFUSALS     refusals.json, which `python -m server supergraph <folder>` writes
//   HAIAN_DOCUMENTS    manifest.json of the trusted documents (default: the repository's)
import crypto from 'node:crypto'
import fs from 'node:fs'
import { defineConfig } from '@graphql-hive/gateway'
import { createGraphQLError } from '@graphql-tools/utils'
import { parse } from 'graphql'

const key = Buffer.from(process.env.HAIAN_ROUTER_KEY ?? '', 'hex')
if (key.length !== 32) throw new Error('HAIAN_ROUTER_KEY: 32 bytes in hexadecimal, the same as the subgraphs have')
const manifest = process.env.HAIAN_DOCUMENTS ?? new URL('../../graphql/documents/manifest.json', import.meta.url)
const documents = new Map(
  JSON.parse(fs.readFileSync(manifest, 'utf8')).operations.map(({ id, body }) => [id, parse(body, { noLocation: true })]),
)

/** What shows a subgraph that this is its router: the time, and its HMAC. Good for two minutes; made anew each half one. */
function proof() {
  const at = String(Math.floor(Date.now() / 30_000) * 30)
  return `${at} ${crypto.createHmac('sha256', key).update(at).digest('hex')}`
}

/** Who asks is said by these alone; each subgraph finds out by itself who that is. */
const PASSED = ['accept-language', 'authorization', 'cookie', 'origin', 'x-forwarded-for', 'x-haian-address', 'x-request-id']

function passed(request) {
  const headers = { 'x-haian-router': proof() }
  for (const name of PASSED) {
    const value = request.headers.get(name)
    if (value) headers[name] = value
  }
  return headers
}

/** Subgraphs are asked for subscriptions by websocket: its handshake has the same headers as every other request. */
const SOCKET_HEADERS = ['x-haian-router', ...PASSED].map((name) => [name, `{context.haian['${name}']}`])

const sentences = JSON.parse(fs.readFileSync(process.env.HAIAN_REFUSALS, 'utf8'))
const refusal = (code) => ({ request }) =>
  createGraphQLError(sentences[code][request.headers.get('accept-language')?.startsWith('en') ? 'en' : 'zh'], {
    extensions: { code, http: { status: 400 } },
  })

export const gatewayConfig = defineConfig({
  persistedDocuments: {
    allowArbitraryDocuments: false,
    skipDocumentValidation: true,
    extractPersistedOperationId: (params) => params.documentId ?? params.extensions?.persistedQuery?.sha256Hash ?? null,
    getPersistedOperation: (id) => documents.get(id.replace(/^sha256:/, '')) ?? null,
    customErrors: {
      notFound: refusal('DOCUMENT_UNKNOWN'),
      keyNotFound: refusal('DOCUMENT_REQUIRED'),
      persistedQueryOnly: refusal('DOCUMENT_REQUIRED'),
    },
  },
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => passed(request),
    fromSubgraphsToClient: ({ response }) => ({
      'set-cookie': response.headers.getSetCookie(),
      'cache-control': 'no-store',
    }),
    deduplicateHeaders: true,
  },
  transportEntries: {
    '*.http': { options: { subscriptions: { kind: 'ws', headers: SOCKET_HEADERS } } },
  },
  plugins: () => [
    {
      onContextBuilding({ context, extendContext }) {
        if (context.request) extendContext({ haian: passed(context.request) })
      },
      // Which server refused is nobody's business.
      onResultProcess({ result }) {
        for (const each of Array.isArray(result) ? result : [result]) {
          for (const error of each?.errors ?? []) delete error.extensions?.serviceName
        }
      },
    },
  ],
  graphqlEndpoint: '/graphql',
  healthCheckEndpoint: '/health/live',
  readinessCheckEndpoint: '/health/ready',
  cors: false, // one origin: what a page of another site sends, the subgraphs refuse
  graphiql: false,
  landingPage: false,
  disableIntrospection: { disableIf: () => true },
  multipart: false,
  batching: false,
  // Subgraphs are behind us on a private network; what a person may do is decided there.
  requestTimeout: 20_000,
  logging: process.env.HAIAN_LOG_LEVEL === 'debug' ? 'debug' : 'warn',
})
