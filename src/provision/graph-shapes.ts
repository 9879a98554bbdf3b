import { z } from 'zod';
import { ConnectorError } from '../errors.ts';
import type {
  Application,
  AppRoleAssignment,
  DelegatedGrant,
  FederatedCredential,
  KeyCredential,
  OfferedPermission,
  PasswordCredential,
  ServicePrincipal,
} from './directory.ts';

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const time = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const keyCredential = z.record(z.string(), z.unknown()).transform((raw, context): KeyCredential => {
  const { keyId } = raw;
  if (typeof keyId !== 'string') context.addIssue({ code: 'custom', message: 'has no keyId' });
  const own = (name: string) => (typeof raw[name] === 'string' ? raw[name] : undefined);
  return {
    keyId: String(keyId),
    displayName: own('displayName'),
    startDateTime: own('startDateTime') ?? '',
    endDateTime: own('endDateTime') ?? '',
    customKeyIdentifier: own('customKeyIdentifier'),
    raw,
  };
});

const passwordCredential = z.object({
  keyId: z.string(),
  displayName: optionalText,
  startDateTime: time,
  endDateTime: time,
  hint: optionalText,
}) satisfies z.ZodType<PasswordCredential>;

const requiredResourceAccess = z.object({
  resourceAppId: z.string(),
  resourceAccess: z.array(z.object({ id: z.string(), type: z.enum(['Role', 'Scope']) })).catch([]),
});

const application = z.object({
  id: z.string(),
  appId: z.string(),
  displayName: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  tags: z.array(z.string()).catch([]),
  signInAudience: z
    .string()
    .nullish()
    .transform((value) => value ?? 'AzureADMyOrg'),
  isFallbackPublicClient: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  requiredResourceAccess: z.array(requiredResourceAccess).catch([]),
  keyCredentials: z
    .array(keyCredential)
    .nullish()
    .transform((value) => value ?? []),
  passwordCredentials: z
    .array(passwordCredential)
    .nullish()
    .transform((value) => value ?? []),
}) satisfies z.ZodType<Application>;

const offered = z
  .array(z.object({ id: z.string(), value: z.string().nullish() }))
  .nullish()
  .transform((all): readonly OfferedPermission[] =>
    (all ?? []).flatMap(({ id, value }) =>
      typeof value === 'string' && value !== '' ? [{ id, value }] : [],
    ),
  );

const servicePrincipal = z
  .object({
    id: z.string(),
    appId: z.string(),
    displayName: z.string().nullish(),
    accountEnabled: z.boolean().nullish(),
    appRoles: offered,
    oauth2PermissionScopes: offered,
  })
  .transform(
    ({ id, appId, displayName, accountEnabled, appRoles, oauth2PermissionScopes }): ServicePrincipal => ({
      id,
      appId,
      displayName: displayName ?? '',
      accountEnabled: accountEnabled ?? true,
      appRoles,
      delegatedScopes: oauth2PermissionScopes,
    }),
  );

const assignment = z.object({
  id: z.string(),
  appRoleId: z.string(),
  principalId: z.string(),
  resourceId: z.string(),
}) satisfies z.ZodType<AppRoleAssignment>;

const grant = z.object({
  id: z.string(),
  clientId: z.string(),
  resourceId: z.string(),
  consentType: z.string().catch('AllPrincipals'),
  scope: z
    .string()
    .nullish()
    .transform((value) => (value ?? '').trim()),
});

const federatedCredential = z.object({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  subject: z.string(),
  audiences: z.array(z.string()).catch([]),
}) satisfies z.ZodType<FederatedCredential>;

const addedPassword = z.object({ keyId: z.string(), secretText: z.string().min(1), endDateTime: time });
const organisation = z.object({
  id: z.string(),
  displayName: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
});
const reference = z.object({ id: z.string() });
const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/** The answers of Graph's directory: each function returns the object, or throws API_FAILED naming what is missing. */
export const answers = {
  application: reader('an application', application),
  servicePrincipal: reader('a service principal', servicePrincipal),
  assignment: reader('an app role assignment', assignment),
  grant: reader<DelegatedGrant & { readonly consentType: string }>('a delegated grant', grant),
  federatedCredential: reader('a federated credential', federatedCredential),
  addedPassword: reader('a client secret', addedPassword),
  organisation: reader('an organisation', organisation),
  reference: reader('an object', reference),
  page: reader('a list', page),
} as const;

function reader<T>(what: string, schema: z.ZodType<T>): (body: unknown) => T {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.join('.');
    throw new ConnectorError(
      'API_FAILED',
      `Graph's answer is not ${what} as documented (${where}): a gateway in between may have changed it; run the command again, else report it as a bug`,
    );
  };
}
