import { z } from 'zod';
import { ConnectorError, messageOf } from '../../errors.ts';
import { readClientCertificate } from '../../identity/client-certificate.ts';
import type {
  CertificateCredential,
  ClientSecretCredential,
  Credential,
  UserCredential,
} from '../../identity/credential.ts';
import { fingerprintOf, readCredentialNote } from '../../identity/credential-note.ts';
import { readSignIn } from '../../identity/sign-in-file.ts';
import { dayOf } from '../../sinks/certificate-chain.ts';
import { credentialWarnBeforeMs, noteOf, validityOf } from '../credential-expiry.ts';
import { endText } from './certificate-text.ts';
import { remedyOf } from './remedy.ts';
import type { Found } from './report.ts';
import { mayReadApplication } from './tenant-permissions.ts';
import type { TenantCheck, TenantSubject } from './tenant-subject.ts';

/** Why a credential cannot renew itself, where `auth.rotate` asks for it and it was tried. */
export const checkRotation: TenantCheck = async ({ config }, report) => {
  const problem = config.auth.rotate === undefined ? undefined : await noteProblem(config.auth);
  if (problem === undefined) return;
  const otherwise = `Run \`defender-siem provision --tenant ${config.name} --rotate\``;
  const { finding, advice } = remedyOf(new Error(problem), otherwise, 'IDENTITY_REFUSED');
  report.add('rotation', 'rotation', { result: 'warning', finding: `did not succeed: ${finding}`, advice });
};

/** A credential that cannot be read is told of as such. */
async function noteProblem(auth: Credential): Promise<string | undefined> {
  try {
    if (auth.kind === 'client-secret') return noteOf(auth)?.problem;
    if (auth.kind !== 'certificate' || !('path' in auth)) return undefined;
    const { thumbprintHex } = await readClientCertificate(auth);
    return readCredentialNote(auth.path, fingerprintOf(thumbprintHex))?.problem;
  } catch {
    return undefined;
  }
}

/** When the tenant's credential ends; where that cannot be known, why. Of a secret that `provision` made it is noted beside its file. */
export const checkCredential: TenantCheck = async (subject, report) => {
  const { auth } = subject.config;
  const noted =
    auth.kind === 'client-secret' ? (await validityOf(auth).catch(() => undefined))?.endMs : undefined;
  const look = {
    key: 'credential',
    what: 'credential',
    needs: auth.kind === 'client-secret' && noted === undefined ? ['token.graph'] : [],
    otherwise: 'Correct the `auth` block of the tenant',
  };
  await report.look(look, async (signal) => {
    switch (auth.kind) {
      case 'certificate':
        return await tellCertificate(auth, subject);
      case 'client-secret':
        if (noted !== undefined) return tellEnd('client secret', noted, subject);
        return await tellSecret(subject, auth, signal);
      case 'workload-identity':
        return unended(`federated token ${auth.tokenFile}`, 'its platform renews it');
      case 'managed-identity':
        return unended('managed identity', 'Azure renews it');
      case 'user':
        return await tellSignIn(auth, subject.config);
    }
  });
};

function unended(what: string, why: string): Found {
  return { result: 'ok', finding: `${what}: ${why}` };
}

async function tellSignIn(
  auth: UserCredential,
  { name, id }: Pick<TenantSubject['config'], 'name' | 'id'>,
): Promise<Found> {
  const held = await readSignIn(auth);
  const advice = `Run \`defender-siem login --tenant ${name}\`.`;
  const missing =
    held === undefined ? `nobody has signed in: there is no ${auth.cache}` : held.refusals?.[id]?.reason;
  if (held === undefined || missing !== undefined) {
    return { result: 'failed', finding: missing ?? '', advice, code: 'IDENTITY_REFUSED' };
  }
  const who = held.account ?? 'a person';
  return unended(
    `sign-in of ${who} since ${dayOf(held.signedInAtMs)}`,
    'it holds while it is used every 90 days',
  );
}

async function tellCertificate(auth: CertificateCredential, subject: TenantSubject): Promise<Found> {
  const { notAfterMs, thumbprintHex } = await readClientCertificate(auth);
  return tellEnd(`certificate ${thumbprintHex.slice(0, 8)}…`, notAfterMs, subject);
}

function tellEnd(what: string, endMs: number, { config, context }: TenantSubject): Found {
  const nowMs = context.clock.now();
  const finding = `${what} ${endText(endMs, nowMs)}`;
  const advice = `Run \`defender-siem provision --tenant ${config.name} --rotate\`, or register a new one and put it in its place.`;
  if (endMs <= nowMs) return { result: 'failed', finding, advice, code: 'IDENTITY_REFUSED' };
  if (endMs - nowMs <= credentialWarnBeforeMs) return { result: 'warning', finding, advice };
  return { result: 'ok', finding };
}

const passwords = z.object({
  passwordCredentials: z.array(
    z.object({ hint: z.string().nullish(), endDateTime: z.iso.datetime({ offset: true }) }),
  ),
});

/** Where it is not noted beside the file, only the directory knows when a secret ends, and tells those who may read it (reference §11.4). */
async function tellSecret(
  subject: TenantSubject,
  { clientId, secret }: ClientSecretCredential,
  signal: AbortSignal,
): Promise<Found> {
  const { connection, claims } = subject;
  const unknown = (why: string): Found => ({
    result: 'unknown',
    finding: `client secret: its end is unknown, since ${why}`,
  });
  const token = claims.get('graph');
  if (token === undefined) return unknown('there is no token for graph');
  if (!mayReadApplication(token.roles)) {
    return unknown('the app may not read its own registration (Application.Read.All of Microsoft Graph)');
  }
  const url = `${connection.endpoints.origins.graph}/v1.0/applications(appId='${clientId}')?$select=passwordCredentials`;
  try {
    const { body } = await connection.client('graph').get(url, { signal });
    const value = secret.read();
    const known = passwords.parse(JSON.parse(body)).passwordCredentials;
    const [own] = known.filter(
      ({ hint }) => typeof hint === 'string' && hint !== '' && value.startsWith(hint),
    );
    const [only] = known;
    const found = own ?? (known.length === 1 ? only : undefined);
    if (found === undefined)
      return unknown(`none of the ${known.length} secrets of the registration begins as this one`);
    return tellEnd('client secret', Date.parse(found.endDateTime), subject);
  } catch (error) {
    signal.throwIfAborted();
    const elsewhere = error instanceof ConnectorError && error.status === 404;
    return unknown(elsewhere ? 'the registration is in the directory of another tenant' : messageOf(error));
  }
}
