// Mercurius with JIT over the product's own schema: loaders, or (JOINED=1) one SQL for each domain. It reads what the other
// servers read: BENCH_PORT, DATABASE_URL, REDIS_URL, BENCH_KEY, BENCH_ISSUER, BENCH_SCHEMA, and sql/statements.sql.
import crypto from 'node:crypto'
import fs from 'node:fs'
import fastify from 'fastify'
import { createVerifier } from 'fast-jwt'
import { GraphQLScalarType } from 'graphql'
import Redis from 'ioredis'
import mercurius from 'mercurius'
import postgres from 'postgres'

const JOINED = process.env.JOINED === '1'
const address = new URL(process.env.DATABASE_URL.replace('@/', '@localhost/'))
const sql = postgres({
  host: address.searchParams.get('host'), port: 5432, database: address.pathname.slice(1), username: address.username,
  max: 16, connection: { timezone: 'UTC', jit: 'off', plan_cache_mode: 'force_generic_plan' }
})
const redis = new Redis({ path: new URL(process.env.REDIS_URL).pathname, enableAutoPipelining: true })
const verify = createVerifier({
  key: fs.readFileSync(process.env.BENCH_KEY), algorithms: ['EdDSA'], allowedAud: 'haian', allowedIss: process.env.BENCH_ISSUER,
  cache: 5000 // verified tokens are kept, as the gateway does
})

const blocks = fs.readFileSync(new URL('../sql/statements.sql', import.meta.url), 'utf8').split(/^-- name: (\w+)\n/m)
const SQL = {}
for (let i = 1; i < blocks.length; i += 2) SQL[blocks[i]] = blocks[i + 1].trim()
const ask = (name, ...values) => sql.unsafe(SQL[name], values, { prepare: true })
const one = async (name, ...values) => (await ask(name, ...values))[0]

async function context (request) {
  const claims = verify((request.headers.authorization || '').slice(7))
  if (await redis.get('bench:session:' + claims.sid) !== claims.sub) throw new Error('UNAUTHENTICATED')
  return { citizen: claims.sub, now: new Date() }
}

const cursor = keys => Buffer.from(keys).toString('base64').replace(/\+/g, '-').replace(/\//g, '_')
const day = value => value === null ? null : value instanceof Date ? value.toISOString().slice(0, 10) : value
const page = (rows, first, node) => {
  const edges = rows.slice(0, first).map(row => ({ cursor: cursor(row.keys), node: node(row) }))
  return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.length ? edges.at(-1).cursor : null } }
}

// What is looked for, as search/words.py folds it.
const LATIN = /^[a-z0-9]+$/
const fold = text => Array.from(text.normalize('NFKD').toLowerCase().normalize('NFKD')).filter(c => /[\p{L}\p{N}]/u.test(c)).join('')
function wanted (text) {
  const grams = new Set(), needles = new Set()
  for (const word of text.split(/\s+/).map(fold).filter(Boolean)) {
    if (LATIN.test(word)) {
      needles.add('~' + word.slice(0, 24))
      grams.add('~' + word.slice(0, 4))
    } else {
      const chars = Array.from(word)
      needles.add(word)
      for (let i = 0; i < chars.length; i += 4) grams.add(chars.slice(Math.max(0, Math.min(i, chars.length - 4))).slice(0, 4).join(''))
    }
  }
  const [lead = ''] = grams
  const exact = needles.size === 0 || (needles.size === 1 && needles.has(lead))
  return [[...grams], [...needles], lead, exact ? 1 : 8]
}

const citizen = row => ({
  id: row.id, name: row.name, maskedName: row.masked_name, maskedPhone: row.masked_phone, level: row.level, demo: row.demo,
  communityCode: row.community_code
})
const thing = row => ({
  id: row.id, app: row.app, kind: row.kind, title: row.title, place: row.place, startsAt: row.starts_at, endsAt: row.ends_at,
  link: row.link, state: row.state, number: row.number
})
const news = row => ({
  id: row.id, topic: row.topic, title: row.title, publishedAt: row.published_at, demo: row.demo, streetCode: row.street_code
})
const child = row => ({ id: row.id, name: row.name, born: day(row.born), relation: row.relation })
const joinedNews = row => ({ ...news(row), street: row.street_code && { code: row.street_code, name: row.street_name } })
const joinedCitizen = row => ({
  ...citizen(row),
  maskedNumber: row.masked_number,
  community: row.community_code && { code: row.community_code, name: row.community_name },
  memberships: row.memberships,
  children: row.children
})

