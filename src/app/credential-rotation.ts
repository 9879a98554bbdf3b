import PQueue from 'p-queue';
import { ConnectorError, type FailureCode, messageOf } from '../errors.ts';
import { readClientCertificate } from '../identity/client-certificate.ts';
import type { Credential } from '../identity/credential.ts';
import { fingerprintOf, readCredentialNote, writeCredentialNote } from '../identity/credential-note.ts';
import { createTokenRequester } from '../identity/token-requester.ts';
import { type CredentialRegistry, createCredentialRegistry } from '../provision/credential-registry.ts';
import type { Application, Directory } from '../provision/directory.ts';
import type { GraphCallOptions } from '../provision/graph-call.ts';
import { createGraphDirectory } from '../provision/graph-directory.ts';
import { createOwnKeyRegistry, readOwnKeys } from '../provision/own-keys.ts';
import { isRotating, type RotatableCredential, rotatable, rotateCredential } from '../provision/rotation.ts';
import { RotationUnderWay } from '../provision/rotation-files.ts';
import { ownSecret } from '../provision/secret-rotation.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type Validity, validityOf } from './credential-expiry.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** How often is looked whether a credential is due, ms. */
const lookEveryMs = 3_600_000;
/** How long the processes on this host have to take a new credential, ms; they look at its files every minute. */
const graceMs = 300_000;
/** How often is asked when a secret ends, where nothing on this host tells, ms. */
const askEveryMs = 86_400_000;
/** Of how many tenants that share a secret is asked. */
const mostAsked = 10;
/** What is asked again within the hour. */
const passing: readonly FailureCode[] = ['API_UNREACHABLE', 'API_FAILED', 'IDENTITY_UNAVAILABLE'];
/** How many credentials are renewed at the same time. */
const atOnce = 8;

/** What renews credentials by itself ahead of their end, and knows when they end. */
export interface CredentialRotation {
  /** Looks once, and renews what is due. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
  /** Looks again and again until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves with when a credential is valid; undefined where nobody tells. */
  validityOf(credential: Credential): Promise<Validity | undefined>;
  /** Returns why the credential of a tenant could not be renewed by itself; undefined where it could, or need not. */
  problemOf(tenant: string): string | undefined;
}

/** A tenant, as far as its credential goes. */
export type CredentialedTenant = Pick<
  TenantConnection,
  'name' | 'id' | 'endpoints' | 'credential' | 'tokens' | 'http'
>;

/** Credentials that several tenants share are one: it is renewed once, in the tenant where its application is at home. */
interface Shared {
  readonly credential: RotatableCredential;
  /** How long before its end it is renewed, ms; undefined where it is not. */
  readonly beforeMs: number | undefined;
  readonly tenants: CredentialedTenant[];
}

