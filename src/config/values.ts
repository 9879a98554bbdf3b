import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '../fields/secret.ts';
import { secretFile } from '../fields/secret-file.ts';
import type { Clock } from '../runtime/clock.ts';
import { childOf, type JsonSchema, type Place, placeOf } from './json-schema.ts';
import type { Path } from './problems.ts';
import {
  type Reference,
  type ReferenceContext,
  resolveReferences,
  unreadable,
  wholeFileReference,
} from './references.ts';

/** What `resolveValues` works with. */
export interface ValueContext extends ReferenceContext {
  readonly schema: JsonSchema;
  readonly clock: Pick<Clock, 'now'>;
}

/** A file's value with its references resolved. */
export interface ResolvedValues {
  readonly value: unknown;
  /** What is wrong, and where; a place named here needs no second complaint. */
  readonly problems: readonly { readonly path: Path; readonly message: string }[];
  /** The texts that held references, so that no message repeats what they stand for. */
  readonly references: readonly { readonly path: Path; readonly references: readonly Reference[] }[];
}

/**
 * Resolves the references in every text of a configuration, and makes of each text what the schema expects in its
 * place: a live `Secret` of a `${file:…}` that is a credential, an absolute path of a path, a number or a truth value
 * of a reference that stands for one.
 */
export function resolveValues(value: unknown, context: ValueContext): ResolvedValues {
  const problems: { path: Path; message: string }[] = [];
  const references: { path: Path; references: readonly Reference[] }[] = [];
  return { value: walk(value, context.schema, []), problems, references };

  function walk(current: unknown, schema: JsonSchema | undefined, path: Path): unknown {
    const place = placeOf(context.schema, schema, current);
    if (typeof current === 'string') return textValue(current, place, path);
    if (Array.isArray(current)) {
      return current.map((item, index) => walk(item, childOf(place, index), [...path, index]));
    }
    if (typeof current !== 'object' || current === null) return current;
    return Object.fromEntries(
      Object.entries(current).map(([key, item]) => [key, walk(item, childOf(place, key), [...path, key])]),
    );
  }

  function textValue(written: string, place: Place | undefined, path: Path): unknown {
    const resolved = resolveReferences(written, context);
    for (const message of resolved.problems) problems.push({ path, message });
    if (resolved.problems.length > 0) return written;
    if (resolved.references.length > 0) references.push({ path, references: resolved.references });

    const { text } = resolved;
    const live = place?.kind === 'secret' ? wholeFileReference(written, context.folder) : undefined;
    if (live !== undefined && text !== '') return new Secret(secretFile(live, context.clock), live);
    if (place?.kind === 'readableFile' || place?.kind === 'filePath')
      return pathValue(text, place.kind, path);
    return resolved.references.length === 0 ? text : asWritten(text, place?.schema.type);
  }

  function pathValue(text: string, kind: 'readableFile' | 'filePath', path: Path): string {
    if (text === '') return text;
    const absolute = resolve(context.folder, text);
    const complaint = kind === 'readableFile' ? complaintOf(absolute) : undefined;
    if (complaint !== undefined) problems.push({ path, message: complaint });
    return absolute;
  }
}

/** YAML would have read the number or truth value if it stood there itself, in place of the reference. */
function asWritten(text: string, type: string | undefined): unknown {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  if ((type === 'number' || type === 'integer') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function complaintOf(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile() ? undefined : `${path} is not a file`;
  } catch (error) {
    return unreadable(path, error);
  }
}
