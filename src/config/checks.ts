import { resolve } from 'node:path';
import { z } from 'zod';
import { connectorSource } from '../record.ts';
import { checkCustomers } from './customer-checks.ts';
import { memberSourceName } from './groups.ts';
import type { Complaint } from './issues.ts';
import type { ListedCustomer } from './listed-customers.ts';
import { type ConfigParts, defaultStorePath } from './schema.ts';
import { formatsWithOptions } from './sink.ts';
import { nearest } from './suggest.ts';

const word = z.string().optional().catch(undefined);
const words = z.array(z.string().catch('')).catch([]);
const wordOrWords = z
  .union([z.string().transform((text) => [text]), words])
  .optional()
  .catch([]);
const conditions = z.object({ tenant: wordOrWords }).optional().catch(undefined);
const signIn = z
  .looseObject({ user: z.looseObject({ cache: word }) })
  .optional()
  .catch(undefined);
function list<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const entry = z.looseObject(shape);
  return z
    .array(z.preprocess((value) => (typeof value === 'object' && value !== null ? value : {}), entry))
    .catch([]);
}

/**
 * What of a file the checks between its parts look at. Whatever cannot be read is left out, so that they still run
 * over a file that has other problems.
 */
const outline = z
  .object({
    store: z.looseObject({ path: word }).catch({ path: undefined }),
    tenants: list({ name: word, cloud: word, auth: signIn }),
    sources: list({ name: word, tenant: wordOrWords }),
    sinks: list({ name: word, type: word, format: word, path: word }),
    routes: list({ from: words, to: words, where: conditions }),
  })
  .catch({ store: { path: undefined }, tenants: [], sources: [], sinks: [], routes: [] });

/**
 * Checks what no single part of a configuration can know: names are unique, what is named is there, and each file has
 * one writer. Paths in `value` are absolute, but for defaults, which start at `folder`. `customers`: those of each group,
 * by the place of its entry in `tenants`.
 */
export function crossCheck(
  value: unknown,
  parts: ConfigParts,
  folder: string,
  customers: ReadonlyMap<number, readonly ListedCustomer[]>,
): Complaint[] {
  const { store, tenants, sources, sinks, routes } = outline.parse(value);
  const customerNames = [...customers.values()].flat().flatMap(({ customer: { name } }) => [String(name)]);
  const tenantNames = [...namesOf(tenants), ...customerNames];
  const sourceNames = namesOf(sources);
  const memberNames = sources.flatMap(({ name = '', tenant = [] }) =>
    membersOf(tenant, tenants, customers).map((each) => memberSourceName(name, each)),
  );
  const sinkNames = namesOf(sinks);
  return [
    ...repeated('tenants', tenants),
    ...checkCustomers(tenants, customers),
    ...repeated('sources', sources),
    ...reserved(sources),
    ...repeated('sinks', sinks),
    ...sources.flatMap(({ tenant = [] }, index) => unknownTenants(tenant, ['sources', index, 'tenant'])),
    ...routes.flatMap(({ from, to, where }, index) => [
      ...from.flatMap((name, item) =>
        memberNames.includes(name)
          ? []
          : unknown('source', [...sourceNames, connectorSource], name, ['routes', index, 'from', item]),
      ),
      ...to.flatMap((name, item) => unknown('sink', sinkNames, name, ['routes', index, 'to', item])),
      ...unknownTenants(where?.tenant?.filter((name) => !/[*?]/.test(name)) ?? [], [
        'routes',
        index,
        'where',
        'tenant',
      ]),
    ]),
    ...sinks.flatMap((sink, index) => misnamedTenants(sink, index)),
    ...sharedFiles(resolve(folder, store.path ?? defaultStorePath), tenants, sinks),
    ...sinks.flatMap((sink, index) =>
      idleOptions(sink, parts).map((key) => ({
        path: ['sinks', index, key],
        message: `has no effect: the format of this sink is ${formatOf(sink, parts)}, not ${key}`,
      })),
    ),
  ];

  /** A group is no single tenant: whose identity would it be? */
  function misnamedTenants(sink: SinkOutline, index: number): Complaint[] {
    const keys = parts.sinkTypes.find(({ type }) => type === sink.type)?.tenantKeys ?? [];
    return keys.flatMap((key) => {
      const named = word.parse(sink[key]);
      if (named === undefined) return [];
      const group = tenants.findIndex(
        (entry, entryIndex) => entry.name === named && customers.has(entryIndex),
      );
      if (group < 0) return unknownTenants([named], ['sinks', index, key]);
      const message = `names a group: name the one of its customers whose identity is to be used`;
      return [{ path: ['sinks', index, key], message }];
    });
  }

  function unknownTenants(named: readonly string[], path: Complaint['path']): Complaint[] {
    return named.flatMap((name) => unknown('tenant', tenantNames, name, path));
  }
}

