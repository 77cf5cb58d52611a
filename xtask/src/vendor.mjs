// Makes console/vendor: one module of the libraries that the console stands on, what is in it, and under which licence.
// Called by `cargo xtask vendor` with the folder of the installed packages and the folder to write.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

const [tools, vendor] = process.argv.slice(2);
const require = createRequire(join(tools, 'package.json'));
const { build } = require('esbuild');

// Only names that preact 10 has too, so that a step back is one file.
const MODULE = `
import { h } from 'preact';
import htm from 'htm';
export { Component, h, render } from 'preact';
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export const html = htm.bind(h);
`;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The package that a file belongs to, from its path below node_modules. */
const packageOf = (path) => {
  const [scope, name] = path.split(`node_modules${sep}`).at(-1).split(sep);
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
};

const { outputFiles: [output], metafile } = await build({
  stdin: { contents: MODULE, resolveDir: tools },
  absWorkingDir: tools,
  bundle: true,
  format: 'esm',
  legalComments: 'none',
  metafile: true,
  minify: true,
  target: 'es2022',
  write: false,
});

const inputs = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>').sort();
const names = [...new Set(inputs.map(packageOf))].sort();
const lines = ['# Written by `cargo xtask vendor`. What stands in preact.js, and what it was made of.', ''];
await mkdir(join(vendor, 'licences'), { recursive: true });
const contents = [];
for (const name of names) {
  const home = join(tools, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  const licence = `licences/${name.replace('@', '').replace('/', '-')}.txt`;
  await copyFile(join(home, 'LICENSE'), join(vendor, licence));
  contents.push(`${name} ${version} (${license})`);
  lines.push('[[package]]', `name = "${name}"`, `version = "${version}"`, `licence = "${license}"`);
  lines.push(`licence_file = "${licence}"`, '[package.inputs]');
  for (const path of inputs.filter((path) => packageOf(path) === name)) {
    const below = path.split(`node_modules/${name}/`).at(-1);
    lines.push(`"${below}" = "${sha256(await readFile(join(tools, path)))}"`);
  }
  lines.push('');
}
const text = `// ${contents.join(', ')}. Their licences lie beside.\n${output.text}`;
const bundler = JSON.parse(await readFile(join(tools, 'node_modules/esbuild/package.json'), 'utf8'));
lines.push('[output]', 'file = "preact.js"', `bytes = ${Buffer.byteLength(text)}`, `sha256 = "${sha256(text)}"`);
lines.push(`bundler = "esbuild ${bundler.version}"`, '');
await writeFile(join(vendor, 'preact.js'), text);
await writeFile(join(vendor, 'LOCK.toml'), lines.join('\n'));
console.log(`${contents.join(', ')}: ${Buffer.byteLength(text)} bytes`);
