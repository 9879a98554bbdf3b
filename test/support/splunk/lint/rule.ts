import { type ConfFile, readConf } from '../conf-file.ts';
import type { ReadEntry } from '../tar-reader.ts';

/** An add-on as its package holds it. */
export class PackedAddOn {
  readonly entries: readonly ReadEntry[];
  /** The one folder at the top; empty where there are several. */
  readonly name: string;
  readonly #texts = new Map<string, string>();
  readonly #confs = new Map<string, ConfFile>();

  constructor(entries: readonly ReadEntry[]) {
    this.entries = entries;
    const tops = new Set(entries.map(({ path }) => path.split('/')[0] ?? ''));
    this.name = tops.size === 1 ? ([...tops][0] ?? '') : '';
    for (const { path, type, bytes } of entries) {
      if (type === 'file') this.#texts.set(path.slice(this.name.length + 1), bytes.toString());
    }
  }

  /** Paths of the files below the folder at the top. */
  get files(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Returns a file's text; undefined where there is none. */
  text(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** Returns a file's bytes; undefined where there is none. */
  bytes(path: string): Buffer | undefined {
    return this.entries.find((entry) => entry.path === `${this.name}/${path}`)?.bytes;
  }

  /** Returns a file of `default`, empty where there is none. */
  conf(name: string): ConfFile {
    const known = this.#confs.get(name) ?? readConf(this.text(`default/${name}.conf`) ?? '');
    this.#confs.set(name, known);
    return known;
  }
}

/** One of Splunk's rules for add-ons. */
export interface Rule {
  /** What it is called in a finding. */
  readonly name: string;
  /** Returns what breaks it, in words. */
  check(addOn: PackedAddOn): readonly string[];
}

/** Returns the texts that stand where the condition holds: a short way to write a rule. */
export function when(holds: boolean, text: string): readonly string[] {
  return holds ? [text] : [];
}

/** Returns what reading something throws at, after where it stands. */
export function thrown(where: string, read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [`${where}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
