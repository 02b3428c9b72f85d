// Hive Gateway in front of the subgraphs: trusted documents alone, each citizen's own headers passed on, answers as they are.
//   HAIAN_ROUTER_KEY   32 bytes in hexadecimal, the same as the subgraphs'
//   HAIAN_PUBLIC_ORIGINS  the first of them is that of pages whose GET does not say it
//   HAIAN_REFUSALS     refusals.json, which `python -m server supergraph <folder>` writes
//   HAIAN_DOCUMENTS    manifest.json of the trusted documents (default: the repository's)
import crypto from 'node:crypto'
import fs from 'node:fs'
import { defineConfig } from '@graphql-hive/gateway'
import { createGraphQLError } from '@graphql-tools/utils'

const key = Buffer.from(process.env.HAIAN_ROUTER_KEY ?? '', 'hex')
if (key.length !== 32) throw new Error('HAIAN_ROUTER_KEY: 32 bytes in hexadecimal, the same as the subgraphs have')
const manifest = process.env.HAIAN_DOCUMENTS ?? new URL('../../graphql/documents/manifest.json', import.meta.url)
const documents = new Map(
  JSON.parse(fs.readFileSync(manifest, 'utf8')).operations.map(({ id, body }) => [id, body]),
)

const ORIGIN = (process.env.HAIAN_PUBLIC_ORIGINS ?? '').split(',')[0].trim()

/** What shows a subgraph that this is its router: the time, and its HMAC. Good for two minutes; made anew each half one. */
function proof() {
  const at = String(Math.floor(Date.now() / 30_000) * 30)
  return `${at} ${crypto.createHmac('sha256', key).update(at).digest('hex')}`
}

/** Who asks is said by these alone; each subgraph finds out by itself who that is. */
const PASSED = ['accept-language', 'authorization', 'cookie', 'origin', 'x-forwarded-for', 'x-haian-address', 'x-haian-for', 'x-request-id']

function passed(request) {
  const headers = { 'x-haian-router': proof() }
  for (const name of PASSED) {
    const value = request.headers.get(name)
    if (value) headers[name] = value
  }
  // A page's own GET has no Origin, and can be no more than a query: subgraphs, which are always sent a POST, want one.
  if (request.method === 'GET' && !headers.origin && !request.headers.get('upgrade')) headers.origin = ORIGIN
  return headers
}

/** Subgraphs are asked for subscriptions by websocket: its handshake has the same headers as every other request. */
const SOCKET_HEADERS = ['x-haian-router', ...PASSED].map((name) => [name, `{context.haian['${name}']}`])

const sentences = JSON.parse(fs.readFileSync(process.env.HAIAN_REFUSALS, 'utf8'))

function sentence(code, request) {
  return sentences[code][request?.headers.get('accept-language')?.startsWith('en') ? 'en' : 'zh']
}

function refusal(code, request) {
  const http = request.headers.get('upgrade') ? {} : { http: { status: 400 } }
  return { errors: [createGraphQLError(sentence(code, request), { extensions: { code, ...http } })] }
}

/** Hive's own words for a subgraph that does not answer. */
const AWAY = new Set(['DOWNSTREAM_SERVICE_ERROR', 'GATEWAY_TIMEOUT', 'SUBREQUEST_HTTP_ERROR', 'TIMEOUT_ERROR'])

/** What a subgraph refused keeps its code and sentence, however deep it is wrapped; everything else is one of ours. */
function publicError(error) {
  for (let cause = error; cause; cause = cause.originalError ?? cause.cause) {
    if (Array.isArray(cause)) cause = cause[0]
    const code = cause?.extensions?.code
    if (code && code !== 'INTERNAL_SERVER_ERROR' && !AWAY.has(code)) {
      const { serviceName, ...extensions } = cause.extensions // which server refused is nobody's business
      return createGraphQLError(cause.message, { path: error.path ?? cause.path, extensions })
    }
    if (AWAY.has(code)) return createGraphQLError('UNAVAILABLE', { path: error.path, extensions: { code: 'UNAVAILABLE' } })
  }
  return createGraphQLError('INTERNAL', { path: error?.path, extensions: { code: 'INTERNAL' } })
}

/**
 * Trusted documents by their id or hash, as the gateway of one machine takes them. Hive's own persisted documents would do,
 * but what they refuse ends a whole websocket (4500) instead of one operation.
 */
const trustedDocuments = {
  onParams({ params, request, setParams, setResult }) {
    const named = request.method === 'GET' ? new URL(request.url, 'http://localhost').searchParams.get('documentId') : null
    const id = params.documentId ?? named ?? params.extensions?.persistedQuery?.sha256Hash
    const query = typeof id === 'string' && !params.query ? documents.get(id.replace(/^sha256:/, '')) : undefined
    if (!query) setResult(refusal(params.query || typeof id !== 'string' ? 'DOCUMENT_REQUIRED' : 'DOCUMENT_UNKNOWN', request))
    setParams({ query: query ?? '{ __typename }', variables: params.variables, operationName: params.operationName })
  },
}

const citizens = {
  onContextBuilding({ context, extendContext }) {
    if (context.request) extendContext({ haian: passed(context.request) })
  },
  onExecutionResult({ result, request, setResult }) {
    if (!result?.errors) return
    const errors = result.errors.map((error) => {
      const made = error.extensions?.http ? error : publicError(error)
      const code = made.extensions.code
      return code in sentences ? createGraphQLError(sentence(code, request), { path: made.path, extensions: made.extensions }) : made
    })
    setResult({ ...result, errors })
  },
}

export const gatewayConfig = defineConfig({
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
  maskedErrors: { maskError: publicError },
  plugins: () => [trustedDocuments, citizens],
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
