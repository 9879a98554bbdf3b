import { randomBytes } from 'node:crypto';
import type { WantedScopes } from './delegated-scopes.ts';

/** How long refresh tokens live; assign to change. */
export interface RefreshTokenPolicy {
  /** Seconds from the issue, and without use: 90 days both (API reference §3.1). */
  lifetimeSeconds: number;
  idleSeconds: number;
  /** A token is good once. Entra's own stay good until they end; a client must keep the newest all the same. */
  singleUse: boolean;
}

/** What a refresh token stands for. */
export interface RefreshGrant {
  readonly clientId: string;
  readonly wanted: WantedScopes;
}

interface Held extends RefreshGrant {
  /** Milliseconds since 1970. */
  readonly issuedMs: number;
  usedMs: number;
  spent: boolean;
  /** The AADSTS code with which it is refused from now on. */
  refusal: number | undefined;
}

const days90 = 90 * 86_400;

/** The refresh tokens of one tenant's person (API reference §2.1, §3.2). */
export class RefreshTokens {
  readonly policy: RefreshTokenPolicy = {
    lifetimeSeconds: days90,
    idleSeconds: days90,
    singleUse: false,
  };
  readonly #held = new Map<string, Held>();

  /** Returns a new token. */
  issue(grant: RefreshGrant, nowMs: number): string {
    const token = `1.${randomBytes(128).toString('base64url')}`;
    this.#held.set(token, { ...grant, issuedMs: nowMs, usedMs: nowMs, spent: false, refusal: undefined });
    return token;
  }

  /**
   * Returns what a token stands for, or the AADSTS code with which it is refused: 70000 for one that is unknown, of
   * another application or spent, 70008 past its life, 700082 after too long without use, or why all were ended.
   */
  redeem(token: string, clientId: string, nowMs: number): RefreshGrant | number {
    const held = this.#held.get(token);
    if (held === undefined || held.clientId !== clientId.toLowerCase() || held.spent) return 70000;
    if (held.refusal !== undefined) return held.refusal;
    if (nowMs - held.issuedMs >= this.policy.lifetimeSeconds * 1000) return 70008;
    if (nowMs - held.usedMs >= this.policy.idleSeconds * 1000) return 700082;
    held.usedMs = nowMs;
    held.spent = this.policy.singleUse;
    return held;
  }

  /** Ends every token that was issued so far: 50173 for revoked ones, 70008 or 700082 for expired ones, or any code. */
  end(refusal: number): void {
    for (const held of this.#held.values()) held.refusal = refusal;
  }
}
