import { inspect } from 'node:util';
import { z } from 'zod';

/**
 * A credential that prints as `[secret]` however it is logged, serialised or inspected. `read` returns the current
 * value: one that came from a file is read again after the file changed (design §5).
 */
export class Secret {
  readonly #read: () => string;

  constructor(value: string | (() => string)) {
    this.#read = typeof value === 'string' ? () => value : value;
  }

  /** Returns the value itself. Hand it to the wire, and to nothing else. */
  read(): string {
    return this.#read();
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
