import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { messageOf } from '../../src/errors.ts';

/** A syslog server that others have written, to try the connector against. */
export type PeerName = 'rsyslog' | 'syslog-ng';

/** Where such a server is. `root`: the folder that its packages were unpacked in; undefined for an installed one. */
interface Installation {
  readonly program: string;
  readonly root: string | undefined;
}

/** A running server; disposing of it ends it. */
export interface RunningPeer extends AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** What it has said so far. */
  output(): string;
  /** Ends it as a crash does: SIGKILL. */
  kill(): Promise<void>;
  /** Lets it hang: SIGSTOP. Resolves once none of its threads runs any more. */
  hang(): Promise<void>;
}

const programs: Readonly<Record<PeerName, string>> = { rsyslog: 'rsyslogd', 'syslog-ng': 'syslog-ng' };
const packages: Readonly<Record<PeerName, readonly string[]>> = {
  rsyslog: ['rsyslog', 'rsyslog-relp', 'rsyslog-gnutls', 'rsyslog-openssl'],
  'syslog-ng': ['syslog-ng-core'],
};
const cache = fileURLToPath(new URL('../../node_modules/.cache/peers', import.meta.url));
/** Neither a missing network nor a slow mirror may hold up the tests for longer, ms. */
const longestFetchMs = 90_000;
const longestStartMs = 15_000;
const run = promisify(execFile);
const found = new Map<PeerName, Promise<Installation>>();

/** For tests that fetch a server first: longer than that takes, and the test behind it, ms. */
export const peerTestTimeoutMs = longestFetchMs + 60_000;

/**
 * Skips the test, saying so on standard error, where `name` is neither installed nor can be fetched from Debian. A
 * test that calls it needs `peerTestTimeoutMs`.
 */
export async function needPeer(context: Pick<TestContext, 'skip'>, name: PeerName): Promise<void> {
  const reason = await whyNoPeer(name);
  if (reason === undefined) return;
  process.stderr.write(`NOT TESTED against ${name}: ${reason}\n`);
  context.skip(reason);
}

/** Resolves with why there is no such server here; undefined when there is one. */
export async function whyNoPeer(name: PeerName): Promise<string | undefined> {
  try {
    await findPeer(name);
    return undefined;
  } catch (error) {
    return `${programs[name]} is not installed, and fetching it failed: ${messageOf(error)}`;
  }
}

/**
 * Starts a server with this configuration, its state in `folder`, and resolves once it takes connections on each of
 * `ports` of 127.0.0.1. Rejects with what it said when it does not start.
 */