const Query = {
  async identityViewer (_, args, c) {
    const row = JOINED ? await one('viewer_joined', c.citizen, c.now) : await one('viewer', c.citizen)
    return row ? (JOINED ? joinedCitizen(row) : citizen(row)) : null
  },
  async homeThings (_, args, c) {
    const found = await Promise.all(['next_bookings', 'next_notices', 'next_appointments'].map(name => ask(name, c.citizen, c.now)))
    return found.flat().map(thing).sort((a, b) => (a.startsAt ? +a.startsAt : 0) - (b.startsAt ? +b.startsAt : 0)).slice(0, 6)
  },
  messagesUnread: async (_, args, c) => (await one('unread', c.citizen)).unread,
  messagesNews: async (_, { first }, c) =>
    page(await ask(JOINED ? 'news_joined' : 'news', c.now, first + 1), first, JOINED ? joinedNews : news),
  searchFind: async (_, { text, first }) => page(await ask('find', ...wanted(text), first + 1), first, row => row)
}

async function book (tx, c, slot, patient) {
  const run = (name, ...values) => tx.unsafe(SQL[name], values, { prepare: true })
  const [allowed] = await run('may_book', c.citizen, patient, c.now)
  if (!allowed.mine || allowed.unverified) throw new Error('NOT_YOUR_PATIENT')
  if (!(await run('take_seat', slot, c.now)).length) throw new Error('SOLD_OUT')
  const [made] = await run('add_appointment', slot, patient, c.citizen, c.now)
  if (!made) throw new Error('ALREADY_BOOKED')
  await run('record', c.citizen, patient, made.id, c.now)
  await run('tell', made.id, c.now)
  return made.id
}

const Mutation = {
  async healthcareBook (_, { slot, patient, key }, c) {
    const asked = crypto.createHash('sha256').update(JSON.stringify({ slot, patient })).digest()
    const id = await sql.begin(async tx => {
      const run = (name, ...values) => tx.unsafe(SQL[name], values, { prepare: true })
      const [before] = await run('claim_key', c.citizen, key, asked, c.now)
      if (before) return before.answered.id
      const made = await book(tx, c, slot, patient)
      await run('answer_key', c.citizen, key, { typename: 'HealthcareAppointment', id: made })
      return made
    })
    const a = await one('appointment', id, c.now)
    return {
      __typename: 'HealthcareAppointment', id: a.id, status: a.status.toUpperCase(), number: a.number, day: day(a.day),
      startsAt: a.starts_at, endsAt: a.ends_at, feeCents: a.fee_cents, reason: a.reason, cancellable: a.cancellable,
      cancelledBy: a.cancelled_by && a.cancelled_by.toUpperCase(), patientId: a.patient_id, doctorId: a.doctor_id,
      departmentId: a.department_id, hospitalId: a.hospital_id
    }
  }
}

// A loader: the keys of all objects of a turn in one statement.
const by = (statement, key, name = 'id') => ({
  async loader (queries) {
    const rows = await ask(statement, [...new Set(queries.map(q => q.obj[key]).filter(Boolean))])
    const found = new Map(rows.map(row => [row[name], row]))
    return queries.map(q => found.get(q.obj[key]) ?? null)
  },
  opts: { cache: false }
})
const each = (statement, made = row => row) => ({
  loader: (queries, { citizen: _, now }) => Promise.all(queries.map(async q => (await ask(statement, q.obj.id, now)).map(made))),
  opts: { cache: false }
})
const read = {
  Citizen: {
    maskedNumber: {
      loader: queries => Promise.all(queries.map(async q => (await one('shown_number', q.obj.id))?.shown ?? null)),
      opts: { cache: false }
    },
    community: by('divisions', 'communityCode', 'code'),
    memberships: each('memberships', row => ({ role: row.role, place: row.place, organisationId: row.organisation_id })),
    children: each('children', child)
  },
  Membership: { organisation: by('organisations', 'organisationId') },
  News: { street: by('divisions', 'streetCode', 'code') }
}
const booked = {
  HealthcareAppointment: {
    patient: by('patients', 'patientId'), doctor: by('doctors', 'doctorId'), department: by('departments', 'departmentId'),
    hospital: by('hospitals', 'hospitalId')
  }
}

const time = value => value instanceof Date ? value.toISOString() : value
const server = fastify()
server.register(mercurius, {
  schema: fs.readFileSync(process.env.BENCH_SCHEMA, 'utf8'),
  resolvers: {
    DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: time, parseValue: value => new Date(value) }),
    Query,
    Mutation,
    HealthcarePatient: { isMe: (patient, _, c) => patient.id === c.citizen },
    HealthcareBooking: { resolveType: value => value.__typename }
  },
  loaders: JOINED ? booked : { ...read, ...booked },
  jit: 1,
  path: '/graphql',
  context
})
server.listen({ port: Number(process.env.BENCH_PORT), host: '127.0.0.1' })
