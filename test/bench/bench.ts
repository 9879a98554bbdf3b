import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../src/errors.ts';
import { buildProgram } from '../support/built-program.ts';
import { Helper } from './child.ts';
import { readOptions } from './options.ts';
import { pageOf, sectionOf, targetsTable } from './page.ts';
import type { Findings, Part, Place } from './part.ts';
import { parts } from './parts.ts';
import type { Awaited, ReceiverAnswer } from './receiver.ts';
import type { ReceiverPorts } from './stage.ts';

// npm run bench -- [--part NAME,…|all] [--peers] [--shape alerts|events] [--only STAGE,…] [--records N] [--rounds N]
//                  [--backlog N] [--keys N] [--write]
//
// Measures the program as it is installed. Each part prints its figures and the targets beside them; `--write` keeps all
// of it as the page of results. BENCH_FOLDER names a folder on the disk that stores are to be measured on.

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = 'deploy/benchmark.md';
const args = process.argv.slice(2);
const options = readOptions(
  args,
  parts.map(({ name }) => name),
);
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'defender-siem-bench-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const program = buildProgram(folder);
const compiled = join(folder, 'installed/dist');
execFileSync(join(root, 'node_modules/.bin/tsc'), [
  '-p',
  join(root, 'test/bench/tsconfig.json'),
  '--outDir',
  compiled,
]);
const own = (name: string) => join(compiled, 'test/bench', `${name}.js`);

await using receiver = new Helper<Awaited, ReceiverAnswer>(own('receiver'), [folder]);
const ports = (await receiver.next()) as ReceiverPorts;
const say = (line: string) => void process.stderr.write(`${line}\n`);
const place: Place = { options, folder, program, receiver, ports, own, say };
const results: { readonly part: Part; readonly findings: Findings }[] = [];
for (const part of parts.filter(({ name }) => options.parts.includes(name))) {
  try {
    const findings = await part.run(place);
    results.push({ part, findings });
    console.log(sectionOf(part, findings));
  } catch (error) {
    // What was measured before, and what comes, is worth having all the same.
    say(`FAILED: ${part.name}: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
console.log(targetsTable(results.flatMap(({ findings }) => findings.targets)));
if (options.write && process.exitCode === undefined) {
  writeFileSync(join(root, page), pageOf(args, results));
  say(`written: ${page}`);
}
