import { z } from 'zod';
import { readableFile } from '../fields/path.ts';
import { evenWhenInvalid, present } from '../fields/rule.ts';
import { secret } from '../fields/secret.ts';
import { httpsOrigin, proxyUrl } from '../fields/url.ts';
import { cloudNames, regionsOf } from '../identity/clouds.ts';
import type { Credential } from '../identity/credential.ts';
import { name } from './name.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const domain = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

const applicationId = z.string().regex(guid, {
  error: 'must be a GUID, such as 11111111-1111-1111-1111-111111111111',
});

const certificate = z.strictObject({
  path: readableFile.describe('PEM file of the certificate that the app registration knows.'),
  keyPath: readableFile
    .optional()
    .describe(
      'PEM file of its private key, not encrypted; without it, the key stands in the file of `path` too.',
    ),
});

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

/** The kinds of credential; a tenant has exactly one. */
const credentials = ['clientSecret', 'certificate', 'managedIdentity', 'workloadIdentity'] as const;
const credentialList = credentials.join(', ');

const auth = z
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
  })
  .superRefine((value, context) => {
    const [kind, ...others] = present(value, credentials);
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
  }, evenWhenInvalid)
  .transform((value): Credential => {
    const { clientId = '', clientSecret, certificate, managedIdentity, workloadIdentity } = value;
    if (clientSecret !== undefined) return { kind: 'client-secret', clientId, secret: clientSecret };
    if (certificate !== undefined) return { kind: 'certificate', clientId, ...certificate };
    if (workloadIdentity !== undefined) return { kind: 'workload-identity', clientId, ...workloadIdentity };
    return { kind: 'managed-identity', ...managedIdentity };
  });

const endpoints = z.strictObject({
  authority: httpsOrigin.optional().describe('Sign-in, in place of `https://login.microsoftonline.com`.'),
  graph: httpsOrigin.optional().describe('Microsoft Graph, in place of `https://graph.microsoft.com`.'),
  defender: httpsOrigin
    .optional()
    .describe('Defender for Endpoint API, in place of `https://api.security.microsoft.com`.'),
  xdr: httpsOrigin.optional().describe('Defender XDR API, in place of `https://api.security.microsoft.com`.'),
  siem: httpsOrigin.optional().describe('SIEM API, in place of `https://wdatp-alertexporter-….windows.com`.'),
});

/** One Entra ID directory, with its cloud and its identity. */
export const tenant = z
  .strictObject({
    name,
    id: z
      .string()
      .refine((text) => guid.test(text) || domain.test(text), {
        error: 'must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com',
      })
      .describe('Directory (tenant) id, a GUID, or one of its domains.'),
    cloud: z.enum(cloudNames).default('commercial').describe('The Microsoft cloud of the tenant.'),
    region: z
      .enum(regionsOf('commercial'))
      .optional()
      .describe('Nearer hosts of the Defender APIs, in the commercial cloud only; same data, same token.'),
    auth: auth.describe('The identity: exactly one kind of credential.'),
    endpoints: endpoints.prefault({}).describe('Other hosts than those of the cloud.'),
    tls: z
      .strictObject({
        ca: readableFile.optional().describe('PEM file of a private root, trusted beside the public ones.'),
      })
      .optional()
      .describe("TLS towards Microsoft's hosts."),
    proxy: proxyUrl.optional().describe('Proxy on the way to the hosts of Microsoft.'),
  })
  .superRefine((value, context) => {
    if (value.region === undefined || value.cloud === undefined || value.cloud === 'commercial') return;
    const message = `is for the commercial cloud only, and the cloud is ${value.cloud}`;
    context.addIssue({ code: 'custom', path: ['region'], message });
  }, evenWhenInvalid);

/** A tenant, as the program sees it. */
export type TenantConfig = z.output<typeof tenant>;
