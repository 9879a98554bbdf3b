import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Control } from './control.ts';
import { directoryControlPaths } from './directory/control-paths.ts';
import { type Answer, type ApiRequest, jsonAnswer } from './exchange.ts';
import { identityControlPaths } from './identity/control-paths.ts';
import { readCertificate } from './jwt.ts';

/** Paths below are the simulator's own, and no API's. */
export const controlPrefix = '/_control/';

/** The control API over HTTP. */
export interface ControlPaths {
  answer(request: ApiRequest): Answer;
}

const count = z.number().int().nonnegative();
const target = z.enum([
  'graph-alerts',
  'defender-alerts',
  'siem-detections',
  'directory',
  'token',
  'managed-identity',
  '*',
]);
const when = {
  target,
  tenant: z.string().optional(),
  times: count.optional(),
  probability: z.number().min(0).max(1).optional(),
  whilePaging: z.boolean().optional(),
  onlyCall: z.string().optional(),
  onlyAlert: z.string().optional(),
  onlyExpanded: z.boolean().optional(),
  onlySingle: z.boolean().optional(),
  onlyTopAbove: count.optional(),
};
const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    ...when,
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    code: z.string().optional(),
    message: z.string().optional(),
    tookEffect: z.boolean().optional(),
  }),
  z.strictObject({ ...when, kind: z.literal('throttle'), retryAfterSeconds: count.optional() }),
  z.strictObject({ ...when, kind: z.literal('partial') }),
  z.strictObject({ ...when, kind: z.literal('warning') }),
  z.strictObject({ ...when, kind: z.literal('broken-json') }),
  z.strictObject({ ...when, kind: z.literal('slow-drip'), pauseMs: count }),
  z.strictObject({ ...when, kind: z.literal('reset'), when: z.enum(['before-headers', 'after-headers']) }),
  z.strictObject({ ...when, kind: z.literal('truncated-json') }),
  z.strictObject({ ...when, kind: z.literal('html'), status: z.literal([200, 403]) }),
  z.strictObject({ ...when, kind: z.literal('empty-body') }),
  z.strictObject({ ...when, kind: z.literal('slow-body'), pauseMs: count }),
  z.strictObject({ ...when, kind: z.literal('wrong-length') }),
  z.strictObject({ ...when, kind: z.literal('unauthorized') }),
  z.strictObject({ ...when, kind: z.literal('foreign-next-link') }),
  z.strictObject({ ...when, kind: z.literal('expired-next-link') }),
  z.strictObject({ ...when, kind: z.literal('duplicate-across-pages') }),
  z.strictObject({ ...when, kind: z.literal('empty-page') }),
  z.strictObject({ ...when, kind: z.literal('aadsts'), code: count }),
]);
const text = z.string().nullable();
const change = z
  .strictObject({
    status: z.enum(['new', 'inProgress', 'resolved']),
    severity: z.enum(['informational', 'low', 'medium', 'high']),
    assignedTo: text,
    classification: z.enum(['truePositive', 'falsePositive', 'informationalExpectedActivity']).nullable(),
    determination: text,
    incidentId: count,
  })
  .partial();
const bulkUpdate = z.union([
  z.strictObject({ ids: z.array(z.string()), change }),
  z.strictObject({ count, change }),
]);
const habits = z
  .strictObject({
    orderBy: z.enum(['honoured', 'refused']),
    nextLink: z.enum(['skiptoken', 'skip']),
    retryAfter: z.enum(['seconds', 'date', 'absent']),
    siem: z.enum(['open', 'gone', 'not-found', 'closed']),
    licensed: z.boolean(),
  })
  .partial();
