import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { z } from 'zod';
import { ConnectorError, messageOf } from '../errors.ts';
import { readTextFile } from '../fields/secret-file.ts';
import { writeWholeFile } from '../fields/whole-file.ts';

/** Where the files of a tenant's access are: beside its configuration, by the tenant's name. */
export interface AccessFiles {
  readonly folder: string;
  readonly name: string;
  /** PEM of certificate and key. */
  readonly certificate: string;
  readonly secret: string;
  /** The encrypted sign-in of a person, and its key. */
  readonly signIn: string;
  readonly signInKey: string;
  /** What a run under way notes for the one that goes on after it. */
  readonly note: string;
  /** What keeps two runs apart. */
  readonly lock: string;
}

/** Only its owner may read a credential. */
const ownerOnly = 0o600;

/** Returns the paths of a tenant's files in the folder of the configuration. */
export function accessFiles(folder: string, tenant: string): AccessFiles {
  const file = (ending: string) => join(folder, `${tenant}.${ending}`);
  return {
    folder,
    name: tenant,
    certificate: file('pem'),
    secret: file('secret'),
    signIn: file('token'),
    signInKey: file('key'),
    note: file('provisioning'),
    lock: file('provisioning-lock'),
  };
}

/** Returns the path itself where nothing is there, else one with the day in its name, and a number if need be. */
export function freePath(path: string, day: string): string {
  const { dir, name, ext } = parse(path);
  for (let count = 0; ; count++) {
    const suffix = count === 0 ? '' : count === 1 ? `-${day}` : `-${day}-${count}`;
    const candidate = join(dir, `${name}${suffix}${ext}`);
    if (!existsSync(candidate)) return candidate;
  }
}

/** Returns how a path beside the configuration stands in it. */
export function besideConfiguration(path: string, folder: string): string {
  return path.startsWith(`${folder}/`) ? `./${path.slice(folder.length + 1)}` : path;
}

/** Writes a credential that only its owner can read, whole or not at all. Throws CONFIG_INVALID naming the file. */
export async function writeCredential(path: string, text: string): Promise<void> {
  await writing(path, () => writeWholeFile(path, text, ownerOnly));
}

/** What a run has begun. Holds no credential. */
export interface ProvisioningNote {
  /** When it was last at work, ms since 1970. */
  readonly atMs: number;
  /** Client id of the application once it is known. */
  readonly appId?: string | undefined;
  /** Names of secrets that were asked for, and not written down yet. */
  readonly secrets: readonly string[];
  /** The file of the credential, where it has not its usual name. */
  readonly credentialFile?: string | undefined;
}

const noteShape = z.object({
  atMs: z.number(),
  appId: z.string().optional(),
  secrets: z.array(z.string()),
  credentialFile: z.string().optional(),
}) satisfies z.ZodType<ProvisioningNote>;

/** Returns what an earlier run that did not end has noted; undefined for none, or one that cannot be read. */
export function readNote(files: AccessFiles): ProvisioningNote | undefined {
  try {
    return noteShape.safeParse(JSON.parse(readTextFile(files.note))).data;
  } catch {
    return undefined;
  }
}

/** Notes what is under way, before it is: the next run finishes it. Throws CONFIG_INVALID naming the file. */
export async function writeNote(files: AccessFiles, note: ProvisioningNote): Promise<void> {
  await writing(files.note, () => {
    mkdirSync(files.folder, { recursive: true });
    return writeWholeFile(files.note, `${JSON.stringify(note)}\n`, ownerOnly);
  });
}

/** Nothing is under way any more. */
export async function removeNote(files: AccessFiles): Promise<void> {
  await rm(files.note, { force: true });
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const words = `cannot write ${path}: ${messageOf(error)}: check the owner and the mode of its folder`;
    throw new ConnectorError('CONFIG_INVALID', words, { cause: error });
  }
}