/** Returns what renews the credentials of these tenants, where the configuration wants that. */
export function createCredentialRotation(options: {
  readonly tenants: readonly CredentialedTenant[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the problem of a tenant has changed: who tells of it need not wait for the next look. Never rejects. */
  readonly onChange?: () => Promise<void>;
}): CredentialRotation {
  const { tenants, clock, log, onChange } = options;
  const shared = sharedCredentials(tenants);
  const problems = new Map<string, string>();
  const learnt = new Map<string, { readonly of: string; readonly validity: Validity }>();
  const askedMs = new Map<string, number>();

  async function validity(credential: Credential): Promise<Validity | undefined> {
    const noted = await validityOf(credential);
    if (noted !== undefined || credential.kind !== 'client-secret') return noted;
    const { secret } = credential;
    const known = secret.file === undefined ? undefined : learnt.get(secret.file);
    return known?.of === fingerprintOf(secret.read(true)) ? known.validity : undefined;
  }

  async function lookAt(one: Shared, signal: AbortSignal): Promise<void> {
    try {
      await learnEnd(one, signal);
      if (one.beforeMs === undefined) return;
      if (await isDue(one, one.beforeMs)) await renew(one, signal);
      await settled(one, undefined);
    } catch (error) {
      // What another process is about to do will be done.
      if (signal.aborted || error instanceof RotationUnderWay) return;
      await settled(one, messageOf(error));
    }
  }

  async function isDue({ credential }: Shared, beforeMs: number): Promise<boolean> {
    if (isRotating(credential)) return true;
    const valid = await validity(credential);
    if (valid === undefined) {
      // Of a certificate that cannot be read, the token request tells; of an authority that is away, so do the sources.
      if (!('file' in credential) || !askedMs.has(credential.file)) return false;
      throw new Error(
        'when the client secret ends is not known here, and the directory does not tell the application: renew it once with `defender-siem provision --rotate`, which notes that',
      );
    }
    // A credential that lives no longer than `before` would be due from its first day on.
    const halfMs = valid.startMs === undefined ? beforeMs : (valid.endMs - valid.startMs) / 2;
    return valid.endMs - clock.now() <= Math.min(beforeMs, halfMs);
  }

  async function renew({ credential, tenants: sharing }: Shared, signal: AbortSignal): Promise<void> {
    const [first] = sharing;
    try {
      const { tenant, directory } = await homeOf(credential, sharing, signal);
      const registry = createCredentialRegistry(directory, credential.clientId);
      await renewIn(tenant, credential, registry, signal);
    } catch (error) {
      const keys = credential.kind === 'certificate' ? readOwnKeys(credential.path) : undefined;
      const denied = error instanceof ConnectorError && error.code === 'PERMISSION_MISSING';
      if (!denied || credential.kind !== 'certificate' || keys === undefined || first === undefined)
        throw error;
      const registry = createOwnKeyRegistry(credential, keys, graphOf(first, signal));
      await renewIn(first, credential, registry, signal);
    }
  }

  async function renewIn(
    tenant: CredentialedTenant,
    credential: RotatableCredential,
    registry: CredentialRegistry,
    signal: AbortSignal,
  ): Promise<void> {
    const request = (candidate: Credential) =>
      createTokenRequester({
        tenant: tenant.name,
        tenantId: tenant.id,
        credential: candidate,
        endpoints: tenant.endpoints,
        http: tenant.http,
        clock,
      })('graph', signal);
    await rotateCredential({
      tenant: tenant.name,
      credential,
      registry,
      tryOut: async (candidate) => void (await request(candidate)),
      days: undefined,
      graceMs,
      clock,
      tell: (line) => log.info({ tenant: tenant.name }, `credential rotation: ${line}`),
      signal,
    });
    log.info({ tenant: tenant.name }, 'the credential was renewed by itself');
  }

  /** Throws as `Directory` does, and API_FAILED where none of the tenants has the application. */
  async function homeOf(
    { clientId }: RotatableCredential,
    sharing: readonly CredentialedTenant[],
    signal: AbortSignal,
  ): Promise<{ tenant: CredentialedTenant; directory: Directory; application: Application }> {
    let failure: unknown;
    for (const tenant of sharing) {
      const directory = createGraphDirectory(graphOf(tenant, signal));
      try {
        const application = await directory.application(clientId);
        if (application !== undefined) return { tenant, directory, application };
      } catch (error) {
        signal.throwIfAborted();
        failure ??= error;
      }
    }
    throw (
      failure ??
      new Error(
        `the application ${clientId} is registered in none of the tenants of the configuration: renew it where it is with \`defender-siem provision --rotate\``,
      )
    );
  }

  function graphOf({ http, endpoints, tokens }: CredentialedTenant, signal: AbortSignal): GraphCallOptions {
    const token = () => tokens.token('graph', signal);
    return { http, origin: endpoints.origins.graph, token, clock, signal };
  }

  /** Asks the directory when a secret ends, where nothing tells; most applications may not read that, which is fine. */
  async function learnEnd({ credential, tenants: sharing }: Shared, signal: AbortSignal): Promise<void> {
    if (!('file' in credential) || (await validity(credential)) !== undefined) return;
    const { file } = credential;
    if (clock.now() - (askedMs.get(file) ?? Number.NEGATIVE_INFINITY) < askEveryMs) return;
    askedMs.set(file, clock.now());
    const value = credential.secret.read(true);
    const of = fingerprintOf(value);
    try {
      const { application } = await homeOf(credential, sharing.slice(0, mostAsked), signal);
      const own = ownSecret(value, application.passwordCredentials);
      if (own === undefined || own.endDateTime === '') return;
      const { keyId, startDateTime, endDateTime } = own;
      const startMs = Date.parse(startDateTime);
      const valid = { startMs: Number.isNaN(startMs) ? undefined : startMs, endMs: Date.parse(endDateTime) };
      learnt.set(file, { of, validity: valid });
      await writeCredentialNote(file, { of, keyId, startDateTime, endDateTime });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectorError && passing.includes(error.code)) askedMs.delete(file);
      log.debug(
        { tenant: sharing[0]?.name, reason: messageOf(error) },
        'when the client secret ends cannot be asked, or not noted',
      );
    }
  }

  async function settled(one: Shared, problem: string | undefined): Promise<void> {
    const changed = one.tenants.filter(({ name }) => problems.get(name) !== problem);
    for (const { name } of changed) {
      if (problem === undefined) problems.delete(name);
      else {
        problems.set(name, problem);
        log.error(
          { tenant: name, reason: problem },
          'the credential cannot be renewed by itself: mend the cause, or run `defender-siem provision --rotate`',
        );
      }
    }
    if (problem !== undefined) await noteProblem(one, problem);
    if (changed.length > 0) await onChange?.();
  }

  return {
    async look(signal) {
      const queue = new PQueue({ concurrency: atOnce });
      await queue.addAll(shared.map((one) => () => lookAt(one, signal)));
    },
    async run(signal) {
      if (shared.length === 0) return;
      while (!signal.aborted) {
        await this.look(signal);
        await clock.sleep(lookEveryMs, signal);
      }
    },
    validityOf: validity,
    problemOf: (tenant) => problems.get(tenant),
  };
}

