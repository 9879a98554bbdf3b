import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertId, type FaultySiem } from './faulty-siem.ts';

/** A file on a disk that fills up, goes away, or is taken over by others. */
export class FaultyFile implements FaultySiem {
  readonly name: string;
  readonly #folder: string;
  readonly #path: string;
  readonly #parts: string[] = [];
  readonly refusesAll = new Set<string>();
  readonly faults = { 'the disk is full': true, 'its disk is not mounted': true, 'it is moved away': false };

  constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
    this.#path = join(folder, `${name}.ndjson`);
    this.#lead(this.#next());
  }

  get sink() {
    return { name: this.name, type: 'file', path: this.#path, batch: { maxEvents: 12 } };
  }

  async begin(fault: string): Promise<void> {
    if (fault === 'the disk is full') this.#lead('/dev/full');
    else if (fault === 'it is moved away') this.#lead(this.#next());
    else this.#lead(join(this.#folder, 'not-mounted', 'file'));
  }

  async mend(): Promise<void> {
    this.#lead(this.#parts.at(-1) ?? this.#next());
  }

  received(): readonly string[] {
    return this.#parts.flatMap((part) =>
      readFileSync(part, 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [alertId(line)])),
    );
  }

  refuses(): boolean {
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #next(): string {
    const part = join(this.#folder, `${this.name}-${this.#parts.length}.ndjson`);
    writeFileSync(part, '');
    this.#parts.push(part);
    return part;
  }

  /** Lets the sink's path lead to another file, at one stroke. */
  #lead(target: string): void {
    symlinkSync(target, `${this.#path}.new`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
