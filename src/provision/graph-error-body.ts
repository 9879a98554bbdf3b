import { z } from 'zod';
import { describeAnswer } from '../http/api-error.ts';
import type { HttpResponse } from '../http/client.ts';
import type { GraphError } from './graph-errors.ts';

const shape = z.object({
  error: z.object({
    code: z.string().catch(''),
    message: z.string().catch(''),
    details: z.array(z.object({ code: z.string().catch('') })).catch([]),
    innerError: z
      .object({ code: z.string().optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
});

/** Returns the error in an answer of Graph's directory; without code and message where the body is none of Graph's. */
export function parseGraphError(answer: HttpResponse): GraphError {
  const { status } = answer;
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    return { status, code: '', message: '', details: [] };
  }
  const parsed = shape.safeParse(body);
  if (!parsed.success) return { status, code: '', message: '', details: [] };
  const { code, message, details, innerError } = parsed.data.error;
  const inner = innerError?.code === undefined ? [] : [innerError.code];
  return { status, code, message, details: [...details.map((detail) => detail.code), ...inner] };
}

/** Returns Graph's own words, with the codes of the details, on one line; `token` as in `describeAnswer`. */
export function quoted(answer: HttpResponse, error: GraphError, token: string): string {
  const details = error.details.filter((code) => code !== '' && code !== error.code);
  return `${describeAnswer(answer, token)}${details.length === 0 ? '' : ` [${details.join(', ')}]`}`;
}
