import type { Api } from '../../identity/clouds.ts';
import { type Resource, resourceNames } from '../../identity/resources.ts';
import type { TokenClaims } from '../../identity/token-claims.ts';
import { neededPermissions } from '../../provision/needed-permissions.ts';
import type { NeededPermission } from '../../provision/plan.ts';
import type { Report } from './report.ts';
import type { TenantCheck, TenantSubject } from './tenant-subject.ts';

/** Longest wait for a token that no source needs, ms. */
const extraTokenMs = 10_000;
const resources: readonly Resource[] = ['graph', 'defender', 'xdr'];

/** Which permissions are granted, which are missing and for what, and which nothing of the configuration needs. */
export const checkPermissions: TenantCheck = async (subject, report) => {
  const needed = neededBy(subject);
  for (const permission of needed) await tellNeeded(subject, permission, report);
  for (const resource of resources) {
    const granted = grantedIn(await claimsOf(subject, resource, report));
    const response = responseIn(subject, resource, granted);
    if (response.length > 0) {
      const finding = `${response.join(', ')} of ${resourceNames[resource]}, for response actions`;
      report.add(`permissions.${resource}.response`, 'response', { result: 'ok', finding });
    }
    const superfluous = granted
      .filter((value) => isSuperfluous(subject, resource, value, needed))
      .filter((value) => !response.includes(value));
    if (superfluous.length === 0) continue;
    report.add(`permissions.${resource}.superfluous`, 'superfluous', {
      result: 'warning',
      finding: `nothing in this configuration needs ${superfluous.join(', ')} of ${resourceNames[resource]}`,
      advice: `Remove ${superfluous.length === 1 ? 'it' : 'them'} from the app registration, or run \`${repairOf(subject)}\`.`,
    });
  }
};

/** Returns the keys of the findings without which a source cannot be read. */
export function permissionKeysOf(subject: TenantSubject, source: string): readonly string[] {
  return neededBy(subject)
    .filter((permission) => permission.neededBy.includes(`source ${source}`))
    .map(keyOf);
}

function neededBy({ config, context }: TenantSubject, response = false): readonly NeededPermission[] {
  const types = context.config.sources.map(({ part }) => part);
  return neededPermissions(context.config, config.name, types, { response });
}

/** Where all that response actions need of a resource is granted, `provision --with response` did it: then it is wanted. */
function responseIn(
  subject: TenantSubject,
  resource: Resource,
  granted: readonly string[],
): readonly string[] {
  const values = neededBy(subject, true)
    .filter((each) => each.resource === resource && each.neededBy.includes('response'))
    .map(({ value }) => value);
  return values.every((value) => granted.includes(value)) ? values : [];
}

function keyOf({ resource, value }: NeededPermission): string {
  return `permission.${resource}.${value}`;
}

function repairOf({ config }: TenantSubject): string {
  return `defender-siem provision --tenant ${config.name} --repair`;
}

async function tellNeeded(
  subject: TenantSubject,
  permission: NeededPermission,
  report: Report,
): Promise<void> {
  const { resource, value, type, neededBy: needs } = permission;
  const look = {
    key: keyOf(permission),
    what: `permission ${value}`,
    needs: [`token.${resource}`],
    otherwise: 'Check the `auth` block of the tenant',
  };
  const whom = needs.join(', ');
  await report.look(look, async () => {
    const claims = await claimsOf(subject, resource, report);
    const granted = grantedIn(claims);
    if (claims?.audience === undefined)
      return { result: 'unknown', finding: `the token cannot be read; ${whom}` };
    const meeting = granted.filter((each) => accepted(subject, permission).includes(plain(each)));
    if (meeting.includes(value)) return { result: 'ok', finding: `granted, for ${whom}` };
    if (meeting.length > 0) return { result: 'ok', finding: `${meeting.join(', ')} is granted, for ${whom}` };
    const has = granted.length === 0 ? 'the token has none' : `the token has ${granted.join(', ')}`;
    return {
      result: 'failed',
      finding: `missing, ${whom} needs it; ${has}`,
      advice: `Add the ${type === 'Role' ? 'application' : 'delegated'} permission ${value} of ${resourceNames[resource]} and grant admin consent, or run \`${repairOf(subject)}\`.`,
      code: 'PERMISSION_MISSING',
    };
  });
}

/** Returns all permissions that meet a need, without `.All`, which delegated ones of the Defender resources lack. */
function accepted(
  { sources }: TenantSubject,
  { value, neededBy: needs }: NeededPermission,
): readonly string[] {
  const ofSources = sources
    .filter(({ name }) => needs.includes(`source ${name}`))
    .map(({ part }) => part.permissions);
  const [first = [value], ...others] = ofSources;
  const wider = value.replace('.Read.', '.ReadWrite.').replace('.OwnedBy', '.All');
  return [value, wider, ...first.filter((each) => others.every((list) => list.includes(each)))].map(plain);
}

function plain(permission: string): string {
  return permission.replace(/\.All$/, '');
}

/** A wider permission in the place of the one that is needed is too much too. */
function isSuperfluous(
  subject: TenantSubject,
  resource: Resource,
  value: string,
  needed: readonly NeededPermission[],
): boolean {
  // With it the end of the secret can be told.
  if (subject.config.auth.kind === 'client-secret' && mayReadApplication([value])) return false;
  return !needed.some((each) => each.resource === resource && plain(each.value) === plain(value));
}

/** Returns whether these permissions of Graph let an application read its own registration. */
export function mayReadApplication(granted: readonly string[]): boolean {
  return granted.some((value) => /^(Application|Directory)\.(Read|ReadWrite)\.(All|OwnedBy)$/.test(value));
}

/** Scopes that every sign-in has, and that give no access to any data of the tenant. */
const ofEverySignIn: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'offline_access',
  'User.Read',
]);

function grantedIn(claims: TokenClaims | undefined): readonly string[] {
  if (claims === undefined) return [];
  return [...claims.roles, ...claims.scopes.filter((scope) => !ofEverySignIn.has(scope))];
}

/** Of a resource that no source uses a token is asked for only to see what it grants: none is to be had for many. */
async function claimsOf(
  { claims, apis, connection, config }: TenantSubject,
  resource: Api,
  report: Report,
): Promise<TokenClaims | undefined> {
  const known = claims.get(resource);
  // A refusal would be noted down as the end of a person's sign-in.
  const asking = claims.size > 0 && !apis.includes(resource) && config.auth.kind !== 'user';
  if (known !== undefined || !asking) return known;
  try {
    const told = await report.within((signal) => connection.tokens.claims(resource, signal), extraTokenMs);
    claims.set(resource, told);
    return told;
  } catch {
    return undefined;
  }
}
