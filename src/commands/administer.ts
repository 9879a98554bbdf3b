import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type EditTarget, findEditTarget } from '../config/edit-target.ts';
import { usualPaths } from '../config/load.ts';
import { unreadable } from '../config/references.ts';
import { ConnectorError } from '../errors.ts';
import { Secret } from '../fields/secret.ts';
import { readTextFile } from '../fields/secret-file.ts';
import { createHttpClient, type HttpClient } from '../http/client.ts';
import { type CloudName, cloudNames, type Endpoints, resolveEndpoints } from '../identity/clouds.ts';
import { cloudMismatch, locateTenant } from '../identity/tenant-metadata.ts';
import { readClaims } from '../identity/token-claims.ts';
import { parts } from '../parts.ts';
import type { Directory } from '../provision/directory.ts';
import { createGraphDirectory } from '../provision/graph-directory.ts';
import { type AdminSignIn, signIn } from '../provision/sign-in.ts';
import type { Clock } from '../runtime/clock.ts';
import { packageVersion } from '../version.ts';
import { type Invocation, textOption } from './command.ts';

/** The options of the commands that change a tenant's directory. */
export const administerOptions = {
  config: { type: 'string', short: 'c' },
  tenant: { type: 'string' },
  cloud: { type: 'string' },
  name: { type: 'string' },
  'use-azure-cli': { type: 'boolean' },
  'admin-client-id': { type: 'string' },
  'admin-secret-file': { type: 'string' },
  'admin-certificate': { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** What `--help` says of them. */
export const administerHelp = [
  '  --tenant TENANT         name in the configuration, directory id or domain; needed where there are several',
  '  --cloud CLOUD           commercial, gcc, gcc-high or dod; else what the tenant itself tells',
  '  --name NAME             tells several connectors of one tenant apart',
  '  --use-azure-cli         with the sign-in of the Azure CLI on this host, in place of a device code',
  '  --admin-client-id ID    with an application that may, and --admin-secret-file FILE or --admin-certificate FILE',
  '  --dry-run               says what would be done, and changes nothing',
  '  --json                  prints each step as a line of JSON',
] as const;

/** A tenant of a configuration, and the way to its hosts. */
export interface Administered {
  /** The configuration, absolute; its text, undefined where there is no file yet. */
  readonly path: string;
  readonly text: string | undefined;
  readonly folder: string;
  readonly target: EditTarget;
  /** GUID of the directory. */
  readonly tenantId: string;
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
}

const timeoutMs = 60_000;
const largestAnswer = 64 * 2 ** 20;

/** Returns the path of the configuration to be edited: the one named, a usual one that is there, else a new one here. */
function configPath(named: string | undefined): string {
  return resolve(named ?? usualPaths.find((path) => existsSync(path)) ?? usualPaths[0]);
}

function readConfig(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    throw new ConnectorError('CONFIG_INVALID', `Cannot read the configuration: ${unreadable(path, error)}`, {
      cause: error,
    });
  }
}

/**
 * Returns the tenant that the arguments mean, after a look at its own metadata. `asks` for the metadata; without it, all
 * is as the configuration says. Throws CONFIG_INVALID where its cloud is another than the configured one.
 */
export async function administer(invocation: Invocation, asks: boolean): Promise<Administered> {
  const { io } = invocation;
  const path = configPath(textOption(invocation, 'config'));
  const text = readConfig(path);
  const target = findEditTarget(path, text, textOption(invocation, 'tenant'), parts, io.env);
  const configured = target.cloud ?? cloudOption(invocation);
  const { entry } = target;
  const http = createHttpClient({
    tls: entry.tls === undefined ? undefined : { ...entry.tls, verify: true },
    proxy: entry.proxy,
    timeoutMs,
    maxResponseBytes: largestAnswer,
    userAgent: `MdePartner-DefenderSiem-DefenderSiem/${packageVersion()}`,
  });
  const endpointsOf = (cloud: CloudName) => resolveEndpoints(cloud, entry.region, entry.endpoints);
  const seen = { path, text, folder: dirname(path), target, http };
  if (!asks) return { ...seen, tenantId: target.id, endpoints: endpointsOf(configured ?? 'commercial') };
  try {
    const endpoints = endpointsOf(configured ?? 'commercial');
    const question = { http, tenantId: target.id, tenant: target.name, endpoints };
    const metadata = await locateTenant(question, io.stop);
    const mismatch = cloudMismatch(configured ?? metadata.cloud ?? 'commercial', metadata);
    if (mismatch !== undefined)
      throw new ConnectorError('CONFIG_INVALID', `tenant ${target.name}: ${mismatch}`);
    const cloud = configured ?? metadata.cloud ?? 'commercial';
    return { ...seen, tenantId: metadata.tenantId, endpoints: endpointsOf(cloud) };
  } catch (error) {
    http.close();
    throw error;
  }
}

function cloudOption(invocation: Invocation): CloudName | undefined {
  const named = textOption(invocation, 'cloud');
  const cloud = cloudNames.find((name) => name === named);
  if (named === undefined || cloud !== undefined) return cloud;
  throw new ConnectorError('ARGUMENTS_INVALID', `--cloud ${named}: there are ${cloudNames.join(', ')}`);
}

/** Signs the administrator in, and returns the tenant's directory. Throws as `signIn` does. */
export async function openDirectory(
  invocation: Invocation,
  { target, tenantId, endpoints, http }: Administered,
  options: {
    readonly delegated: boolean;
    readonly clock: Clock;
    readonly tell: (line: string) => void;
  },
): Promise<Directory> {
  const { io } = invocation;
  const { clock, tell, delegated } = options;
  const tenant = { name: target.name, id: tenantId };
  const parts = { tenant, endpoints, http, clock, show: io.err, signal: io.stop };
  const token = await signIn(howToSignIn(invocation), delegated, parts);
  const signedInTo = readClaims(await token()).tenantId;
  if (signedInTo !== undefined && signedInTo.toLowerCase() !== tenantId.toLowerCase()) {
    throw new ConnectorError(
      'IDENTITY_REFUSED',
      `The sign-in is for the directory ${signedInTo}, but tenant ${target.name} is ${tenantId}: sign in there, or name the other with --tenant. Nothing was changed.`,
    );
  }
  const { origins } = endpoints;
  const directory = createGraphDirectory({
    http,
    origin: origins.graph,
    token,
    clock,
    tell,
    signal: io.stop,
  });
  const organisation = await directory.organisation();
  if (organisation !== undefined)
    tell(`signed in to the directory ${organisation.displayName} (${organisation.id})`);
  return directory;
}

function howToSignIn(invocation: Invocation): AdminSignIn {
  if (invocation.options['use-azure-cli'] === true) return { kind: 'azure-cli', env: invocation.io.env };
  const clientId = textOption(invocation, 'admin-client-id');
  if (clientId === undefined) return { kind: 'device-code' };
  const path = textOption(invocation, 'admin-certificate');
  if (path !== undefined) return { kind: 'application', credential: { kind: 'certificate', clientId, path } };
  const file = textOption(invocation, 'admin-secret-file');
  if (file === undefined) {
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      '--admin-client-id goes with --admin-secret-file FILE or --admin-certificate FILE',
    );
  }
  const secret = new Secret(secretIn(file));
  return { kind: 'application', credential: { kind: 'client-secret', clientId, secret } };
}

function secretIn(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new ConnectorError('ARGUMENTS_INVALID', `--admin-secret-file: ${unreadable(file, error)}`, {
      cause: error,
    });
  }
}

/** Returns what prints a line for a person, or as JSON under `kind`. */
export function teller(invocation: Invocation, kind: string): (text: string) => void {
  const { io, options } = invocation;
  return (text) => io.out(options.json === true ? JSON.stringify({ [kind]: text }) : text);
}

/** Returns the connector that was named; undefined for none. Throws ARGUMENTS_INVALID for what a tag cannot hold. */
export function connectorOption(invocation: Invocation): string | undefined {
  const connector = textOption(invocation, 'name');
  if (connector === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(connector)) return connector;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `--name ${connector}: use letters, digits, dots, hyphens and underscores`,
  );
}
