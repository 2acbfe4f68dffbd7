// Copies the pinned browser builds out of node_modules into assets/, which the
// Go binary embeds. No bundler: the files stay, byte for byte, what the
// packages ship and what an npm CDN serves, so that one integrity hash in
// pinned.json holds for both.
//
//   node build.mjs        copy; a file that is not the pinned one is an error
//   node build.mjs --pin  write pinned.json anew from what is installed

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const assets = join(here, 'assets');
const pinFile = join(here, 'pinned.json');

const json = async (file) => JSON.parse(await readFile(file, 'utf8'));

async function installed(pin) {
  const { version } = await json(join(modules, pin.package, 'package.json'));
  const bytes = await readFile(join(modules, pin.package, pin.file));
  const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  return { ...pin, version, integrity };
}

async function pinAnew(pins) {
  const fresh = await Promise.all(pins.map(installed));
  await writeFile(pinFile, `${JSON.stringify(fresh, null, 2)}\n`);
  console.log(`pinned ${fresh.length} files`);
}

async function build(pins) {
  // What an older build left must not be embedded.
  for (const entry of await readdir(assets)) {
    if (entry !== 'README.md') await rm(join(assets, entry), { recursive: true });
  }
  for (const pin of pins) {
    const found = await installed(pin);
    for (const key of ['version', 'integrity']) {
      if (found[key] !== pin[key]) {
        throw new Error(
          `${pin.package}/${pin.file}: ${key} is ${found[key]}, pinned.json says ${pin[key]}`,
        );
      }
    }
    const target = join(assets, `${pin.package}-${pin.version}`, pin.file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(modules, pin.package, pin.file), target);
    console.log(`${pin.package}@${pin.version} ${pin.file}`);
  }
  await writeFile(join(assets, 'LICENSES.txt'), await licences());
}

// GraphiQL's bundle holds code of most packages that it depends on, under
// licences that ask for their notice to travel along.
async function licences() {
  const lock = await json(join(here, 'package-lock.json'));
  const parts = [
    'The API explorer contains code of the packages below, and of graphql-ws ' +
      '(Copyright Denis Badurina; MIT), which GraphiQL bundles without depending on it.',
    'The style sheet of GraphiQL also contains the typefaces Roboto ' +
      '(Copyright Google; Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0) and ' +
      'Fira Code (Copyright The Fira Code Project Authors; SIL Open Font License 1.1, ' +
      'https://openfontlicense.org).',
  ];
  for (const path of Object.keys(lock.packages).filter(Boolean).sort()) {
    const dir = join(here, path);
    let names;
    try {
      names = await readdir(dir);
    } catch {
      continue; // an optional package that this platform did not get
    }
    const { name, version, license } = await json(join(dir, 'package.json'));
    parts.push(`${'-'.repeat(72)}\n${name} ${version} (${license ?? 'see text'})`);
    for (const file of names.filter((n) => /^(licen[cs]e|notice|copying)/i.test(n)).sort()) {
      parts.push((await readFile(join(dir, file), 'utf8')).trim());
    }
  }
  return `${parts.join('\n\n')}\n`;
}

const pins = await json(pinFile);
await (process.argv.includes('--pin') ? pinAnew(pins) : build(pins));
