import type { SimulatedApi } from './api.ts';
import { audiences } from './audiences.ts';
import { defenderAlert, defenderProperty } from './defender-alert.ts';
import { defenderErrors } from './error-bodies.ts';
import { type Answer, type ApiRequest, rawJsonAnswer } from './exchange.ts';
import { hostileJson } from './hostile.ts';
import { compileFilter, type FilterSchema, type FilterValue, type Predicate } from './odata-filter.ts';
import { ODataError } from './odata-tokens.ts';
import { queryWith, refuseUnencoded, wholeNumber } from './paging.ts';
import { endpointAlerts, type Tenant, viewOf } from './tenant.ts';

/** The version segment is optional, and case does not matter (API reference §1.2). */
const path = /^\/api(?:\/v1\.0)?\/alerts(?:\/([^/]+))?\/?$/i;
const largestPage = 10_000;
const schema: FilterSchema = {
  properties: {
    alertCreationTime: 'time',
    lastUpdateTime: 'time',
    lastEventTime: 'time',
    incidentId: 'number',
    investigationId: 'number',
    id: 'text',
    assignedTo: 'text',
    detectionSource: 'text',
    status: 'text',
    severity: 'text',
    category: 'text',
  },
  anyCase: true,
  functions: true,
  unknownProperty: (name) =>
    `Could not find a property named '${name}' on type 'Microsoft.Windows.Defender.Alert'.`,
};
const context = '"@odata.context":"https://api.securitycenter.microsoft.com/api/$metadata#Alerts';

/** An alert as the list sees it: written only when it is on the page. */
interface Row {
  readonly id: string;
  readonly created: string;
  read(property: string): FilterValue;
  json(expanded: boolean): string;
}

/** Defender for Endpoint: `/api/alerts` (API reference §4). */
export const defenderAlertsApi: SimulatedApi = {
  name: 'defender-alerts',
  listener: 'main',
  owns: (called) => path.test(called),
  errors: defenderErrors,
  audiences: audiences.defender,
  roles: ['Alert.Read.All', 'Alert.ReadWrite.All'],
  scopes: ['Alert.Read', 'Alert.ReadWrite'],
  licensed: true,
  quota: { perMinute: 100, perHour: 1500 },
  answer(request, tenant) {
    if (request.method !== 'GET') {
      return defenderErrors.error(request, 405, 'DisallowedOperation', 'The method is not simulated.');
    }
    try {
      refuseUnencoded(request);
      const id = path.exec(request.path)?.[1];
      if (id?.toLowerCase() === '$count') return counted(request, tenant);
      return id === undefined ? list(request, tenant) : one(request, tenant, decodeURIComponent(id));
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      return defenderErrors.error(request, 400, 'ODataError', error.message);
    }
  },
};

function one(request: ApiRequest, tenant: Tenant, id: string): Answer {
  const row = rows(request, tenant).find((candidate) => candidate.id === id);
  if (row === undefined) {
    return defenderErrors.error(request, 404, 'ResourceNotFound', `Alert ${id} was not found`);
  }
  // A single alert comes with its evidence, as the documented sample has it.
  return rawJsonAnswer(200, `{${context}/$entity",${row.json(true).slice(1)}`);
}

function counted(request: ApiRequest, tenant: Tenant): Answer {
  const body = String(found(request, tenant).length);
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}

function list(request: ApiRequest, tenant: Tenant): Answer {
  const { query } = request;
  const top = wholeNumber(query, '$top');
  if (top !== undefined && top > largestPage) {
    throw new ODataError(
      `The limit of '${largestPage}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
    );
  }
  const skip = wholeNumber(query, '$skip') ?? 0;
  if (skip > 0 && request.twist === 'expired-next-link') throw new ODataError('The next link has expired.');
  const expanded = expands(query);
  const all = found(request, tenant);
  const shown = request.twist === 'empty-page' ? [] : all.slice(skip, skip + (top ?? largestPage));
  const reached = skip + shown.length;
  const parts = [`${context}"`];
  if (query.get('$count')?.toLowerCase() === 'true') parts.push(`"@odata.count":${all.length}`);
  const link = nextLink(request, top, skip, reached, all.length);
  parts.push(`"value":[${shown.map((row) => row.json(expanded)).join(',')}]`);
  if (link !== undefined) parts.push(`"@odata.nextLink":${JSON.stringify(link)}`);
  return rawJsonAnswer(200, `{${parts.join(',')}}`);
}

/** With `$top` there is no next link (API reference §4.2). */
function nextLink(
  request: ApiRequest,
  top: number | undefined,
  skip: number,
  reached: number,
  total: number,
): string | undefined {
  const foreign = request.twist === 'foreign-next-link';
  const wanted = foreign || request.twist === 'empty-page' || (top === undefined && reached < total);
  if (!wanted) return undefined;
  const from = request.twist === 'duplicate-across-pages' ? Math.max(skip, reached - 1) : reached;
  const origin = foreign ? 'https://api.attacker.example' : request.origin;
  return `${origin}${request.path}?${queryWith(request.query, { $skip: String(from) })}`;
}

function expands(query: URLSearchParams): boolean {
  const expand = query.get('$expand');
  if (expand === null) return false;
  if (expand.trim().toLowerCase() !== 'evidence') {
    throw new ODataError(`Could not find a property named '${expand}' to expand.`);
  }
  return true;
}

/** Newest first: the documented "10 latest alerts" is `$top=10` alone (API reference §4.2). */
function found(request: ApiRequest, tenant: Tenant): Row[] {
  const filter = request.query.get('$filter');
  const passes = filter === null ? undefined : compileFilter(filter, schema);
  return rows(request, tenant, passes).sort((a, b) => {
    if (a.created !== b.created) return a.created < b.created ? 1 : -1;
    return a.id < b.id ? -1 : 1;
  });
}

function rows(request: ApiRequest, tenant: Tenant, passes: Predicate = () => true): Row[] {
  const found: Row[] = [];
  for (const visible of endpointAlerts(tenant, request.now).reverse()) {
    const read = (property: string) => defenderProperty(visible, property);
    if (!passes(read)) continue;
    const { id, created, hostile } = visible.alert;
    found.push({
      id,
      created,
      read,
      json: (expanded) => hostileJson(defenderAlert(viewOf(tenant, visible), expanded), hostile, 'defender'),
    });
  }
  for (const { id, created, read, json } of tenant.injected.visible('alert', request.now)) {
    if (passes(read)) found.push({ id, created, read, json: () => json });
  }
  return found;
}
