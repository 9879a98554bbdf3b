import { inspect } from 'node:util';
import { z } from 'zod';

/** Gives the present value of a credential; `fresh`: from where it is kept, whatever was read a moment ago. */
export type SecretReader = (fresh: boolean) => string;

/**
 * A credential that prints as `[secret]` however it is logged, serialised or inspected. `read` returns the current
 * value: one that came from a file is read again after the file changed (design §5).
 */
export class Secret {
  readonly #read: SecretReader;
  /** The file that the value is read from; undefined for one that stands elsewhere. */
  readonly file: string | undefined;

  constructor(value: string | SecretReader, file?: string) {
    this.#read = typeof value === 'string' ? () => value : value;
    this.file = file;
  }

  /**
   * Returns the value itself. Hand it to the wire, and to nothing else. `fresh`: looks at the file even when it was
   * looked at a moment ago, as after a refusal.
   */
  read(fresh = false): string {
    return this.#read(fresh);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A credential in the configuration: text or a reference (`${file:…}`, `${env:…}`), a `Secret` in the program. */
export const secret = z
  .union([z.string().min(1), z.instanceof(Secret)])
  .meta({ id: 'secret', description: 'A credential, best by reference: `${file:PATH}` or `${env:NAME}`.' })
  .transform((value) => (value instanceof Secret ? value : new Secret(value)));
