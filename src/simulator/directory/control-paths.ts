import { z } from 'zod';
import type { ApiRequest } from '../exchange.ts';
import type { DirectoryControl } from './control.ts';

const resource = z.enum(['graph', 'defender', 'xdr', 'siem']);
const days = z.number().int().positive().optional();
const policies = z.strictObject({
  secretsAllowed: z.boolean().optional(),
  longestSecretDays: days,
  longestCertificateDays: days,
  usersMayRegister: z.boolean().optional(),
  applicationQuota: z.number().int().nonnegative().optional(),
  resourcesMayBeCreated: z.boolean().optional(),
});
const removal = z.union([
  z.strictObject({ application: z.string() }),
  z.strictObject({ servicePrincipal: z.string() }),
  z.strictObject({ resource }),
  z.strictObject({ appId: z.string(), credential: z.string() }),
  z.strictObject({ appId: z.string(), resource, permission: z.string() }),
]);
const grant = z.strictObject({ appId: z.string(), resource, permission: z.string() });
const age = z.strictObject({ appId: z.string(), ms: z.number().int(), keyId: z.string().optional() });
const enable = z.strictObject({ appId: z.string(), enabled: z.boolean() });
const settling = z.strictObject({ settleMs: z.number().int().nonnegative().optional() });

/** Returns the control paths of the directory, by method and path below `/_control/`. */
export function directoryControlPaths(
  control: DirectoryControl,
): Readonly<Record<string, (request: ApiRequest) => unknown>> {
  return {
    'GET directory': () => ({ applications: control.applications(), resources: control.resources() }),
    'POST directory/policies': ({ body }) => {
      const changed = Object.entries(policies.parse(JSON.parse(body)));
      Object.assign(control.policies, Object.fromEntries(changed.filter(([, value]) => value !== undefined)));
    },
    'POST directory/remove': ({ body }) => remove(control, removal.parse(JSON.parse(body))),
    'POST directory/grant': ({ body }) => {
      const { appId, resource, permission } = grant.parse(JSON.parse(body));
      control.grant(appId, resource, permission);
    },
    'POST directory/age': ({ body }) => {
      const { appId, ms, keyId } = age.parse(JSON.parse(body));
      control.ageCredentials(appId, ms, keyId);
    },
    'POST directory/enable': ({ body }) => {
      const { appId, enabled } = enable.parse(JSON.parse(body));
      control.enable(appId, enabled);
    },
    'POST directory/settle': ({ body }) => {
      const { settleMs } = settling.parse(body === '' ? {} : JSON.parse(body));
      if (settleMs !== undefined) control.settleMs = settleMs;
      control.settle();
    },
  };
}

function remove(control: DirectoryControl, what: z.infer<typeof removal>): void {
  if ('application' in what) control.deleteApplication(what.application);
  else if ('servicePrincipal' in what) control.deleteServicePrincipal(what.servicePrincipal);
  else if ('credential' in what) control.removeCredential(what.appId, what.credential);
  else if ('permission' in what) control.revoke(what.appId, what.resource, what.permission);
  else control.withoutResource(what.resource);
}
