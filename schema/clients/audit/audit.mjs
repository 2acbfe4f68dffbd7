// The public audits of GraphQL over HTTP, every one of them, and whether the published schema is what introspection
// says. TILLGRAPH names the server.
import { auditServer } from 'graphql-http';
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql';

const server = process.env.TILLGRAPH ?? 'http://127.0.0.1:8080';
let failed = 0;

const audits = await auditServer({ url: `${server}/graphql`, fetchFn: fetch });
for (const { id, name, status, reason } of audits) {
  if (status === 'ok') continue;
  failed++;
  console.error(`${status} ${id} ${name}: ${reason}`);
}
console.log(`${audits.length - failed} of ${audits.length} audits passed`);

const answer = await fetch(`${server}/graphql`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }) }),
});
const { data } = await answer.json();
const sdl = await (await fetch(`${server}/schema.graphql`)).text();
const print = (schema) => printSchema(lexicographicSortSchema(schema)).split('\n');
const published = print(buildSchema(sdl));
const introspected = print(buildClientSchema(data));
const differs = published.findIndex((line, i) => line !== introspected[i]);
if (differs >= 0 || published.length !== introspected.length) {
  failed++;
  console.error(`published:    ${published[differs]}\nintrospected: ${introspected[differs]}`);
} else {
  console.log(`the published schema is what introspection says, ${published.length} lines`);
}
process.exitCode = failed > 0 ? 1 : 0;
