import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readTextFile } from '../fields/secret-file.ts';
import { writeWholeFile } from '../fields/whole-file.ts';

/** What is known of a credential that its file cannot tell by itself. Holds no credential. */
export interface CredentialNote {
  /** The credential that this is about, as `fingerprintOf` returns it. */
  readonly of: string;
  /** Its id in the directory. */
  readonly keyId?: string | undefined;
  /** From when until when it is valid, ISO 8601. */
  readonly startDateTime?: string | undefined;
  readonly endDateTime?: string | undefined;
  /** Why it could not be renewed by itself. */
  readonly problem?: string | undefined;
}

const shape = z.object({
  of: z.string(),
  keyId: z.string().optional(),
  startDateTime: z.iso.datetime({ offset: true }).optional(),
  endDateTime: z.iso.datetime({ offset: true }).optional(),
  problem: z.string().optional(),
}) satisfies z.ZodType<CredentialNote>;

/** Returns the file in which is noted what is known of the credential of this file. */
export function notePath(credentialFile: string): string {
  return `${credentialFile}.note`;
}

/** Returns what a credential is known by: too little of its SHA-256 to serve for anything else. */
export function fingerprintOf(credential: string): string {
  return createHash('sha256').update(credential).digest('hex').slice(0, 16);
}

/** Returns what is noted of this credential; undefined for nothing, or of another one that stood there before. */
export function readCredentialNote(credentialFile: string, of: string): CredentialNote | undefined {
  try {
    const note = shape.safeParse(JSON.parse(readTextFile(notePath(credentialFile)))).data;
    return note?.of === of ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Notes it beside the credential's file, for its owner alone. Rejects as `node:fs` does. */
export async function writeCredentialNote(credentialFile: string, note: CredentialNote): Promise<void> {
  await writeWholeFile(notePath(credentialFile), `${JSON.stringify(note)}\n`, 0o600);
}
