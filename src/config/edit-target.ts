import { dirname, resolve } from 'node:path';
import { ConnectorError } from '../errors.ts';
import { present } from '../fields/rule.ts';
import type { CloudName } from '../identity/clouds.ts';
import type { TenantAuth } from '../identity/credential.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { credentialKeys } from './auth.ts';
import { customerOptions } from './customer.ts';
import { memberSourceName } from './groups.ts';
import { jsonSchema } from './json-schema.ts';
import { listGroups } from './listed-customers.ts';
import { ConfigProblems, pathText } from './problems.ts';
import type { ConfigParts } from './schema.ts';
import { defaultSourceType, type SourceConfig, sourceSchema } from './source.ts';
import { type TenantConfig, tenant } from './tenant.ts';
import { resolveValues } from './values.ts';
import { readYaml } from './yaml-file.ts';

/** A tenant whose entry in a configuration is to be written: as far as it is there, whatever the rest of the file says. */
export interface EditTarget {
  /** The tenant's name: of its entry, or the one that a new entry gets. */
  readonly name: string;
  /** Directory id: a GUID or a domain. */
  readonly id: string;
  /** Undefined where no entry says. */
  readonly cloud: CloudName | undefined;
  /** Place in `tenants`; undefined for an entry that is still to be added. */
  readonly index: number | undefined;
  /** The group that it is a customer of: the application is the group's, and lives in another tenant. */
  readonly group: string | undefined;
  readonly entry: Pick<TenantConfig, 'cloud' | 'region' | 'endpoints' | 'tls' | 'proxy'>;
  /** The identity that the entry has; undefined for none, or one without a credential yet. */
  readonly auth: TenantAuth | undefined;
  /** The application that the entry names, with a credential or without. */
  readonly clientId: string | undefined;
  /** The entry wants the credential to renew itself. */
  readonly rotates: boolean;
  readonly sources: readonly SourceConfig[];
}

/** Stands in for an identity that is still to be made, so that the rest of the entry can be judged. */
const placeholder = { clientId: '00000000-0000-0000-0000-000000000000', workloadIdentity: {} };

type Values = Readonly<Record<string, unknown>>;

/**
 * Returns the tenant that `wanted` means in the configuration `text`: by its name, its directory id or domain; the only
 * one when nothing is wanted. A GUID or domain that no entry has is a tenant to be added. Throws CONFIG_INVALID for a
 * file that cannot be read as such, an entry that is wrong elsewhere than in `auth`, and a name that means nothing.
 */
export function findEditTarget(
  path: string,
  text: string | undefined,
  wanted: string | undefined,
  parts: ConfigParts,
  env: Readonly<Record<string, string | undefined>>,
  clock: Pick<Clock, 'now'> = systemClock,
): EditTarget {
  const file = readYaml(text ?? '');
  if (file.problems.length > 0) throw new ConfigProblems(path, file.problems);
  const folder = dirname(resolve(path));
  const schema = jsonSchema(parts);
  const resolved = resolveValues(file.value, { schema, folder, env, clock });
  const root = valuesOf(resolved.value);
  const candidates = candidatesIn(resolved.value);
  const found = candidateNamed(candidates, wanted, path);
  if (found === undefined) {
    return newTarget(
      wanted,
      candidates.map(({ raw }) => raw),
      path,
    );
  }
  const { raw, index, group } = found;
  if (raw.customers !== undefined) throw isGroup(raw, wanted);
  const identity = tenant.shape.auth.safeParse(raw.auth);
  const parsed = tenant.safeParse({ ...raw, auth: placeholder });
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const at = ['tenants', index, ...issue.path];
      return { path: pathText(at), message: issue.message, line: file.lineOf(at) };
    });
    throw new ConfigProblems(path, problems);
  }
  const written = valuesOf(raw.auth);
  if (!identity.success && present(written, credentialKeys).length > 0) {
    const message = 'is not valid: run `check` to see what is wrong, or remove it to have it written anew';
    const at = ['tenants', index, 'auth'];
    throw new ConfigProblems(path, [{ path: pathText(at), message, line: file.lineOf(at) }]);
  }
  const { id = '', name, cloud } = parsed.data;
  return {
    name,
    id,
    cloud: raw.cloud === undefined ? undefined : cloud,
    index,
    group,
    entry: parsed.data,
    auth: identity.data,
    clientId: typeof written.clientId === 'string' ? written.clientId : undefined,
    rotates: 'rotate' in written,
    sources: sourcesOf(listOf(root.sources).map(valuesOf), { name, group }, parts, path),
  };
}

