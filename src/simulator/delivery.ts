import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { constants, gzip } from 'node:zlib';
import type { Answer } from './exchange.ts';
import type { Fault } from './faults.ts';

const gatewayPage =
  '<!DOCTYPE html><html><head><title>Web proxy</title></head><body><h1>The page cannot be displayed</h1></body></html>';
/** Below this, compressing costs more than it saves. */
const leastCompressedBytes = 256;
const slowPieces = 5;

/** Writes `answer`, compressed when the caller takes gzip, or goes wrong on the way as `fault` says. */
export async function deliver(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  if (fault?.kind === 'reset' && fault.when === 'before-headers') {
    // A TLS socket cannot send RST; closed without TLS's own goodbye, it reads as a reset to the other side.
    incoming.socket.destroy();
    return;
  }
  const wrong = disturbed(answer, fault);
  const headers: Record<string, string> = { ...wrong.headers };
  let body: Uint8Array = Buffer.from(wrong.body);
  if (takesGzip(incoming) && body.length >= leastCompressedBytes) {
    body = await compressed(body);
    headers['content-encoding'] = 'gzip';
    headers.vary = 'Accept-Encoding';
  }
  if (fault?.kind === 'slow-body')
    return await drip(outgoing, wrong.status, headers, body, fault.pauseMs, sleep);
  if (fault?.kind === 'slow-drip') return await trickle(outgoing, wrong.status, headers, body, fault.pauseMs);
  const cut = fault?.kind === 'reset' || fault?.kind === 'wrong-length';
  outgoing.writeHead(wrong.status, {
    ...headers,
    'content-length': fault?.kind === 'wrong-length' ? body.length + 100 : body.length,
  });
  if (!cut) {
    outgoing.end(body);
    return;
  }
  const sent = fault.kind === 'reset' ? body.subarray(0, body.length >> 1) : body;
  outgoing.write(sent, () => {
    if (fault.kind === 'reset') incoming.socket.destroy();
    else incoming.socket.end();
  });
}

function disturbed(answer: Answer, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case 'truncated-json':
      return { ...answer, body: answer.body.slice(0, Math.max(1, answer.body.length >> 1)) };
    case 'html':
      return {
        status: fault.status,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: gatewayPage,
      };
    case 'empty-body':
      return { ...answer, body: '' };
    case 'broken-json':
      return { ...answer, body: broken(answer.body, fault.onlyAlert) };
    case 'partial':
    case 'warning':
      return {
        ...answer,
        status: fault.kind === 'partial' ? 206 : answer.status,
        headers: { ...answer.headers, warning: '199 - "Microsoft/MDATP/504/10000"' },
      };
    default:
      return answer;
  }
}

/** Puts a character that JSON does not know before the id of a record. */
function broken(body: string, id: string | undefined): string {
  const at = id === undefined ? body.search(/"(?:id|AlertId)":/) : body.indexOf(JSON.stringify(id));
  return at < 0 ? body : `${body.slice(0, at)}!${body.slice(at)}`;
}

/** Sends a byte at a time, all but the last, until the caller has had enough. Real time: it is the wire that is slow. */
async function trickle(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  pauseMs: number,
): Promise<void> {
  outgoing.writeHead(status, headers);
  for (let at = 0; !outgoing.destroyed; at = Math.min(at + 1, body.length - 1)) {
    if (at < body.length - 1) outgoing.write(body.subarray(at, at + 1));
    await setTimeout(pauseMs);
  }
}

async function drip(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  pauseMs: number,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  outgoing.writeHead(status, headers);
  const size = Math.max(1, Math.ceil(body.length / slowPieces));
  for (let from = 0; from < body.length && !outgoing.destroyed; from += size) {
    outgoing.write(body.subarray(from, from + size));
    await sleep(pauseMs);
  }
  outgoing.end();
}

function takesGzip(incoming: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''));
}

function compressed(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: constants.Z_BEST_SPEED }, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
