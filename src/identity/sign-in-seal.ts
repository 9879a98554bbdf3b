import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

/** What a person's sign-in leaves behind, kept for the next token. */
export interface StoredSignIn {
  readonly refreshToken: string;
  /** Of the application that it was given to. */
  readonly clientId: string;
  /** Who signed in, as far as the token tells. */
  readonly account?: string | undefined;
  /** ms since 1970. */
  readonly signedInAtMs: number;
  /** Why Entra ID takes it no more, by the id of the tenant that refused it: the customers of a group share a sign-in. */
  readonly refusals?: Readonly<Record<string, Refusal>> | undefined;
}

/** What Entra ID said of a sign-in. */
export interface Refusal {
  /** ms since 1970. */
  readonly atMs: number;
  readonly reason: string;
}

const stored = z.object({
  refreshToken: z.string().min(1),
  clientId: z.string(),
  account: z.string().optional(),
  signedInAtMs: z.number(),
  refusals: z.record(z.string(), z.object({ atMs: z.number(), reason: z.string() })).optional(),
});

/** What the file says that it is; it is sealed with the rest, so that no other version can be claimed. */
const format = 'defender-siem sign-in 1';

const sealed = z.object({
  format: z.literal(format),
  salt: z.base64(),
  nonce: z.base64(),
  content: z.base64(),
});

/** 32 MiB and some 0.1 s for each guess at a key. Read from nowhere: a file could ask for all memory. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const keyBytes = 32;
const saltBytes = 16;
/** 96 bits at random serve 2^32 times under one key (NIST SP 800-38D §8.3). */
const nonceBytes = 12;
const tagBytes = 16;

const derive = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt);

/** A key made of the configured one, and the salt that it was made with. */
export interface SealKey {
  readonly salt: string;
  readonly bytes: Buffer;
}

/** Resolves with the key that scrypt makes of the configured one, with a salt of its own unless one is given. */
export async function makeSealKey(
  key: string,
  salt = randomBytes(saltBytes).toString('base64'),
): Promise<SealKey> {
  return { salt, bytes: await derive(key, Buffer.from(salt, 'base64'), keyBytes, cost) };
}

/** Returns the text of a file that only this key opens: AES-256-GCM. */
export function sealSignIn(signIn: StoredSignIn, { salt, bytes }: SealKey): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
  cipher.setAAD(Buffer.from(format));
  const content = Buffer.concat([
    cipher.update(JSON.stringify(signIn), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]).toString('base64');
  return `${JSON.stringify({ format, salt, nonce: nonce.toString('base64'), content })}\n`;
}

/** A sealed file, taken apart. */
export interface SealedSignIn {
  readonly salt: string;
  readonly nonce: Buffer;
  readonly content: Buffer;
}

/** Returns the parts of a file. Throws an `Error` in plain words when it is none of this program, or damaged. */
export function readSealed(text: string): SealedSignIn {
  const file = sealed.safeParse(parseJson(text)).data;
  if (file === undefined) throw new Error('it is no sign-in of this program');
  const [nonce, content] = [Buffer.from(file.nonce, 'base64'), Buffer.from(file.content, 'base64')];
  const saltLength = Buffer.from(file.salt, 'base64').length;
  if (saltLength !== saltBytes || nonce.length !== nonceBytes || content.length <= tagBytes) {
    throw new Error('it is damaged');
  }
  return { salt: file.salt, nonce, content };
}

/** Returns what a file holds. Throws an `Error` in plain words when it was sealed with another key, or is damaged. */
export function openSignIn({ nonce, content }: SealedSignIn, { bytes }: SealKey): StoredSignIn {
  const decipher = createDecipheriv('aes-256-gcm', bytes, nonce);
  decipher.setAAD(Buffer.from(format));
  decipher.setAuthTag(content.subarray(-tagBytes));
  try {
    const opened =
      decipher.update(content.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    return stored.parse(parseJson(opened));
  } catch {
    throw new Error('`auth.user.key` is not the one that it was written with, or it is damaged');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
