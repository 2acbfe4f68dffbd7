// Relay's compiler reads the schema from a file.
import { writeFile } from 'node:fs/promises';

const response = await fetch(`${process.env.TILLGRAPH ?? 'http://127.0.0.1:8080'}/schema.graphql`);
if (!response.ok) throw new Error(`the schema: status ${response.status}`);
await writeFile(new URL('schema.graphql', import.meta.url), await response.text());
// It adds its documents to this file, which must be there.
await writeFile(new URL('persisted.json', import.meta.url), '{}', { flag: 'wx' }).catch(({ code }) => {
  if (code !== 'EEXIST') throw new Error(code);
});