/** Returns the tenants that these names mean, where one of them names a group or there are several; else none. */
function membersOf(
  named: readonly string[],
  entries: readonly Named[],
  customers: ReadonlyMap<number, readonly ListedCustomer[]>,
): readonly string[] {
  return named.flatMap((name) => {
    const group = customers.get(entries.findIndex((entry) => entry.name === name));
    return group === undefined ? [name] : group.map(({ customer }) => String(customer.name));
  });
}

/**
 * Two writers of a file take each other's lines for half-written ones; in the store, a sink would cut the database, and a
 * person's sign-in would be lost under anything else.
 */
function sharedFiles(
  storePath: string,
  tenants: readonly TenantOutline[],
  sinks: readonly SinkOutline[],
): Complaint[] {
  const owners = new Map(
    ['', '-wal', '-shm'].map((suffix) => [storePath + suffix, 'the store (store.path)']),
  );
  const written = [
    ...tenants.map(({ auth }, index) => ({
      file: auth?.user.cache,
      path: ['tenants', index, 'auth', 'user', 'cache'],
      owner: `tenants[${index}]`,
    })),
    ...sinks.map(({ path }, index) => ({
      file: path,
      path: ['sinks', index, 'path'],
      owner: `sinks[${index}]`,
    })),
  ];
  return written.flatMap(({ file, path, owner }) => {
    if (file === undefined) return [];
    const other = owners.get(file);
    owners.set(file, other ?? owner);
    return other === undefined ? [] : [{ path, message: `is the file of ${other}: give each its own` }];
  });
}

interface Named {
  readonly name?: string | undefined;
}

interface TenantOutline extends Named {
  readonly auth?: { readonly user: { readonly cache?: string | undefined } } | undefined;
}

interface SinkOutline extends Named {
  readonly [key: string]: unknown;
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly path?: string | undefined;
}

function namesOf(entries: readonly Named[]): readonly string[] {
  return entries.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

function repeated(section: string, entries: readonly Named[]): Complaint[] {
  return entries.flatMap(({ name }, index) => {
    const first = entries.findIndex((entry) => entry.name === name);
    if (name === undefined || first === index) return [];
    const message = `is taken by ${section}[${first}]: names are unique`;
    return [{ path: [section, index, 'name'], message }];
  });
}

/** The connector's own events come under this name. */
function reserved(sources: readonly Named[]): Complaint[] {
  return sources.flatMap(({ name }, index) => {
    if (name !== connectorSource) return [];
    const message = "is the name of the connector's own events, which `routes.from` can name: choose another";
    return [{ path: ['sources', index, 'name'], message }];
  });
}

function unknown(
  kind: string,
  known: readonly string[],
  name: string | undefined,
  path: Complaint['path'],
): Complaint[] {
  // What is no text at all is the schema's to complain about.
  if (name === undefined || name === '' || known.includes(name)) return [];
  const near = nearest(name, known);
  const hint = near === undefined ? `there is ${known.join(', ') || 'none'}` : `did you mean \`${near}\`?`;
  return [{ path, message: `names no ${kind} of this file: ${hint}` }];
}

function formatOf(sink: SinkOutline, parts: ConfigParts): string | undefined {
  return sink.format ?? parts.sinkTypes.find(({ type }) => type === sink.type)?.defaultFormat;
}

/** Returns keys with the options of a format that the sink does not write. */
function idleOptions(sink: SinkOutline, parts: ConfigParts): readonly string[] {
  const type = parts.sinkTypes.find((candidate) => candidate.type === sink.type);
  const format = formatOf(sink, parts);
  if (type === undefined || !parts.formats.some(({ name }) => name === format)) return [];
  return formatsWithOptions(parts.formats)
    .map(({ name }) => name)
    .filter((name) => name !== format && name in sink && !(name in type.options.shape));
}
