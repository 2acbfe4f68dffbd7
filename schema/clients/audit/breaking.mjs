// Fails when a schema takes away what an earlier one promised: node audit/breaking.mjs EARLIER NOW, both files.
import { readFile } from 'node:fs/promises';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const [earlier, now] = await Promise.all(
  process.argv.slice(2, 4).map(async (file) => buildSchema(await readFile(file, 'utf8'))),
);
const breaking = findBreakingChanges(earlier, now);
for (const { type, description } of breaking) console.error(`${type}: ${description}`);
for (const { type, description } of findDangerousChanges(earlier, now)) console.log(`to think of: ${type}: ${description}`);
console.log(`${breaking.length} breaking changes`);
process.exitCode = breaking.length > 0 ? 1 : 0;