const resource = z.enum(['graph', 'defender', 'xdr', 'siem']);
const registration = z
  .strictObject({
    servicePrincipalId: text.transform((id) => id ?? undefined),
    secrets: z.array(z.union([z.string(), z.strictObject({ text: z.string(), endsAtMs: count })])),
    expiredSecrets: z.array(z.string()),
    certificates: z.array(z.string()).transform((pems) => pems.map(readCertificate)),
    federated: z.array(
      z.strictObject({ issuer: z.string(), subject: z.string(), audiences: z.array(z.string()) }),
    ),
    roles: z.partialRecord(resource, z.array(z.string())),
    scopes: z.partialRecord(resource, z.array(z.string())),
    requestedScopes: z.partialRecord(resource, z.array(z.string())),
    publicClient: z.boolean(),
    missingResources: z.array(resource),
    enabled: z.boolean(),
    tokenLifetimeSeconds: count,
  })
  .partial();
const kind = z.enum(['graph-alert', 'alert', 'detection']);

/** Whom the control API steers. */
export interface SteeredTenants {
  readonly first: { readonly control: Control };
  ids(): readonly string[];
  find(tenantId: string): { readonly control: Control } | undefined;
}

/**
 * Returns the control API over the tenants: of the one that `?tenant=` names, else the first; a request that is wrong is
 * answered 400 with what is wrong.
 */
export function controlPaths(tenants: SteeredTenants): ControlPaths {
  const first = routesOf(tenants.first.control);
  const paths = ['GET tenants', ...Object.keys(first)];
  return {
    answer(request) {
      const path = `${request.method} ${request.path.slice(controlPrefix.length)}`;
      if (path === 'GET tenants') return jsonAnswer(200, tenants.ids());
      const named = request.query.get('tenant');
      const control = named === null ? tenants.first.control : tenants.find(named)?.control;
      if (control === undefined) return jsonAnswer(404, { error: 'no such tenant', tenants: tenants.ids() });
      const route = routesOf(control)[path];
      if (route === undefined) return jsonAnswer(404, { error: 'no such control path', paths });
      try {
        return jsonAnswer(200, route(request) ?? {});
      } catch (error) {
        return jsonAnswer(400, { error: messageOf(error) });
      }
    },
  };
}

function routesOf(control: Control): Readonly<Record<string, (request: ApiRequest) => unknown>> {
  return {
    ...directoryControlPaths(control.directory),
    ...identityControlPaths(control),
    'GET published': () => control.published(),
    'GET requests': () => control.requests(),
    'GET faults': () => control.faults(),
    'POST reset': () => control.resetCounters(),
    'POST records': (request) => inject(control, request),
    'POST faults': (request) => {
      const faults = z.union([fault, z.array(fault)]).parse(JSON.parse(request.body));
      control.fault(...[faults].flat().map(withoutUndefined));
    },
    'DELETE faults': (request) => {
      const of = request.query.get('target');
      control.clearFaults(of === null ? undefined : target.parse(of));
    },
    'POST bulk-update': (request) => {
      const { change, ...which } = bulkUpdate.parse(JSON.parse(request.body));
      return { ids: control.bulkUpdate(which, withoutUndefined(change)) };
    },
    'POST advance': (request) =>
      control.advance(z.strictObject({ ms: count }).parse(JSON.parse(request.body)).ms),
    'POST habits': (request) =>
      Object.assign(control.habits, withoutUndefined(habits.parse(JSON.parse(request.body)))),
    'POST registration': (request) => {
      const { roles, scopes, requestedScopes, ...rest } = registration.parse(JSON.parse(request.body));
      Object.assign(control.registration, rest);
      Object.assign(control.registration.roles, roles);
      Object.assign(control.registration.scopes, scopes);
      Object.assign(control.registration.requestedScopes, requestedScopes);
    },
  };
}

/** Takes the body line by line, so that each record's text stays as it is. */
function inject(control: Control, request: ApiRequest): unknown {
  const of = kind.parse(request.query.get('kind'));
  const records = request.body.split(/\r?\n/).filter((line) => line.trim() !== '');
  for (const record of records) control.inject(of, record);
  return { records: records.length };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Defined<T>;
}
