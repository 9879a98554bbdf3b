import type { Customer } from './customer.ts';
import type { RouteConfig } from './route.ts';
import type { Config, ParsedConfig } from './schema.ts';
import type { SourceConfig, SourceEntry } from './source.ts';
import type { TenantConfig, TenantEntry } from './tenant.ts';

/** Something that has a name, and may be one of those that an entry of the file stands for. */
export interface Member {
  readonly name: string;
  /** The name of the entry of the file that stands for it and others. */
  readonly group?: string | undefined;
}

/** Returns those that a name of the file means: the one of this name, or all of the group of this name. */
export function membersNamed<Each extends Member>(all: readonly Each[], name: string): readonly Each[] {
  return all.filter((each) => each.name === name || each.group === name);
}

/** Returns every name that means something: of each one, and of each group. */
export function namesAndGroups(all: readonly Member[]): readonly string[] {
  const groups = all.flatMap(({ group }) => (group === undefined ? [] : [group]));
  return [...new Set([...groups, ...all.map(({ name }) => name)])];
}

/** Returns the name of the source that reads one tenant of several: `alerts@contoso`. */
export function memberSourceName(source: string, tenant: string): string {
  return `${source}@${tenant}`;
}

/**
 * Returns the configuration with each group of tenants written out: its customers are tenants like any other, a source
 * of several tenants is one source for each, and routes name them. `customersOf` tells the customers of the entry at
 * this place of `tenants`.
 */
export function writeOutGroups(
  parsed: ParsedConfig,
  customersOf: (index: number) => readonly Customer[],
): Config {
  const tenants = parsed.tenants.flatMap((entry, index) => tenantsOf(entry, customersOf(index)));
  const sources = parsed.sources.flatMap((entry) => sourcesOf(entry, tenants));
  return {
    ...parsed,
    tenants,
    sources,
    routes: parsed.routes.map((route) => routeOf(route, sources, tenants)),
  };
}

function tenantsOf(
  { id, customers: _customers, ...shared }: TenantEntry,
  customers: readonly Customer[],
): readonly TenantConfig[] {
  if (id !== undefined) return [{ ...shared, id }];
  return customers.map((customer) => {
    const cloud = customer.cloud ?? shared.cloud;
    // The group's region is for those of its customers that are in its cloud.
    const region = customer.region ?? (cloud === shared.cloud ? shared.region : undefined);
    return { ...shared, name: customer.name, id: customer.id, cloud, region, group: shared.name };
  });
}

function sourcesOf(entry: SourceEntry, tenants: readonly TenantConfig[]): readonly SourceConfig[] {
  const { tenant } = entry;
  const plain = typeof tenant === 'string' && tenants.some(({ name }) => name === tenant);
  if (plain) return [{ ...entry, tenant }];
  const read = new Set([tenant].flat().flatMap((name) => membersNamed(tenants, name)));
  return [...read].map(({ name }) => ({
    ...entry,
    name: memberSourceName(entry.name, name),
    tenant: name,
    group: entry.name,
  }));
}

function routeOf(
  route: RouteConfig,
  sources: readonly SourceConfig[],
  tenants: readonly TenantConfig[],
): RouteConfig {
  const from = route.from?.flatMap((name) => namesOf(sources, name));
  const tenant = route.where.tenant?.flatMap((name) => namesOf(tenants, name));
  return {
    ...route,
    ...(from === undefined ? {} : { from }),
    where: { ...route.where, ...(tenant === undefined ? {} : { tenant }) },
  };
}

/** What no name means is the connector's own source, or a pattern. */
function namesOf(all: readonly Member[], name: string): readonly string[] {
  const meant = membersNamed(all, name);
  return meant.length === 0 ? [name] : meant.map((each) => each.name);
}