function sharedCredentials(tenants: readonly CredentialedTenant[]): readonly Shared[] {
  const shared = new Map<string, Shared>();
  for (const tenant of tenants) {
    const credential = rotatable(tenant.credential);
    const beforeMs = tenant.credential.rotate?.before;
    // Of a certificate there is nothing to learn.
    if (credential === undefined || (credential.kind === 'certificate' && beforeMs === undefined)) continue;
    const key = `${credential.clientId} ${fileOf(credential)} ${beforeMs}`;
    const known = shared.get(key);
    if (known === undefined) shared.set(key, { credential, beforeMs, tenants: [tenant] });
    else known.tenants.push(tenant);
  }
  return [...shared.values()];
}

/** Returns the file beside which is noted what is known of a credential. */
export function fileOf(credential: RotatableCredential): string {
  return 'file' in credential ? credential.file : credential.path;
}

/** `status` reads it there; where it cannot be written, the log and the blind spot have it. */
async function noteProblem({ credential }: Shared, problem: string): Promise<void> {
  const file = fileOf(credential);
  try {
    const of = await markOf(credential);
    await writeCredentialNote(file, { ...readCredentialNote(file, of), of, problem });
  } catch {
    // Said already, where it matters.
  }
}

/** Resolves with what the note of a credential is about. Rejects with CONFIG_INVALID where it cannot be read. */
async function markOf(credential: RotatableCredential): Promise<string> {
  if ('file' in credential) return fingerprintOf(credential.secret.read(true));
  return fingerprintOf((await readClientCertificate(credential)).thumbprintHex);
}
