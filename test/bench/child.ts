import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process of ours that answers questions, one at a time, in their order; disposing of it ends it. */
export class Helper<Question, Answer> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  readonly #waiting: ((answer: Answer) => void)[] = [];
  readonly #closed: Promise<unknown>;
  #refuse: (error: Error) => void = () => {};
  readonly #gone: Promise<never>;

  /** Starts a program of the bench. */
  constructor(program: string, args: readonly string[] = [], node: readonly string[] = []) {
    this.#child = fork(program, args, {
      execArgv: [...node],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    alive.add(this.#child);
    this.#gone = new Promise((_, reject) => {
      this.#refuse = reject;
    });
    this.#gone.catch(() => {});
    this.#child.on('message', (answer: Answer) => {
      const taker = this.#waiting.shift();
      if (taker === undefined) this.#answers.push(answer);
      else taker(answer);
    });
    this.#closed = once(this.#child, 'close').finally(() => alive.delete(this.#child));
    this.#child.on('exit', (code) => this.#refuse(new Error(`${program} ended with ${code}`)));
  }

  /** Its id; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves with its next answer; rejects when it ends before. */
  next(): Promise<Answer> {
    const answer = this.#answers.shift();
    if (answer !== undefined) return Promise.resolve(answer);
    return Promise.race([new Promise<Answer>((resolve) => this.#waiting.push(resolve)), this.#gone]);
  }

  /** Asks it something, and resolves with the answer. */
  ask(question: Question): Promise<Answer> {
    this.#child.send(question as object);
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#closed;
  }
}
