import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** The program as a user starts it; disposing of it stops it. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number>;
  /** When it was started, ms since 1970, with fractions. */
  readonly startedAtMs: number;

  /** Starts it; `input` is what it reads on standard input. What it writes on standard error is shown. */
  constructor(file: string, args: readonly string[], input = '') {
    this.startedAtMs = performance.timeOrigin + performance.now();
    const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#child = child;
    alive.add(child);
    child.stdin.on('error', () => {}).end(input);
    this.#closed = once(child, 'exit').then(([code]) => {
      alive.delete(child);
      if (code !== 0 && code !== null) throw new Error(`${args.join(' ')} ended with exit code ${code}`);
      return performance.timeOrigin + performance.now();
    });
    this.#closed.catch(() => {});
  }

  /** Its id; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves with when it ended, ms since 1970; rejects when it failed. */
  ended(): Promise<number> {
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#closed;
  }
}
