import { z } from 'zod';

/** What a token says of itself: for diagnostics only, never to decide trust (reference §2.1, "Claims"). */
export interface TokenClaims {
  readonly audience: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  /** Sign-in name of the person, in a delegated token. */
  readonly account: string | undefined;
  /** Object id of the service principal, or of the person who signed in. */
  readonly objectId: string | undefined;
  /** Granted application permissions; empty when none is granted, or when the token cannot be read. */
  readonly roles: readonly string[];
  /** Granted delegated permissions. */
  readonly scopes: readonly string[];
  /** ms since 1970. */
  readonly expiresAtMs: number | undefined;
}

const shape = z.object({
  aud: z.string().optional().catch(undefined),
  tid: z.string().optional().catch(undefined),
  appid: z.string().optional().catch(undefined),
  azp: z.string().optional().catch(undefined),
  upn: z.string().optional().catch(undefined),
  unique_name: z.string().optional().catch(undefined),
  preferred_username: z.string().optional().catch(undefined),
  oid: z.string().optional().catch(undefined),
  roles: z.array(z.string()).optional().catch(undefined),
  scp: z.string().optional().catch(undefined),
  exp: z.number().optional().catch(undefined),
});

/** Returns the claims of an access token; none at all when it is no JWT, since Graph's are formally opaque. */
export function readClaims(token: string): TokenClaims {
  const claims = shape.safeParse(payloadOf(token)).data ?? {};
  return {
    audience: claims.aud,
    tenantId: claims.tid,
    clientId: claims.appid ?? claims.azp,
    account: claims.upn ?? claims.preferred_username ?? claims.unique_name,
    objectId: claims.oid,
    roles: claims.roles ?? [],
    scopes: claims.scp?.split(' ').filter((scope) => scope !== '') ?? [],
    expiresAtMs: claims.exp === undefined ? undefined : claims.exp * 1000,
  };
}

function payloadOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
