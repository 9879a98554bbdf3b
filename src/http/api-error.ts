import { z } from 'zod';
import type { HttpResponse } from './client.ts';
import { scrub } from './scrub.ts';

/** The error that an API put into its answer, in either of Microsoft's forms (reference §2.5). */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  /** Correlation id for Microsoft's support: Graph's `request-id`, the Defender hosts' `target`. */
  readonly requestId: string | undefined;
}

/** The longest piece of an answer that a message quotes, characters. */
const longestQuote = 400;

const shape = z.object({
  error: z.object({
    code: z.string().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
    target: z.string().optional().catch(undefined),
    innerError: z
      .object({ 'request-id': z.string().optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
});

/** Returns the error of an answer; undefined when the body is none: HTML of a gateway, or empty. */
export function parseApiError(answer: HttpResponse): ApiError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    return undefined;
  }
  const parsed = shape.safeParse(body);
  if (!parsed.success) return undefined;
  const { code, message, target, innerError } = parsed.data.error;
  return {
    code: code ?? '',
    message: message ?? '',
    requestId: innerError?.['request-id'] ?? target ?? answer.headers['request-id'],
  };
}

/**
 * Returns what an answer says went wrong, on one line, with its status and its request id where it has one; `token` is
 * the one that it was asked with, in case it repeats that.
 */
export function describeAnswer(answer: HttpResponse, token: string): string {
  const { status } = answer;
  const quote = (text: string) => oneLine(scrub(text, [token]));
  const named = (id: string | undefined) => (id === undefined ? '' : ` (request id ${quote(id)})`);
  const error = parseApiError(answer);
  if (error === undefined) {
    const type = answer.headers['content-type']?.split(';')[0] ?? 'no content type';
    const what = answer.body.trim() === '' ? 'an empty body' : type;
    return `status ${status} with ${what}${named(answer.headers['request-id'])}`;
  }
  const words = [error.code, error.message].map(quote).filter((word) => word !== '');
  return `status ${status}${words.length === 0 ? '' : `: ${words.join(': ')}`}${named(error.requestId)}`;
}

/** What a 403 says about permissions. */
export interface MissingPermission {
  /** Any one of these would do; empty when the answer names none. */
  readonly required: readonly string[];
  /** What the token has; undefined when the answer does not say. */
  readonly granted: readonly string[] | undefined;
}

/**
 * Returns which permissions a 403 asks for: `required application permissions (A, B)`, or `API required roles: A,B,
 * application roles: C.`, on the Defender hosts and on Graph alike (reference §2.5).
 */
export function parseMissingPermission(message: string): MissingPermission {
  const roles = /API required roles:\s*([^:]*?),?\s*application roles:\s*([^\r\n]*)/i.exec(message);
  if (roles !== null) return { required: names(roles[1]), granted: names(roles[2]) };
  const permissions = /required application permissions?\s*\(([^)]*)\)/i.exec(message);
  return { required: names(permissions?.[1]), granted: undefined };
}

/** Returns why the tenant itself is refused: no licence, or not set up for Defender; undefined for anything else. */
export function licenceRefusal(message: string): string | undefined {
  if (/account mode is inactive|account is not provisioned/i.test(message)) {
    return 'the tenant is not set up for Microsoft Defender, or its licence has ended: open the Defender portal once as an administrator, or check the licence';
  }
  const licence = /no (\w+) license/i.exec(message);
  return licence === null
    ? undefined
    : `the tenant has no ${licence[1]} licence: buy it, or remove the source that needs it`;
}

function names(list: string | undefined): readonly string[] {
  return list?.match(/[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+/g) ?? [];
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= longestQuote ? line : `${line.slice(0, longestQuote).toWellFormed()}…`;
}
