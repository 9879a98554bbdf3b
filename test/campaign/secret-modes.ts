import type { Answer, ReceivedRequest } from '../support/http-receiver.ts';
import { type Echo, repeated } from './secret-servers.ts';

/** One way to fail. */
export interface Mode {
  readonly name: string;
  /** How the sinks' receiver answers; 200 without it. */
  readonly receiver?: (request: ReceivedRequest) => Answer;
  /** A Microsoft that repeats what it was sent, in place of the simulator. */
  readonly echo?: { readonly token?: Echo; readonly api: Echo };
  readonly credential?: 'certificate' | 'wrong secret';
  /** The way to Microsoft leads through a proxy that is not there. */
  readonly proxied?: true;
  /** The sinks do not know the root of their receiver. */
  readonly distrust?: true;
  /** A module that the process loads first. */
  readonly sabotage?: string;
  /** What must have failed before it is looked at: the sinks without it. */
  readonly failing?: 'sinks' | 'sources' | 'nothing more';
}

const sinkEcho =
  (status: number, headers: Record<string, string> = {}) =>
  (request: ReceivedRequest): Answer => {
    const said = repeated({ url: request.path, headers: request.headers }, '');
    return { status, headers, body: JSON.stringify({ text: said, error: said }) };
  };

/** Every way to fail that may bring a secret to light. */
export const modes: readonly Mode[] = [
  { name: 'all is well', failing: 'nothing more' },
  { name: 'sinks refuse', receiver: sinkEcho(400) },
  { name: 'sinks say 401', receiver: sinkEcho(401) },
  { name: 'sinks say 403', receiver: sinkEcho(403) },
  { name: 'sinks say 503', receiver: sinkEcho(503, { 'Retry-After': '600' }) },
  {
    name: 'sinks redirect',
    receiver: (request) => ({
      status: 302,
      headers: { Location: `https://elsewhere.example/?${encodeURIComponent(sinkEchoText(request))}` },
    }),
  },
  { name: 'sinks reset', receiver: () => 'reset' },
  { name: 'sinks of another root', distrust: true },
  { name: 'a proxy that is not there', proxied: true, failing: 'sources' },
  { name: 'a wrong secret', credential: 'wrong secret', failing: 'sources' },
  { name: 'a certificate that nobody knows', credential: 'certificate', failing: 'sources' },
  {
    name: 'the authority repeats the secret',
    echo: { token: { kind: 'json', status: 401 }, api: { kind: 'reset' } },
  },
  {
    name: 'the authority repeats the assertion',
    credential: 'certificate',
    echo: { token: { kind: 'json', status: 400 }, api: { kind: 'reset' } },
  },
  { name: 'the authority breaks', echo: { token: { kind: 'html', status: 500 }, api: { kind: 'reset' } } },
  { name: 'the authority redirects', echo: { token: { kind: 'redirect' }, api: { kind: 'reset' } } },
  { name: 'the API repeats the token, 401', echo: { api: { kind: 'json', status: 401 } } },
  { name: 'the API repeats the token, 403', echo: { api: { kind: 'json', status: 403 } } },
  { name: 'the API repeats the token, 500', echo: { api: { kind: 'html', status: 500 } } },
  { name: 'the API repeats the token, 200', echo: { api: { kind: 'html', status: 200 } } },
  { name: 'the API redirects', echo: { api: { kind: 'redirect' } } },
  {
    name: 'an error that nobody caught',
    sabotage: `import { channel } from 'node:diagnostics_channel';
      channel('http.client.request.start').subscribe(({ request }) => {
        process.nextTick(() => { throw Object.assign(new Error('sabotage'), { request, headers: request.getHeaders() }); });
      });`,
  },
];

function sinkEchoText({ path, headers }: ReceivedRequest): string {
  return repeated({ url: path, headers }, '');
}
