import type { SecurityEvent, Severity } from '../event.ts';
import { connectorSource } from '../record.ts';

/** One entry of `routes` in the configuration: which sources' events go to which sinks. */
export interface RouteConfig {
  /** Names of sources; undefined for every source. */
  readonly from?: readonly string[] | undefined;
  readonly to: readonly string[];
  /** Every condition named must hold; without any, every event of these sources goes. */
  readonly where?: RouteConditions | undefined;
}

/**
 * What an event must be like: of each list one must match. Texts are compared without case, and `*` stands for any
 * text, `?` for one character. An event that does not say (its device is in no group) matches no text.
 */
export interface RouteConditions {
  /** Against the name of the tenant that the source reads, or that an event of the connector's own is about. */
  readonly tenant?: readonly string[] | undefined;
  /** `medium+` is written out by the configuration: medium, high, critical. */
  readonly severity?: readonly Severity[] | undefined;
  readonly status?: readonly string[] | undefined;
  readonly category?: readonly string[] | undefined;
  readonly serviceSource?: readonly string[] | undefined;
  readonly title?: readonly string[] | undefined;
  /** Against the group of every device in the event. */
  readonly deviceGroup?: readonly string[] | undefined;
}

/** The routes, ready to be asked. */
export interface Routes {
  /** True when some route leads from the source to the sink: without one, no event of it need be read. */
  reach(source: string, sink: string): boolean;
  /** True when the event, of this source, goes to the sink. */
  send(source: string, event: SecurityEvent, sink: string): boolean;
}

/**
 * Compiles the routes of a configuration. Without any, every source goes to every sink. `tenantOf` tells the name of the
 * tenant that a source reads; undefined for one that is not configured any more.
 */
export function compileRoutes(
  configs: readonly RouteConfig[] | undefined,
  tenantOf: (source: string) => string | undefined = () => undefined,
): Routes {
  if (configs === undefined || configs.length === 0) return { reach: () => true, send: () => true };
  const routes = configs.map(({ from, to, where = {} }) => {
    const sources = from === undefined ? undefined : new Set(from);
    const isOfTenant = oncePerSource((source) => tenantMatches(where.tenant, tenantOf(source)));
    return {
      leads: (source: string, sink: string) =>
        to.includes(sink) &&
        (sources?.has(source) ?? true) &&
        (source === connectorSource || isOfTenant(source)),
      matches: compileConditions(where),
    };
  });
  return {
    reach: (source, sink) => routes.some(({ leads }) => leads(source, sink)),
    send: (source, event, sink) => routes.some((route) => route.leads(source, sink) && route.matches(event)),
  };
}

type Condition = (event: SecurityEvent) => boolean;

/** What each condition on a text looks at. */
const texts: Readonly<
  Record<
    Exclude<keyof RouteConditions, 'severity' | 'tenant'>,
    (event: SecurityEvent) => readonly (string | undefined)[]
  >
> = {
  status: (event) => [event.status],
  category: (event) => [event.category],
  serviceSource: (event) => [event.serviceSource],
  title: (event) => [event.title],
  deviceGroup: (event) => [event.device?.group, ...event.evidence.map(({ device }) => device?.group)],
};

function compileConditions(where: RouteConditions): Condition {
  const conditions = [...Object.entries(texts)].flatMap(([name, values]) => {
    const patterns = where[name as keyof typeof texts];
    return patterns === undefined ? [] : [textLike(patterns, values)];
  });
  const { severity, tenant } = where;
  if (tenant !== undefined) {
    conditions.push(({ connector }) => connector === undefined || tenantMatches(tenant, connector.tenant));
  }
  if (severity !== undefined) conditions.push((event) => severity.includes(event.severity));
  return (event) => conditions.every((condition) => condition(event));
}

/** Which tenant a source reads never changes: with hundreds of names, they are compared once. */
function oncePerSource(test: (source: string) => boolean): (source: string) => boolean {
  const answers = new Map<string, boolean>();
  return (source) => {
    const known = answers.get(source);
    if (known !== undefined) return known;
    const answer = test(source);
    answers.set(source, answer);
    return answer;
  };
}

function tenantMatches(patterns: readonly string[] | undefined, tenant: string | undefined): boolean {
  if (patterns === undefined) return true;
  const name = tenant?.toLowerCase();
  return name !== undefined && patterns.some((pattern) => globMatches(pattern.toLowerCase(), name));
}

function textLike(
  patterns: readonly string[],
  values: (event: SecurityEvent) => readonly (string | undefined)[],
): Condition {
  const wanted = patterns.map((pattern) => pattern.toLowerCase());
  return (event) =>
    values(event).some((value) => {
      const text = value?.toLowerCase();
      return text !== undefined && wanted.some((pattern) => globMatches(pattern, text));
    });
}

/**
 * True when `text` fits a pattern of `*` and `?`. Going back only to the last `*` bounds the time to the product of
 * the lengths, which a regular expression with several `.*` does not.
 */
function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
