import { z } from 'zod';
import { readableFile } from '../fields/path.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import { httpsOrigin, proxyUrl } from '../fields/url.ts';
import { cloudNames, regionsOf } from '../identity/clouds.ts';
import { auth } from './auth.ts';
import { name } from './name.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const domain = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

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
