import type { HttpClient, HttpRequest, ReceivedResponse } from '../../src/http/client.ts';
import { responseOf } from './response.ts';

/** What a request is answered with: a status and a body (an object is sent as JSON), or the error it fails with. */
export type ScriptedAnswer =
  | {
      readonly status?: number;
      readonly body: object | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | Error;

/** An HttpClient without a network: each request is answered by `answer`, and kept in `sent`. */
export interface ScriptedHttp extends HttpClient {
  readonly sent: HttpRequest[];
  /** The forms that were posted to paths that end so. */
  forms(pathEnd?: string): readonly Readonly<Record<string, string>>[];
}

/** Returns a client whose requests are answered as `answer` says. */
export function scriptedHttp(
  answer: (request: HttpRequest) => ScriptedAnswer | Promise<ScriptedAnswer>,
): ScriptedHttp {
  const sent: HttpRequest[] = [];
  return {
    sent,
    forms: (pathEnd = '') =>
      sent
        .filter(({ method, url }) => method === 'POST' && new URL(url).pathname.endsWith(pathEnd))
        .map(({ body }) => Object.fromEntries(new URLSearchParams(String(body)))),
    async request(request, signal): Promise<ReceivedResponse> {
      signal.throwIfAborted();
      sent.push(request);
      const given = await answer(request);
      if (given instanceof Error) throw given;
      const { status = 200, body, headers = {} } = given;
      return responseOf({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
    },
    close() {},
  };
}