/** A tenant as it stands in a file: an entry of its own, or a customer with what its group says. */
interface Candidate {
  readonly raw: Values;
  readonly index: number;
  readonly group: string | undefined;
}

function candidatesIn(config: unknown): readonly Candidate[] {
  const { customers } = listGroups(config);
  return listOf(valuesOf(config).tenants).flatMap((entry, index): readonly Candidate[] => {
    const raw = valuesOf(entry);
    const { customers: _list, ...shared } = raw;
    const members = (customers.get(index) ?? []).map(({ customer }) => ({
      raw: { ...shared, ...customer },
      index,
      group: String(raw.name),
    }));
    return [{ raw, index, group: undefined }, ...members];
  });
}

function candidateNamed(
  candidates: readonly Candidate[],
  wanted: string | undefined,
  path: string,
): Candidate | undefined {
  const namesOf = (some: readonly Candidate[]) => some.map(({ raw }) => String(raw.name)).join(', ');
  if (wanted === undefined) {
    const [only, another] = candidates;
    if (only !== undefined && another === undefined) return only;
    const which =
      only === undefined
        ? 'its GUID or domain'
        : `one of ${namesOf(candidates)}, or the GUID or domain of another`;
    throw new ConnectorError('ARGUMENTS_INVALID', `Which tenant? Give --tenant: ${which} (${path}).`);
  }
  const same = (value: unknown) => typeof value === 'string' && value.toLowerCase() === wanted.toLowerCase();
  const named = candidates.find(({ raw }) => same(raw.name));
  if (named !== undefined) return named;
  const identified = candidates.filter(({ raw }) => same(raw.id));
  if (identified.length <= 1) return identified[0];
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `Several tenants of ${path} have the id ${wanted}: give --tenant one of their names, ${namesOf(identified)}.`,
  );
}

function newTarget(wanted: string | undefined, tenants: readonly Values[], path: string): EditTarget {
  const id = customerOptions.id.safeParse(wanted);
  if (!id.success) {
    const known = tenants.map(({ name }) => String(name)).join(', ');
    const others = known === '' ? '' : ` It has ${known}.`;
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `No tenant of ${path} is called ${wanted}.${others} To add one, give its GUID or its domain.`,
    );
  }
  const taken = new Set(tenants.map(({ name }) => name));
  const stem = /^[0-9a-f-]{36}$/i.test(id.data) ? 'tenant' : (id.data.split('.')[0] ?? 'tenant');
  let name = stem;
  for (let next = 2; taken.has(name); next++) name = `${stem}-${next}`;
  return {
    name,
    id: id.data,
    cloud: undefined,
    index: undefined,
    group: undefined,
    entry: { cloud: 'commercial', endpoints: {} },
    auth: undefined,
    clientId: undefined,
    rotates: false,
    sources: [],
  };
}

function isGroup({ name }: Values, wanted: string | undefined): ConnectorError {
  const words = `${wanted ?? String(name)} is a group of tenants: give --tenant one of its customers; its application itself is provisioned in its home tenant, by that tenant's id and with --multi-tenant`;
  return new ConnectorError('ARGUMENTS_INVALID', words);
}

function sourcesOf(
  sources: readonly Values[],
  tenantNamed: { readonly name: string; readonly group: string | undefined },
  parts: ConfigParts,
  path: string,
): readonly SourceConfig[] {
  const { name, group } = tenantNamed;
  return sources
    .filter((source) =>
      [source.tenant].flat().some((each) => each === name || (group !== undefined && each === group)),
    )
    .map((source) => {
      const { type = defaultSourceType } = source;
      const known = parts.sourceTypes.find((candidate) => candidate.type === type);
      const parsed = known === undefined ? undefined : sourceSchema(known).safeParse(source);
      if (parsed?.success !== true) {
        const words = `the source ${String(source.name)} of ${path} is not valid: run \`check\` to see what is wrong with it`;
        throw new ConnectorError('CONFIG_INVALID', words);
      }
      const plain = source.tenant === name;
      const own = plain ? parsed.data.name : memberSourceName(parsed.data.name, name);
      return { ...parsed.data, name: own, tenant: name };
    });
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
