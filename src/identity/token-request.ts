import type { HttpClient } from '../http/client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Endpoints } from './clouds.ts';
import type { ManagedIdentityCredential } from './credential.ts';
import type { Proof } from './proof.ts';

/** A token as issued. */
export interface IssuedToken {
  readonly token: string;
  /** How long it holds from the moment it was asked for, ms. */
  readonly lifetimeMs: number;
}

/** All that a request for a token needs, beside what proves who asks. */
export interface TokenRequest {
  /** The tenant's name in the configuration, for messages. */
  readonly tenant: string;
  /** GUID of the directory, or a verified domain. */
  readonly tenantId: string;
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
  readonly clock: Clock;
}

/** A request in which an application proves itself. */
export interface ApplicationTokenRequest extends TokenRequest {
  readonly clientId: string;
  readonly proof: Proof;
}

/** A request to the platform, which knows the identity of the host. */
export interface ManagedTokenRequest extends TokenRequest {
  readonly identity: ManagedIdentityCredential;
}

/** Returns whether a text can stand in an Authorization header: a bearer token (RFC 6750 §2.1), whatever is in it. */
export function isBearerToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.~+/-]+=*$/.test(value);
}
