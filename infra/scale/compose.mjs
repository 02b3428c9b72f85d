// node compose.mjs <folder of name.graphql> <supergraph.graphql> <address of a subgraph, with {name} or {port} in it> [first port]
// Both public composers must take the subgraphs, without an error or a hint; the first one's supergraph is written.
import fs from 'node:fs'
import path from 'node:path'
import { composeServices as composeAtApollo } from '@apollo/composition'
import { compositionHasErrors, composeServices as composeAtGuild } from '@theguild/federation-composition'
import { parse } from 'graphql'

const [folder, out, address, firstPort] = process.argv.slice(2)
const names = fs.readdirSync(folder).filter((file) => file.endsWith('.graphql')).map((file) => file.replace('.graphql', ''))
const subgraphs = names.sort().map((name, number) => ({
  name,
  url: address.replace('{name}', name).replace('{port}', Number(firstPort) + number),
  typeDefs: parse(fs.readFileSync(path.join(folder, `${name}.graphql`), 'utf8')),
}))

const apollo = composeAtApollo(subgraphs)
const guild = composeAtGuild(subgraphs)
const faults = [
  ...(apollo.errors ?? []).map((error) => `@apollo/composition: ${error.message}`),
  ...(apollo.hints ?? []).map((hint) => `@apollo/composition, hint: ${hint.message}`),
  ...(compositionHasErrors(guild) ? guild.errors : []).map((error) => `@theguild/federation-composition: ${error.message}`),
]
if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
fs.writeFileSync(out, apollo.supergraphSdl)
console.log(`${names.length} subgraphs: ${names.join(', ')}`)
