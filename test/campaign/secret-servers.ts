import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Certificate } from '../support/certificates.ts';

/** How a server fails: it repeats whatever it was sent, credentials and all. */
export type Echo =
  /** `code`: AADSTS, of a refused token; without it that of a wrong secret. */
  | { readonly kind: 'json'; readonly status: number; readonly code?: number }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'reset' };

/** A server for authority and APIs at once that answers as told. */
export interface EchoServer extends AsyncDisposable {
  readonly origin: string;
  /** Requests answered, the discovery document's aside. */
  asked: number;
  /** How it answers a token request; undefined gives a token. */
  token: Echo | undefined;
  api: Echo;
}

/** The token it gives: worth as much as any other secret. */
export const issuedToken =
  'eyJ0b2tlbiI6InNlY3JldCJ9.eyJyb2xlcyI6WyJTZWN1cml0eUFsZXJ0LlJlYWQuQWxsIl19.c2lnbmF0dXJl';

/** The device code it gives: with it, whoever polls first gets the person's token. */
export const issuedDeviceCode = `device-${'0123456789abcdef'.repeat(8)}`;

/** Starts a Microsoft that repeats in its errors what it was sent, as a proxy in between or a debug page may. */
export async function startEcho(certificate: Certificate): Promise<EchoServer> {
  const server = createServer({ cert: certificate.cert, key: certificate.key });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const echo: EchoServer = {
    origin,
    asked: 0,
    token: undefined,
    api: { kind: 'json', status: 403 },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request).catch(() => '');
    if (request.url?.includes('.well-known') === true) {
      json(response, 200, discovery(origin, request.url));
      return;
    }
    if (request.url?.endsWith('/devicecode') === true) {
      const page = 'https://login.example/device';
      json(response, 200, {
        device_code: issuedDeviceCode,
        user_code: 'ABCD',
        verification_uri: page,
        interval: 0.01,
      });
      return;
    }
    echo.asked += 1;
    if (request.method !== 'POST') answer(echo.api, request, response, body);
    else if (echo.token !== undefined) answer(echo.token, request, response, body);
    else json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: issuedToken });
  });
  return echo;
}

function discovery(origin: string, path: string): Readonly<Record<string, string>> {
  const base = `${origin}/${path.split('/')[1]}`;
  return {
    issuer: `${base}/v2.0`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
}

function answer(echo: Echo, request: IncomingMessage, response: ServerResponse, body: string): void {
  if (echo.kind === 'reset') {
    request.socket.destroy();
    return;
  }
  const said = repeated(request, body);
  if (echo.kind === 'redirect') {
    response
      .writeHead(302, { Location: `https://elsewhere.example/?said=${encodeURIComponent(said)}` })
      .end();
  } else if (echo.kind === 'html') {
    response.writeHead(echo.status, { 'Content-Type': 'text/html' }).end(`<html>You sent: ${said}</html>`);
  } else {
    const { code = 7000215 } = echo;
    json(response, echo.status, {
      error: request.method === 'POST' ? 'invalid_client' : { code: 'Denied', message: `You sent: ${said}` },
      error_codes: [code],
      error_description: `AADSTS${code}: Invalid client secret provided. You sent: ${said}`,
      trace_id: said,
    });
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

/** All that a request said: its address, headers and body. */
export function repeated(request: Pick<IncomingMessage, 'url' | 'headers'>, body: string): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return [...headers, request.url ?? '', body].join(' ; ').slice(0, 4000);
}
