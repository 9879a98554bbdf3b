import type { SimulatedApi } from './api.ts';
import { audiences } from './audiences.ts';
import { graphErrors } from './error-bodies.ts';
import { type Answer, type ApiRequest, rawJsonAnswer } from './exchange.ts';
import { graphAlert, graphProperty } from './graph-alert.ts';
import { hostileJson } from './hostile.ts';
import { compileFilter, type FilterSchema, type FilterValue, type Predicate } from './odata-filter.ts';
import { ODataError } from './odata-tokens.ts';
import { queryWith, refuseUnencoded, wholeNumber } from './paging.ts';
import { type Tenant, viewOf } from './tenant.ts';

const collection = '/v1.0/security/alerts_v2';
const largestPage = 1000;
const furthestSkip = 500;
const defaultPage = 1000;
const schema: FilterSchema = {
  properties: {
    assignedTo: 'text',
    classification: 'text',
    createdDateTime: 'time',
    determination: 'text',
    lastUpdateDateTime: 'time',
    serviceSource: 'text',
    severity: 'text',
    status: 'text',
  },
  anyCase: false,
  functions: false,
  unknownProperty: (name) => `Invalid filter clause: property '${name}' is not supported for filtering.`,
};
const options: ReadonlySet<string> = new Set([
  '$filter',
  '$top',
  '$skip',
  '$count',
  '$orderby',
  '$skiptoken',
]);

/** An alert as the list sees it: written only when it is on the page. */
interface Row {
  readonly id: string;
  read(property: string): FilterValue;
  json(): string;
}

interface Page {
  readonly top: number;
  readonly skip: number;
}

/** Microsoft Graph: `/v1.0/security/alerts_v2` (API reference §6). The list is live: between two pages records move. */
export const graphAlertsApi: SimulatedApi = {
  name: 'graph-alerts',
  listener: 'main',
  owns: (path) => path === collection || path.startsWith(`${collection}/`),
  errors: graphErrors,
  audiences: audiences.graph,
  roles: [
    'SecurityAlert.Read.All',
    'SecurityAlert.ReadWrite.All',
    'SecurityIncident.Read.All',
    'SecurityIncident.ReadWrite.All',
  ],
  scopes: [
    'SecurityAlert.Read.All',
    'SecurityAlert.ReadWrite.All',
    'SecurityIncident.Read.All',
    'SecurityIncident.ReadWrite.All',
  ],
  licensed: true,
  quota: { perMinute: 150 },
  answer(request, tenant) {
    if (request.method !== 'GET') {
      return graphErrors.error(request, 405, 'MethodNotAllowed', 'The method is not simulated.');
    }
    try {
      return request.path === collection ? list(request, tenant) : one(request, tenant);
    } catch (error) {
      if (!(error instanceof ODataError)) throw error;
      return graphErrors.error(request, 400, 'BadRequest', error.message);
    }
  },
};

function one(request: ApiRequest, tenant: Tenant): Answer {
  const id = decodeURIComponent(request.path.slice(collection.length + 1));
  const row = rows(request, tenant).find((candidate) => candidate.id === id);
  if (row === undefined) return graphErrors.error(request, 404, 'NotFound', `Alert ${id} was not found.`);
  const context = `"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2/$entity"`;
  return rawJsonAnswer(200, `{${context},${row.json().slice(1)}`, preference(request));
}

function list(request: ApiRequest, tenant: Tenant): Answer {
  refuseUnencoded(request);
  const { query } = request;
  for (const name of query.keys()) {
    if (name.startsWith('$') && !options.has(name)) {
      throw new ODataError(`Query option '${name}' is not allowed.`);
    }
  }
  const filter = query.get('$filter');
  const passes = filter === null ? undefined : compileFilter(filter, schema);
  const page = pageOf(request, tenant);
  const found = rows(request, tenant, passes);
  sort(found, query.get('$orderby'), tenant);
  const shown = request.twist === 'empty-page' ? [] : found.slice(page.skip, page.skip + page.top);
  const parts = ['"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2"'];
  if (query.get('$count')?.toLowerCase() === 'true') parts.push(`"@odata.count":${found.length}`);
  const reached = page.skip + shown.length;
  const link = nextLink(request, tenant, page, reached, found.length);
  if (link !== undefined) parts.push(`"@odata.nextLink":${JSON.stringify(link)}`);
  parts.push(`"value":[${shown.map((row) => row.json()).join(',')}]`);
  return rawJsonAnswer(200, `{${parts.join(',')}}`, preference(request));
}

