import { z } from 'zod';
import { readableFile } from '../fields/path.ts';
import { evenWhenInvalid } from '../fields/rule.ts';
import { httpsOrigin, proxyUrl } from '../fields/url.ts';
import { auth } from './auth.ts';
import { customer, customerOptions } from './customer.ts';
import { name } from './name.ts';

const endpoints = z.strictObject({
  authority: httpsOrigin.optional().describe('Sign-in, in place of `https://login.microsoftonline.com`.'),
  graph: httpsOrigin.optional().describe('Microsoft Graph, in place of `https://graph.microsoft.com`.'),
  defender: httpsOrigin
    .optional()
    .describe('Defender for Endpoint API, in place of `https://api.security.microsoft.com`.'),
  xdr: httpsOrigin.optional().describe('Defender XDR API, in place of `https://api.security.microsoft.com`.'),
  siem: httpsOrigin.optional().describe('SIEM API, in place of `https://wdatp-alertexporter-….windows.com`.'),
});

/** One Entra ID directory, or a group of them, with its cloud and its identity. */
export const tenant = z
  .strictObject({
    name,
    id: customerOptions.id
      .optional()
      .describe('Directory (tenant) id, a GUID, or one of its domains. Every entry has it, or `customers`.'),
    customers: z
      .union([readableFile, z.array(customer).min(1)])
      .optional()
      .describe(
        'In place of `id`: makes a group of this entry, whose customers are tenants with all else in common. A CSV file (`name,id` and, where they differ, `cloud,region`, with these names in its first line), a YAML file with a list, or the list itself.',
      ),
    cloud: customerOptions.cloud.default('commercial').describe('The Microsoft cloud of the tenant.'),
    region: customerOptions.region
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
    if (value.id === undefined && value.customers === undefined) {
      const message = "is missing: give the directory's id, or `customers` for a group of tenants";
      context.addIssue({ code: 'custom', path: ['id'], message });
    }
    if (value.id !== undefined && value.customers !== undefined) {
      const message = 'stands beside `id`: an entry is one tenant, or a group of them';
      context.addIssue({ code: 'custom', path: ['customers'], message });
    }
    if (value.customers !== undefined && value.auth?.rotate !== undefined) {
      const message =
        'goes with the tenant that the application is registered in; what is renewed there serves this group too';
      context.addIssue({ code: 'custom', path: ['auth', 'rotate'], message });
    }
    if (value.region === undefined || value.cloud === undefined || value.cloud === 'commercial') return;
    const message = `is for the commercial cloud only, and the cloud is ${value.cloud}`;
    context.addIssue({ code: 'custom', path: ['region'], message });
  }, evenWhenInvalid);

/** An entry of `tenants`: a tenant, or a group of them. */
export type TenantEntry = z.output<typeof tenant>;

/** A tenant, as the program sees it. */
export interface TenantConfig extends Omit<TenantEntry, 'id' | 'customers'> {
  readonly id: string;
  /** The name of the group that it is a customer of; undefined for a tenant of its own entry. */
  readonly group?: string | undefined;
}
