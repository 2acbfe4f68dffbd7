// Fails when a schema takes away what an earlier one promised: node audit/breaking.mjs EARLIER NOW, both files. What was
// deprecated until a day may be gone after it.
import { readFile } from 'node:fs/promises';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const [earlier, now] = await Promise.all(
  process.argv.slice(2, 4).map(async (file) => buildSchema(await readFile(file, 'utf8'))),
);
const over = (reason) => {
  const day = /there until (\d{4}-\d\d-\d\d)\.$/.exec(reason ?? '')?.[1];
  return day !== undefined && day < new Date().toISOString().slice(0, 10);
};
// What is gone is named first: "Type.field was removed."
const allowed = ({ description }) => {
  const [, type, member] = /^(\w+)\.(\w+)/.exec(description) ?? [];
  const of = earlier.getType(type);
  const gone = of?.getFields?.()[member] ?? of?.getValue?.(member);
  return over(gone?.deprecationReason);
};
const breaking = findBreakingChanges(earlier, now).filter((change) => !allowed(change));
for (const { type, description } of breaking) console.error(`${type}: ${description}`);
for (const { type, description } of findDangerousChanges(earlier, now)) console.log(`to think of: ${type}: ${description}`);
console.log(`${breaking.length} breaking changes`);
process.exitCode = breaking.length > 0 ? 1 : 0;