function pageOf(request: ApiRequest, tenant: Tenant): Page {
  const { query } = request;
  const top = Math.min(wholeNumber(query, '$top') ?? defaultPage, largestPage);
  if (top === 0) throw new ODataError("Invalid value '0' for $top query option found.");
  const token = query.get('$skiptoken');
  if (token === null) {
    const skip = wholeNumber(query, '$skip') ?? 0;
    if (skip > furthestSkip && tenant.habits.nextLink !== 'skip') {
      throw new ODataError(
        `The limit of '${furthestSkip}' for Skip query has been exceeded. The value from the incoming request is '${skip}'.`,
      );
    }
    return { top, skip };
  }
  const decoded = /^p\.(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (decoded === null || request.twist === 'expired-next-link') {
    throw new ODataError('Skip token is invalid or expired.');
  }
  return { top, skip: Number(decoded[1]) };
}

function nextLink(
  request: ApiRequest,
  tenant: Tenant,
  page: Page,
  reached: number,
  found: number,
): string | undefined {
  const foreign = request.twist === 'foreign-next-link';
  if (reached >= found && request.twist !== 'empty-page' && !foreign) return undefined;
  const from = request.twist === 'duplicate-across-pages' ? Math.max(page.skip, reached - 1) : reached;
  const origin = foreign ? 'https://graph.attacker.example' : request.origin;
  const query =
    tenant.habits.nextLink === 'skip'
      ? queryWith(request.query, { $skip: String(from) })
      : queryWith(withoutSkip(request.query), {
          $skiptoken: Buffer.from(`p.${from}`, 'latin1').toString('base64url'),
        });
  return `${origin}${collection}?${query}`;
}

function withoutSkip(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete('$skip');
  return rest;
}

function sort(found: Row[], orderBy: string | null, tenant: Tenant): void {
  const [property = 'createdDateTime', direction = 'asc', more] = (orderBy ?? 'createdDateTime desc')
    .trim()
    .split(/\s+/);
  if (orderBy !== null && tenant.habits.orderBy === 'refused') {
    throw new ODataError("Query option '$orderby' is not allowed.");
  }
  const known = schema.properties[property] !== undefined;
  if (!known || more !== undefined || (direction !== 'asc' && direction !== 'desc')) {
    throw new ODataError(`Invalid orderby clause: '${orderBy ?? ''}'.`);
  }
  const sign = direction === 'asc' ? 1 : -1;
  found.sort((a, b) => {
    const [first, second] = [a.read(property) ?? '', b.read(property) ?? ''];
    if (first !== second) return first < second ? -sign : sign;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}

/** Returns the alerts that pass, newest first or nearly so. */
function rows(request: ApiRequest, tenant: Tenant, passes: Predicate = () => true): Row[] {
  const knowsUnknown = preferred(request);
  const found: Row[] = [];
  for (const visible of tenant.world.visible(request.now).reverse()) {
    const read = (property: string) => graphProperty(visible, property);
    if (!passes(read)) continue;
    const { id, hostile } = visible.alert;
    const json = () => hostileJson(graphAlert(viewOf(tenant, visible), knowsUnknown), hostile, 'graph');
    found.push({ id, read, json });
  }
  for (const { id, read, json } of tenant.injected.visible('graph-alert', request.now)) {
    if (passes(read)) found.push({ id, read, json: () => json });
  }
  return found;
}

function preferred(request: ApiRequest): boolean {
  return /(?:^|[\s,;])include-unknown-enum-members(?:$|[\s,;])/i.test(request.headers.prefer ?? '');
}

function preference(request: ApiRequest): Readonly<Record<string, string>> {
  return preferred(request) ? { 'preference-applied': 'include-unknown-enum-members' } : {};
}
