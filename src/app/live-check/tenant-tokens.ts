import { durationText } from '../../fields/duration.ts';
import type { Credential } from '../../identity/credential.ts';
import type { TokenClaims } from '../../identity/token-claims.ts';
import type { Found } from './report.ts';
import type { TenantCheck } from './tenant-subject.ts';

/** Whether there is a token for each API that the sources use; how it was got, and as whom. */
export const checkTokens: TenantCheck = async (subject, report) => {
  const { config, apis, connection, context, claims } = subject;
  for (const api of apis) {
    const look = {
      key: `token.${api}`,
      what: `token for ${api}`,
      // A managed identity is of this host's own: it asks no authority.
      needs: config.auth.kind === 'managed-identity' ? [] : ['authority', 'directory'],
      otherwise: 'Check the `auth` block of the tenant',
    };
    await report.look(look, async (signal) => {
      const told = await connection.tokens.claims(api, signal);
      claims.set(api, told);
      return tellToken(told, config, context.clock.now());
    });
  }
};

/** Returns what a token says of itself, in words; a warning where it is of another directory than this one. */
export function tellToken(
  told: TokenClaims,
  { id, auth }: { readonly id: string; readonly auth: Credential },
  nowMs: number,
): Found {
  const { audience, objectId, tenantId, expiresAtMs } = told;
  const whose = auth.kind === 'user' ? 'the person' : 'service principal';
  const subject = objectId === undefined ? '' : `, as ${whose} ${objectId}`;
  const holds = expiresAtMs === undefined ? '' : `, for ${durationText(expiresAtMs - nowMs)}`;
  const finding = `with ${kindText(auth)}${subject}, of ${audience ?? 'an unknown audience'}${holds}`;
  if (tenantId === undefined || !/^[0-9a-f]{8}-/i.test(id) || tenantId.toLowerCase() === id.toLowerCase()) {
    return { result: 'ok', finding };
  }
  return {
    result: 'warning',
    finding: `${finding}; it is a token of the tenant ${tenantId}`,
    advice: 'Make `id` of the tenant the directory that this identity belongs to.',
  };
}

/** Returns the kind of a credential in words, and which application it is of. */
function kindText(credential: Credential): string {
  const { clientId } = credential;
  switch (credential.kind) {
    case 'client-secret':
      return `the client secret of ${clientId}`;
    case 'certificate':
      return `the certificate of ${clientId}`;
    case 'workload-identity':
      return `the federated token of ${clientId}`;
    case 'managed-identity':
      return `the ${clientId ?? credential.resourceId ?? 'system-assigned'} managed identity`;
    case 'user':
      return `the sign-in of a person to ${clientId}`;
  }
}
