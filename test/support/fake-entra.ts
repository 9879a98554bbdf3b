import type { IncomingMessage } from 'node:http';
import { type LoopbackServer, serveHttps } from './https-server.ts';

/** One token request as it arrived. */
export interface TokenRequestSeen {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
}

/** What the authority answers to a token request. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A small Entra ID on 127.0.0.1: its discovery document, and both token endpoints. */
export interface FakeEntra extends LoopbackServer {
  readonly requests: readonly TokenRequestSeen[];
  /** Answers of the next token requests, in order; after them, tokens `token-1`, `token-2` and so on. */
  readonly answers: TokenAnswer[];
  /** Seconds that a token holds. */
  lifetimeSeconds: number;
}

/** Starts the authority. */
export async function serveEntra(): Promise<FakeEntra> {
  const requests: TokenRequestSeen[] = [];
  const answers: TokenAnswer[] = [];
  let issued = 0;
  const server = await serveHttps((request, response) => {
    const path = new URL(request.url ?? '/', 'https://entra.test').pathname;
    const origin = `https://${request.headers.host}`;
    if (path.endsWith('/.well-known/openid-configuration')) {
      const base = `${origin}/${path.split('/')[1]}`;
      response.setHeader('Content-Type', 'application/json').end(
        JSON.stringify({
          issuer: `${base}/v2.0`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
        }),
      );
      return;
    }
    void readBody(request).then((body) => {
      requests.push({ path, form: Object.fromEntries(new URLSearchParams(body)) });
      const answer = answers.shift() ?? tokenAnswer(`token-${++issued}`, path, entra.lifetimeSeconds);
      response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  });
  const entra: FakeEntra = { ...server, requests, answers, lifetimeSeconds: 3599 };
  return entra;
}

/** Returns the refusal that Entra ID gives for a code. */
export function refusal(code: number, error = 'invalid_client', words = 'something is wrong.'): TokenAnswer {
  return {
    status: error === 'invalid_client' ? 401 : 400,
    body: JSON.stringify({
      error,
      error_description: `AADSTS${code}: ${words} Trace ID: trace-1 Correlation ID: correlation-1 Timestamp: 2026-09-01 10:00:00Z`,
      error_codes: [code],
      timestamp: '2026-09-01 10:00:00Z',
      trace_id: 'trace-1',
      correlation_id: 'correlation-1',
    }),
  };
}

/** The v1 endpoint writes its numbers as text. */
function tokenAnswer(token: string, path: string, lifetimeSeconds: number): TokenAnswer {
  const v1 = path.endsWith('/oauth2/token');
  const expires = v1 ? String(lifetimeSeconds) : lifetimeSeconds;
  return {
    status: 200,
    body: JSON.stringify({
      token_type: 'Bearer',
      expires_in: expires,
      ext_expires_in: expires,
      access_token: token,
    }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
