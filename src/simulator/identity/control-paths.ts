import { z } from 'zod';
import type { ApiRequest } from '../exchange.ts';
import type { IdentityControl } from './control.ts';
import { type EntraRole, entraRoles } from './roles.ts';

const cloud = z.enum(['commercial', 'gcc', 'gcc-high', 'dod']);
const seconds = z.number().int().nonnegative();
const bodies = {
  deviceCode: z.strictObject({ userCode: z.string().optional(), approve: z.boolean() }),
  person: z
    .strictObject({
      userPrincipalName: z.string(),
      displayName: z.string(),
      roles: z.array(z.enum(Object.keys(entraRoles) as [EntraRole, ...EntraRole[]])),
      consents: z.boolean(),
      refusal: z
        .number()
        .int()
        .nullable()
        .transform((code) => code ?? undefined),
    })
    .partial(),
  cloud: z.strictObject({ home: cloud, authority: cloud }).partial(),
  refreshTokens: z
    .strictObject({ lifetimeSeconds: seconds, idleSeconds: seconds, singleUse: z.boolean() })
    .partial(),
  issued: z.strictObject({ audience: z.string().optional(), scopes: z.array(z.string()).optional() }),
  ended: z.strictObject({ code: z.number().int().optional() }),
  federated: z.strictObject({
    issuer: z.string(),
    subject: z.string(),
    audience: z.string().exactOptional(),
    lifetimeSeconds: seconds.exactOptional(),
  }),
  identity: z.strictObject({
    clientId: z.string(),
    objectId: z.string(),
    resourceId: z.string(),
    systemAssigned: z.boolean(),
    roles: z.strictObject({
      graph: z.array(z.string()),
      defender: z.array(z.string()),
      xdr: z.array(z.string()),
      siem: z.array(z.string()),
      monitor: z.array(z.string()).default([]),
    }),
  }),
};

/** Returns the control paths of sign-ins, tokens and identities, by method and path below `/_control/`. */
export function identityControlPaths(
  control: IdentityControl,
): Readonly<Record<string, (request: ApiRequest) => unknown>> {
  return {
    'GET device-codes': () =>
      control.deviceCodes().map(({ userCode, clientId, wanted, state }) => {
        const { audience, names } = wanted;
        return { userCode, clientId, audience, scopes: names, state };
      }),
    'POST device-codes': ({ body }) => {
      const { approve, userCode } = bodies.deviceCode.parse(JSON.parse(body));
      const { state } = approve ? control.approveDeviceCode(userCode) : control.declineDeviceCode(userCode);
      return { state };
    },
    'POST person': ({ body }) => {
      Object.assign(control.person, bodies.person.parse(JSON.parse(body)));
    },
    'POST cloud': ({ body }) => {
      Object.assign(control.cloud, bodies.cloud.parse(JSON.parse(body)));
    },
    'POST refresh-tokens/policy': ({ body }) => {
      Object.assign(control.refreshTokens, bodies.refreshTokens.parse(JSON.parse(body)));
    },
    'POST refresh-tokens': ({ body }) => {
      const { audience, scopes } = bodies.issued.parse(body === '' ? {} : JSON.parse(body));
      return { refreshToken: control.issueRefreshToken(audience, scopes) };
    },
    'POST refresh-tokens/end': ({ body }) =>
      control.endRefreshTokens(bodies.ended.parse(body === '' ? {} : JSON.parse(body)).code),
    'POST federated-token': ({ body }) => ({
      token: control.federatedToken(bodies.federated.parse(JSON.parse(body))),
    }),
    'GET managed-identities': () => control.managedIdentities,
    'POST managed-identities': ({ body }) => {
      const identities = z.array(bodies.identity).parse(JSON.parse(body));
      control.managedIdentities.splice(0, control.managedIdentities.length, ...identities);
    },
  };
}
