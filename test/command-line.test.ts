import { expect, test } from 'vitest';
import { main } from '../src/command-line.ts';
import { commands } from '../src/commands/index.ts';

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    readInput: async () => '',
    async *inputChunks() {},
    env: {},
    terminal: false,
    stop: new AbortController().signal,
    hurry: new AbortController().signal,
    endAfterStop: () => {},
    onReload: () => {},
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('help names every command', async () => {
  const { code, out } = await run('--help');
  expect(code).toBe(0);
  for (const { name } of commands) expect(out).toContain(`  ${name} `);
});

test('without a command it tells how it is used, and that this was no command', async () => {
  const { code, out } = await run();
  expect(code).toBe(2);
  expect(out).toContain('defender-siem <command>');
});

test('a mistyped command is answered with the nearest', async () => {
  const { code, err } = await run('chekc');
  expect(code).toBe(2);
  expect(err).toContain("did you mean 'check'?");
});

test('an unknown option is answered with the usage of the command', async () => {
  const { code, err } = await run('once', '--tiemout', '5m');
  expect(code).toBe(2);
  expect(err).toContain('usage: defender-siem once');
});

test.each(commands.map(({ name }) => name))('%s has a usage', async (name) => {
  const { code, out } = await run(name, '--help');
  expect(code).toBe(0);
  expect(out).toContain(`usage: defender-siem ${name}`);
});

test('a configuration that is not there is named', async () => {
  const { code, err } = await run('check', '--config', '/nowhere/defender-siem.yaml');
  expect(code).toBe(2);
  expect(err).toContain('/nowhere/defender-siem.yaml');
});

test.each([
  ['format', '--as', 'xml'],
  ['format', '--max-bytes', 'many'],
  ['once', '--timeout', 'soon'],
  ['simulate', '--port', 'http'],
])('bad arguments end with exit code 2: %s %s %s', async (...args) => {
  const { code, err } = await run(...args);
  expect(code).toBe(2);
  expect(err).toContain(args[1] ?? '');
});
