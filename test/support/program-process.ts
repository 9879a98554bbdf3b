import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bundledProgram } from './bundled-program.ts';

/** How a process of the command line ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process of the command line is started. */
export interface CliOptions {
  readonly cwd?: string;
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on standard input; nothing without it. */
  readonly input?: string;
  /** Options of Node, before the program's file. */
  readonly node?: readonly string[];
  /** The program's file; without it, the one bundled of the sources as they are. */
  readonly program?: string;
}

const program = await bundledProgram();
/** Nothing waits for this: it only ends what would otherwise hang for ever. */
const longestMs = 120_000;
/** Compiled code is kept between the processes: each starts in half the time. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));

const alive = new Set<ChildProcessWithoutNullStreams>();

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process of the real program; disposing of it kills it. */
export class ProgramProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #grown = new EventTarget();
  readonly #ended: Promise<Ended>;
  readonly #exited: Promise<number>;
  #stdout = '';
  #stderr = '';
  #over = false;

  /** Starts `defender-siem` with these arguments. */
  constructor(args: readonly string[], options: CliOptions = {}) {
    const { cwd, env = {}, input = '', node = [], program: file = program } = options;
    const child = spawn(process.execPath, [...node, file, ...args], {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
      timeout: longestMs,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    alive.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take({ stdout: text }));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#take({ stderr: text }));
    child.stdin.on('error', () => {}).end(input);
    this.#exited = once(child, 'exit').then(() => performance.now());
    this.#ended = once(child, 'close').then(([code]) => {
      alive.delete(child);
      this.#over = true;
      this.#grown.dispatchEvent(new Event('output'));
      return { code: code as number | null, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** Standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when the process is gone and all that it wrote is here. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves when the process is gone, with that moment by `performance.now()`, ms. */
  exited(): Promise<number> {
    return this.#exited;
  }

  /** Closes the reading end of its standard error, as a log collector that ends does. */
  stopReadingErrors(): void {
    this.#child.stderr.destroy();
  }

  /** Its id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves once standard error holds `text`, counted `times` times. Rejects when the process ends before. */
  async logged(text: string, times = 1): Promise<void> {
    while (this.#stderr.split(text).length <= times) {
      if (this.#over) throw new Error(`ended before it logged '${text}':\n${this.#stderr}`);
      await once(this.#grown, 'output');
    }
  }

  #take({ stdout = '', stderr = '' }: { stdout?: string; stderr?: string }): void {
    this.#stdout += stdout;
    this.#stderr += stderr;
    this.#grown.dispatchEvent(new Event('output'));
  }
}
