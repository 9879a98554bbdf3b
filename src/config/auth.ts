import { z } from 'zod';
import { duration } from '../fields/duration.ts';
import { filePath, readableFile } from '../fields/path.ts';
import { evenWhenInvalid, present } from '../fields/rule.ts';
import { Secret, secret } from '../fields/secret.ts';
import type { TenantAuth } from '../identity/credential.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const applicationId = z.string().regex(guid, {
  error: 'must be a GUID, such as 11111111-1111-1111-1111-111111111111',
});

const certificate = z
  .strictObject({
    path: readableFile
      .optional()
      .describe('PEM file of the certificate that the app registration knows; this, or `pfx`.'),
    keyPath: readableFile
      .optional()
      .describe(
        'PEM file of its private key, not encrypted; without it, the key stands in the file of `path` too.',
      ),
    pfx: readableFile
      .optional()
      .describe('PKCS#12 file (.pfx, .p12) of the certificate and its key, in place of `path`.'),
    password: secret.optional().describe('Password of the PKCS#12 file, where it has one.'),
  })
  .superRefine((value, context) => {
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (value.path === undefined && value.pfx === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'names no file: give `path` (PEM), or `pfx` (PKCS#12)',
      });
    }
    if (value.path !== undefined && value.pfx !== undefined)
      complain('pfx', 'stands beside `path`: keep one');
    if (value.keyPath !== undefined && value.path === undefined) {
      complain('keyPath', 'goes with `path`: a PKCS#12 file holds its key itself');
    }
    if (value.password !== undefined && value.pfx === undefined) {
      complain('password', 'goes with `pfx`: a PEM key must not be encrypted');
    }
  }, evenWhenInvalid);

const managedIdentity = z
  .strictObject({
    clientId: applicationId.optional().describe('A user-assigned identity, by its client id.'),
    resourceId: z
      .string()
      .startsWith('/subscriptions/', { error: 'must be an Azure resource id: /subscriptions/…' })
      .optional()
      .describe('A user-assigned identity, by its Azure resource id.'),
  })
  .superRefine((value, context) => {
    if (value.clientId === undefined || value.resourceId === undefined) return;
    context.addIssue({ code: 'custom', path: ['resourceId'], message: 'stands beside `clientId`: keep one' });
  }, evenWhenInvalid);

const workloadIdentity = z.strictObject({
  tokenFile: readableFile
    .prefault('/var/run/secrets/azure/tokens/azure-identity-token')
    .describe('File of the federated token; read again for each sign-in.'),
});

/** Fewer characters are found by trying. */
const leastKeyLength = 16;

const user = z.strictObject({
  cache: filePath.describe(
    'File of the refresh token, encrypted; `defender-siem login` writes it, and each new token goes there.',
  ),
  key: secret
    .refine((value) => value.read().length >= leastKeyLength, {
      error: `is shorter than ${leastKeyLength} characters: make one with \`openssl rand -base64 32\``,
    })
    .describe(`What the file is encrypted with (AES-256-GCM), of ${leastKeyLength} characters and more.`),
});

const rotate = z.strictObject({
  before: duration
    .prefault('30d')
    .describe('How long before its end the credential is renewed; a day and more.')
    .refine((ms) => ms >= 86_400_000, {
      error: 'must be at least 1d: rotation needs time to be tried again',
    }),
});

/** The kinds of credential; a tenant has exactly one. */
export const credentialKeys = [
  'clientSecret',
  'certificate',
  'managedIdentity',
  'workloadIdentity',
  'user',
] as const;
const credentialList = credentialKeys.join(', ');

