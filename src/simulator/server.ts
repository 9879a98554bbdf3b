import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../runtime/clock.ts';
import type { SimulatedApi } from './api.ts';
import { apis } from './apis.ts';
import { type ControlPaths, controlPrefix } from './control-paths.ts';
import { deliver } from './delivery.ts';
import { type Answer, type ApiRequest, jsonAnswer, type PagingTwist } from './exchange.ts';
import type { Call, Fault, FaultBook } from './faults.ts';
import { authorised, throttled } from './gate.ts';
import { entraError } from './identity/errors.ts';
import { type ManagedIdentities, managedIdentityFault } from './identity/managed-identity.ts';
import type { OidcIssuers } from './identity/oidc-issuers.ts';
import type { ServedTenant, Tenants } from './tenants.ts';

/** All that answers a request. */
export interface ServerParts {
  readonly tenants: Tenants;
  /** Issuers of external tokens. */
  readonly issuers: OidcIssuers;
  /** Of the machine, in the first tenant. */
  readonly managedIdentities: ManagedIdentities;
  readonly faults: FaultBook;
  readonly control: ControlPaths;
  readonly clock: Clock;
  /** The world's time, ms since 1970. */
  now(): number;
  /** Told of each answer, in the order in which they are given; the tenant by its id. */
  readonly onAnswer?: ((tenantId: string, api: string, status: number) => void) | undefined;
}

/** An answer, and the fault with which it is delivered. */
interface Outcome {
  readonly api: string;
  readonly answer: Answer;
  readonly fault: Fault | undefined;
}

const largestBody = 64 * 2 ** 20;
const twists: ReadonlySet<string> = new Set<PagingTwist>([
  'foreign-next-link',
  'expired-next-link',
  'duplicate-across-pages',
  'empty-page',
]);

/** Returns the request handler of one listener. */
export function handlerOf(
  listener: 'main' | 'siem' | 'managed-identity',
  parts: ServerParts,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const own = apis.filter((api) => api.listener === listener);
  const answer = (request: ApiRequest, served: ServedTenant) =>
    listener === 'managed-identity'
      ? managedIdentityOutcome(request, served, parts)
      : answerOf(request, own, served, parts);
  return (incoming, outgoing) => {
    handle(incoming, outgoing, answer, parts).catch(() => outgoing.destroy());
  };
}

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answerTo: (request: ApiRequest, served: ServedTenant) => Outcome,
  parts: ServerParts,
): Promise<void> {
  const request = await readRequest(incoming, parts);
  const served = parts.tenants.of(request);
  const { api, answer, fault } = answerTo(request, served);
  const aborted = fault?.kind === 'reset' && fault.when === 'before-headers';
  const status = aborted ? 0 : fault?.kind === 'html' ? fault.status : answer.status;
  served.counts.add(api, status);
  parts.onAnswer?.(served.tenant.tenantId, api, status);
  const headers = {
    ...answer.headers,
    date: new Date(request.clock).toUTCString(),
    'request-id': request.requestId,
    'client-request-id': request.headers['client-request-id'] ?? request.requestId,
    'strict-transport-security': 'max-age=31536000',
  };
  await deliver(incoming, outgoing, { ...answer, headers }, fault, (ms) => parts.clock.sleep(ms));
}

function answerOf(
  request: ApiRequest,
  own: readonly SimulatedApi[],
  served: ServedTenant,
  parts: ServerParts,
): Outcome {
  const { tenant, entra, gate } = served;
  if (request.path.startsWith(controlPrefix)) {
    return { api: 'control', answer: parts.control.answer(request), fault: undefined };
  }
  if (parts.issuers.owns(request.path)) {
    return { api: 'issuer', answer: parts.issuers.answer(request), fault: undefined };
  }
  if (entra.owns(request.path)) {
    const fault = entra.issues(request.path)
      ? parts.faults.strike('token', tokenCall(request, tenant.tenantId))
      : undefined;
    const code = fault?.kind === 'aadsts' ? fault.code : undefined;
    return { api: 'token', answer: tokenAnswer(request, fault, code, served), fault };
  }
  const api = own.find((candidate) => candidate.owns(request.path));
  if (api === undefined) {
    const answer = jsonAnswer(404, {
      error: { code: 'ResourceNotFound', message: `No such resource: ${request.path}` },
    });
    return { api: 'unknown', answer, fault: undefined };
  }
  const retired = api.retired?.(request, tenant);
  if (retired === 'closed') return { api: api.name, answer: jsonAnswer(410, {}), fault: closed };
  if (retired !== undefined) return { api: api.name, answer: retired, fault: undefined };
  let answer: Answer | undefined;
  const asItWouldBe = () => {
    answer ??= authorised(api, request, tenant, gate);
    return answer;
  };
  const fault = parts.faults.strike(api.name, callOf(request, tenant.tenantId, asItWouldBe));
  return { api: api.name, answer: apiAnswer(api, request, fault, served, asItWouldBe), fault };
}

