import { ConnectorError } from '../errors.ts';
import type { Credential } from '../identity/credential.ts';
import { createTokenRequester } from '../identity/token-requester.ts';
import { createCredentialRegistry } from '../provision/credential-registry.ts';
import { type RotatableCredential, rotatable, rotateCredential } from '../provision/rotation.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Administered, openDirectory, teller } from './administer.ts';
import type { Invocation } from './command.ts';

/** How long running connectors have to take the new credential, ms: they look at its files every minute. */
const graceMs = 120_000;

/**
 * `provision --rotate`: renews the credential of a tenant; `days` undefined for a life as long as the old one's. Returns
 * the exit code. Throws as `rotateCredential` does, and ARGUMENTS_INVALID for a credential that cannot be renewed.
 */
export async function rotate(
  invocation: Invocation,
  administered: Administered,
  { days, clock }: { readonly days: number | undefined; readonly clock: Clock },
): Promise<number> {
  const { io, options } = invocation;
  const { target, tenantId, endpoints, http } = administered;
  const tell = teller(invocation, 'step');
  const credential = renewable(administered);
  if (options['dry-run'] === true) {
    const what = credential.kind === 'certificate' ? 'certificate' : 'client secret';
    const file = 'file' in credential ? credential.file : credential.path;
    tell(`would add a ${what}, put it into ${file} once it works, and remove the old one`);
    return 0;
  }
  const directory = await openDirectory(invocation, administered, { delegated: false, clock, tell });
  const request = (candidate: Credential) =>
    createTokenRequester({
      tenant: target.name,
      tenantId,
      credential: candidate,
      endpoints,
      http,
      clock,
    })('graph', io.stop);
  await rotateCredential({
    tenant: target.name,
    credential,
    registry: createCredentialRegistry(directory, credential.clientId),
    tryOut: async (candidate) => void (await request(candidate)),
    days,
    graceMs,
    clock,
    tell,
    signal: io.stop,
  });
  tell(`the credential of tenant ${target.name} is renewed`);
  return 0;
}

function renewable({ target }: Administered): RotatableCredential {
  const { auth, name } = target;
  const refuse = (why: string) =>
    new ConnectorError('ARGUMENTS_INVALID', `--rotate: the credential of tenant ${name} ${why}`);
  if (auth === undefined) throw refuse('is not there yet: run the command without --rotate');
  const credential = rotatable(auth);
  if (credential !== undefined) return credential;
  switch (auth.kind) {
    case 'client-secret':
      throw refuse('stands in the configuration or the environment: move it into a file, `${file:PATH}`');
    case 'certificate':
      throw refuse('is a PKCS#12 file, and what is written is PEM: give the certificate under `path`');
    default:
      throw refuse(`(${auth.kind}) does not end by itself, so there is nothing to renew`);
  }
}