/** The identity of a tenant: exactly one kind of credential, and whether it renews itself. */
export const auth = z
  .strictObject({
    clientId: applicationId
      .optional()
      .describe('Application (client) id of the app registration; needed by all but `managedIdentity`.'),
    clientSecret: secret.optional().describe('Client secret of the app registration.'),
    certificate: certificate.optional().describe('A certificate in place of a secret.'),
    managedIdentity: managedIdentity
      .optional()
      .describe('The identity of the Azure host; `{}` for the system-assigned one.'),
    workloadIdentity: workloadIdentity.optional().describe("A Kubernetes service account's federated token."),
    user: user
      .optional()
      .describe(
        'A person who signed in with `defender-siem login`, in place of the application itself; reads what that person may.',
      ),
    rotate: rotate
      .optional()
      .describe(
        'Renews the credential by itself ahead of its end, where the application owns itself; `{}` for 30 days ahead. Only for a certificate in PEM, or a client secret given as `${file:PATH}`, which is then written anew.',
      ),
  })
  .superRefine((value, context) => {
    const [kind, ...others] = present(value, credentialKeys);
    if (kind === undefined) {
      context.addIssue({ code: 'custom', message: `has no credential: give one of ${credentialList}` });
    }
    for (const other of others) {
      const message = `stands beside \`${kind}\`: a tenant has exactly one credential`;
      context.addIssue({ code: 'custom', path: [other], message });
    }
    if (kind === 'managedIdentity' && value.clientId !== undefined) {
      const message = 'goes under `managedIdentity` there, and only for a user-assigned identity';
      context.addIssue({ code: 'custom', path: ['clientId'], message });
    }
    if (kind !== 'managedIdentity' && kind !== undefined && value.clientId === undefined) {
      context.addIssue({ code: 'custom', path: ['clientId'], message: `is missing: ${kind} needs it` });
    }
    const fixed = value.rotate === undefined ? undefined : whyFixed(kind, value);
    if (fixed !== undefined) context.addIssue({ code: 'custom', path: ['rotate'], message: fixed });
  }, evenWhenInvalid)
  .transform(({ rotate, ...value }): TenantAuth => {
    const credential = credentialOf(value);
    return rotate === undefined ? credential : { ...credential, rotate };
  });

/** What the transform is given: the keys of the file, valid. */
interface AuthKeys {
  readonly clientId?: string | undefined;
  readonly clientSecret?: Secret | undefined;
  readonly certificate?: z.output<typeof certificate> | undefined;
  readonly managedIdentity?: z.output<typeof managedIdentity> | undefined;
  readonly workloadIdentity?: z.output<typeof workloadIdentity> | undefined;
  readonly user?: z.output<typeof user> | undefined;
}

function credentialOf(keys: AuthKeys): TenantAuth {
  const { clientId = '', clientSecret, certificate, managedIdentity, workloadIdentity, user } = keys;
  if (clientSecret !== undefined) return { kind: 'client-secret', clientId, secret: clientSecret };
  if (certificate?.pfx !== undefined) {
    const { pfx, password } = certificate;
    return { kind: 'certificate', clientId, pfx, ...(password === undefined ? {} : { password }) };
  }
  if (certificate?.path !== undefined) {
    const { path, keyPath } = certificate;
    return { kind: 'certificate', clientId, path, ...(keyPath === undefined ? {} : { keyPath }) };
  }
  if (workloadIdentity !== undefined) return { kind: 'workload-identity', clientId, ...workloadIdentity };
  if (user !== undefined) return { kind: 'user', clientId, ...user };
  return { kind: 'managed-identity', ...managedIdentity };
}

/** Returns why a credential cannot be renewed by itself; undefined when it can. Under any key stands any value. */
function whyFixed(
  kind: (typeof credentialKeys)[number] | undefined,
  { clientSecret, certificate }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (kind === 'clientSecret') {
    if (!(clientSecret instanceof Secret) || clientSecret.file !== undefined) return undefined;
    return 'needs the secret in a file of its own, which is written anew: `clientSecret: ${file:PATH}`';
  }
  if (kind === 'certificate') {
    const inPfx = typeof certificate === 'object' && certificate !== null && 'pfx' in certificate;
    return inPfx ? 'writes PEM: give the certificate under `path`, in place of `pfx`' : undefined;
  }
  return kind === undefined ? undefined : `has nothing to renew: ${kind} does not end by itself`;
}