function managedIdentityOutcome(
  request: ApiRequest,
  { tenant }: ServedTenant,
  { faults, managedIdentities }: ServerParts,
): Outcome {
  const fault = faults.strike('managed-identity', tokenCall(request, tenant.tenantId));
  return { api: 'managed-identity', answer: managedIdentityAnswer(request, fault, managedIdentities), fault };
}

/** The platform hands on what Entra says in a body of its own. */
function managedIdentityAnswer(
  request: ApiRequest,
  fault: Fault | undefined,
  managedIdentities: ManagedIdentities,
): Answer {
  if (fault?.kind === 'status') return managedIdentityFault(fault.status);
  if (fault?.kind === 'aadsts') return entraError(request, fault.code);
  if (fault?.kind !== 'throttle') return managedIdentities.answer(request);
  const { headers, ...answer } = managedIdentityFault(429);
  return { ...answer, headers: { ...headers, 'retry-after': String(fault.retryAfterSeconds ?? 5) } };
}

function tokenCall(request: ApiRequest, tenant: string): Call {
  const line = `${request.method} ${request.path}`;
  return { tenant, line, paging: false, expanded: false, single: false, top: undefined, shows: () => false };
}

function callOf(request: ApiRequest, tenant: string, answer: () => Answer): Call {
  const top = request.query.get('$top') ?? request.query.get('limit');
  return {
    tenant,
    line: `${request.method} ${request.path}`,
    paging: /(?:^|&)(?:\$|%24)skip/i.test(request.rawQuery),
    expanded: request.query.has('$expand'),
    single: /\/alerts(?:_v2)?\/[^/]+$/i.test(request.path),
    top: top === null ? undefined : Number(top),
    shows: (id) => answer().status === 200 && answer().body.includes(JSON.stringify(id)),
  };
}

function tokenAnswer(
  request: ApiRequest,
  fault: Fault | undefined,
  code: number | undefined,
  { entra }: ServedTenant,
): Answer {
  if (fault?.kind === 'status') {
    return jsonAnswer(fault.status, { error: 'server_error', error_description: 'Simulated failure.' });
  }
  if (fault?.kind === 'throttle') {
    return jsonAnswer(
      429,
      { error: 'temporarily_unavailable', error_description: 'Too many requests.' },
      { 'retry-after': String(fault.retryAfterSeconds ?? 5) },
    );
  }
  return entra.answer(request, code);
}

function apiAnswer(
  api: SimulatedApi,
  request: ApiRequest,
  fault: Fault | undefined,
  { tenant, gate }: ServedTenant,
  asItWouldBe: () => Answer,
): Answer {
  switch (fault?.kind) {
    case 'status':
      if (fault.tookEffect === true) asItWouldBe();
      return api.errors.error(
        request,
        fault.status,
        fault.code ?? codes[fault.status] ?? 'UnknownError',
        fault.message ?? '',
      );
    case 'throttle': {
      const waitSeconds = fault.retryAfterSeconds ?? 5;
      return throttled(api, request, tenant, {
        allowed: api.quota.perMinute ?? 100,
        per: 'minute',
        waitSeconds,
      });
    }
    case 'unauthorized':
      return api.errors.unauthorized(request, 'expired');
    default: {
      const twist = fault !== undefined && isTwist(fault.kind) ? fault.kind : undefined;
      if (twist === undefined) return asItWouldBe();
      return authorised(api, { ...request, twist }, tenant, gate);
    }
  }
}

const closed: Fault = { target: '*', kind: 'reset', when: 'before-headers' };

const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  404: 'ResourceNotFound',
  410: 'Gone',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

function isTwist(kind: string): kind is PagingTwist {
  return twists.has(kind);
}

async function readRequest(incoming: IncomingMessage, parts: ServerParts): Promise<ApiRequest> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > largestBody) throw new RangeError('the request body is too large');
    pieces.push(piece);
  }
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value ?? '');
  return {
    method: incoming.method ?? 'GET',
    origin: `https://${headers.host ?? 'localhost'}`,
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    body: Buffer.concat(pieces).toString('utf8'),
    now: parts.now(),
    clock: parts.clock.now(),
    twist: undefined,
    requestId: randomUUID(),
  };
}
