import { readResource } from './delegated-scopes.ts';
import type { DeviceSignIn } from './device-codes.ts';
import type { ManagedIdentity } from './managed-identity.ts';
import type { FederatedTokenRequest, OidcIssuers } from './oidc-issuers.ts';
import type { Person } from './person.ts';
import type { RefreshTokenPolicy } from './refresh-tokens.ts';
import type { Registration } from './registration.ts';
import type { SignIns } from './sign-ins.ts';
import type { TenantCloud } from './tenant-cloud.ts';

/** What of a tenant's identities can be steered. */
export interface SteeredIdentity {
  readonly signIns: SignIns;
  readonly issuers: OidcIssuers;
  readonly cloud: TenantCloud;
  readonly managedIdentities: ManagedIdentity[];
  readonly registration: Registration;
  /** The clock's time, ms since 1970. */
  clockMs(): number;
}

/** Steers who signs in to one tenant, and how. */
export class IdentityControl {
  readonly #identity: SteeredIdentity;

  constructor(identity: SteeredIdentity) {
    this.#identity = identity;
  }

  /** The person who signs in with device codes; assign to change. */
  get person(): Person {
    return this.#identity.signIns.person;
  }

  /** Where the tenant lives, and whose authority the simulator plays; assign to change. */
  get cloud(): TenantCloud {
    return this.#identity.cloud;
  }

  /** How long refresh tokens live; assign to change. */
  get refreshTokens(): RefreshTokenPolicy {
    return this.#identity.signIns.refreshTokens.policy;
  }

  /** The managed identities of the machine; assign roles, add and remove. */
  get managedIdentities(): ManagedIdentity[] {
    return this.#identity.managedIdentities;
  }

  /** Returns every sign-in that was begun with a device code, oldest first. */
  deviceCodes(): readonly DeviceSignIn[] {
    return this.#identity.signIns.deviceCodes.all();
  }

  /** The person enters the code, by default the last one shown. Throws RangeError when no such code is waiting. */
  approveDeviceCode(userCode?: string): DeviceSignIn {
    return this.#identity.signIns.deviceCodes.settle('approved', userCode);
  }

  /** The person enters the code and declines. Throws RangeError when no such code is waiting. */
  declineDeviceCode(userCode?: string): DeviceSignIn {
    return this.#identity.signIns.deviceCodes.settle('declined', userCode);
  }

  /**
   * Returns a refresh token of the ready-made application, such as *Generate tokens* of the portal gives for the SIEM API
   * (API reference §3.1), with consent to what `audience`, by default that API's, is asked for with `scopes`.
   */
  issueRefreshToken(
    audience = 'https://graph.windows.net',
    scopes: readonly string[] = ['user_impersonation'],
  ): string {
    const { signIns, registration } = this.#identity;
    const wanted = readResource(audience);
    if ('code' in wanted) throw new RangeError(`no resource is ${audience}`);
    signIns.consents.give(registration, signIns.person, wanted.resource, scopes);
    const clientId = registration.clientId.toLowerCase();
    return signIns.refreshTokens.issue({ clientId, wanted }, this.#identity.clockMs());
  }

  /** Ends every refresh token issued so far: 50173 for revoked, the default, 70008 or 700082 for expired, or any code. */
  endRefreshTokens(code = 50173): void {
    this.#identity.signIns.refreshTokens.end(code);
  }

  /** Returns an external token, signed by its issuer, for a federated credential. */
  federatedToken(request: FederatedTokenRequest): string {
    return this.#identity.issuers.token(request, this.#identity.clockMs());
  }
}