export async function startPeer(
  name: PeerName,
  configuration: string,
  { folder, ports }: { readonly folder: string; readonly ports: readonly number[] },
): Promise<RunningPeer> {
  const { program, root } = await findPeer(name);
  const config = join(folder, `${name}.conf`);
  await writeFile(config, configuration);
  const child = spawn(program, argumentsOf(name, root, config, folder), {
    cwd: folder,
    env: environment(root),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = once(child, 'close');
  closed.catch(() => {});
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const untilMs = Date.now() + longestStartMs;
  for (const port of ports) {
    while (!(await accepts(port))) {
      if (ended() || Date.now() > untilMs) {
        child.kill('SIGKILL');
        await closed;
        throw new Error(`${name} did not start to listen on port ${port}: ${output}`);
      }
      await sleep(20);
    }
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async hang() {
      child.kill('SIGSTOP');
      while (!isStopped(child.pid)) await sleep(5);
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async [Symbol.asyncDispose]() {
      if (!ended()) child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
      await closed;
      clearTimeout(hard);
    },
  };
}

/**
 * Lets a server check a configuration by itself, and resolves with all it said of it. Rejects with that when it
 * refuses it.
 */
export async function checkPeer(name: PeerName, configuration: string, folder: string): Promise<string> {
  const { program, root } = await findPeer(name);
  const config = join(folder, `${name}-check.conf`);
  await writeFile(config, configuration);
  const check = name === 'rsyslog' ? '-N1' : '-s';
  const { stdout, stderr } = await run(program, [check, ...argumentsOf(name, root, config, folder)], {
    cwd: folder,
    env: environment(root),
  });
  return stdout + stderr;
}

/**
 * Resolves with a TCP port of the loopback interface that nothing listens on: below those that systems give to
 * connections and to servers without a wish (from 32768 on), one of which may take it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    const listens = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!listens) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Whether every thread is in the state T (proc(5)). */
function isStopped(pid: number | undefined): boolean {
  const threads = globSync(`/proc/${pid}/task/*/stat`);
  return threads.every((path) => /\) T /.test(readFileSync(path, 'utf8')));
}

function argumentsOf(name: PeerName, root: string | undefined, config: string, folder: string): string[] {
  if (name === 'rsyslog') {
    const modules = root === undefined ? [] : ['-M', folderIn(root, 'usr/lib/*-linux-gnu*/rsyslog')];
    return ['-n', '-f', config, '-i', join(folder, 'rsyslogd.pid'), ...modules];
  }
  const state = ['-R', join(folder, 'persist'), '-p', join(folder, 'pid'), '-c', join(folder, 'control')];
  const modules = root === undefined ? [] : ['--module-path', folderIn(root, 'usr/lib/syslog-ng/[0-9]*')];
  return ['-F', '--no-caps', '-f', config, ...state, ...modules];
}

function folderIn(root: string, pattern: string): string {
  const [folder] = globSync(pattern, { cwd: root });
  if (folder === undefined) throw new Error(`${root} has no ${pattern}`);
  return join(root, folder);
}

function environment(root: string | undefined): NodeJS.ProcessEnv {
  return root === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries(root) };
}

function libraries(root: string): string {
  return globSync('{usr/lib,lib}/{*-linux-gnu*,syslog-ng}', { cwd: root })
    .map((folder) => join(root, folder))
    .join(delimiter);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function findPeer(name: PeerName): Promise<Installation> {
  const known = found.get(name);
  if (known !== undefined) return known;
  const finding = installed(name) ?? fetchPeer(name);
  found.set(name, finding);
  return finding;
}

function installed(name: PeerName): Promise<Installation> | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const program = folders.map((folder) => join(folder, programs[name])).find(isExecutable);
  if (program === undefined || !existsModuleOf(name)) return undefined;
  return Promise.resolve({ program, root: undefined });
}

/** An rsyslog is often installed without its modules for RELP and TLS, which are packages of their own. */
function existsModuleOf(name: PeerName): boolean {
  const needed = name === 'rsyslog' ? ['imrelp.so', 'lmnsd_ossl.so'] : [];
  return needed.every((file) => globSync(`/usr/lib{,64}/{,*-linux-gnu*/}rsyslog/${file}`).length > 0);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Unpacks the packages of a server, and those they need that this host lacks, without installing anything. */
async function fetchPeer(name: PeerName): Promise<Installation> {
  const root = join(cache, name);
  const program = join(root, 'usr/sbin', programs[name]);
  if (existsSync(program)) return { program, root };
  mkdirSync(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'fetching-'));
  try {
    const signal = AbortSignal.timeout(longestFetchMs);
    const lists = await usableLists(packages[name], work, signal);
    const plan = await apt(
      [...lists, '-s', '--no-install-recommends', 'install', ...packages[name]],
      work,
      signal,
    );
    const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, found = '']) => found);
    await apt([...lists, 'download', ...new Set([...packages[name], ...missing])], work, signal);
    const unpacked = join(work, 'root');
    for (const file of globSync('*.deb', { cwd: work })) {
      await run('dpkg-deb', ['-x', join(work, file), unpacked], { signal });
    }
    renameWhole(unpacked, root);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!existsSync(program)) throw new Error(`its packages have no ${programs[name]}`);
  return { program, root };
}

/** Another process may have been faster: then what that one unpacked stays. */
function renameWhole(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** Returns options of apt with which it knows these packages: none, or a state of its own, brought up to date. */
async function usableLists(names: readonly string[], work: string, signal: AbortSignal): Promise<string[]> {
  const known = await run('apt-cache', ['show', ...names], { signal, maxBuffer: 2 ** 24 }).then(
    () => true,
    () => false,
  );
  if (known) return [];
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  mkdirSync(join(work, 'archives/partial'), { recursive: true });
  const options = ['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${work}`];
  await apt([...options, 'update'], work, signal);
  return options;
}

async function apt(args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  const patience = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15'];
  const { stdout } = await run('apt-get', [...patience, ...args], {
    cwd,
    signal,
    maxBuffer: 2 ** 24,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return stdout;
}
