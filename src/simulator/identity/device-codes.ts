import { randomBytes } from 'node:crypto';
import type { WantedScopes } from './delegated-scopes.ts';

/** A sign-in that was begun with a device code. */
export interface DeviceSignIn {
  readonly userCode: string;
  readonly deviceCode: string;
  readonly clientId: string;
  readonly wanted: WantedScopes;
  /** Milliseconds since 1970. */
  readonly endsAtMs: number;
  state: 'pending' | 'approved' | 'declined' | 'redeemed';
}

/** What a poll learns: the sign-in is approved, or the OAuth error and the AADSTS code that say why not. */
export type Poll =
  | { readonly signIn: DeviceSignIn }
  | { readonly error: string; readonly code: number | undefined };

/** Seconds, as the answers to a begun sign-in say (API reference §11.3). */
export const deviceCodeLifetimeSeconds = 900;
export const pollIntervalSeconds = 5;

/** How much earlier than its interval a client may poll: clocks and networks are not exact, ms. */
const earlyMs = 500;
const letters = 'BCDFGHJKLMNPQRSTVWXZ23456789';

/** The sign-ins with a device code of one tenant (RFC 8628; API reference §11.3). */
export class DeviceCodes {
  readonly #begun: { readonly signIn: DeviceSignIn; intervalMs: number; polledMs: number }[] = [];

  /** Begins a sign-in. */
  begin(clientId: string, wanted: WantedScopes, nowMs: number): DeviceSignIn {
    const signIn: DeviceSignIn = {
      userCode: [...randomBytes(9)].map((byte) => letters[byte % letters.length]).join(''),
      deviceCode: randomBytes(96).toString('base64url'),
      clientId,
      wanted,
      endsAtMs: nowMs + deviceCodeLifetimeSeconds * 1000,
      state: 'pending',
    };
    this.#begun.push({ signIn, intervalMs: pollIntervalSeconds * 1000, polledMs: Number.NEGATIVE_INFINITY });
    return signIn;
  }

  /** Returns every sign-in that was begun, oldest first. */
  all(): readonly DeviceSignIn[] {
    return this.#begun.map(({ signIn }) => signIn);
  }

  /**
   * The person enters the code, by default the last one shown, and agrees or declines. Throws RangeError when no such
   * sign-in is waiting.
   */
  settle(state: 'approved' | 'declined', userCode?: string): DeviceSignIn {
    const waiting = this.all().filter(
      (signIn) => signIn.state === 'pending' && (userCode === undefined || signIn.userCode === userCode),
    );
    const signIn = waiting.at(-1);
    if (signIn === undefined) {
      throw new RangeError(
        userCode === undefined ? 'no device code is waiting' : `no device code ${userCode} is waiting`,
      );
    }
    signIn.state = state;
    return signIn;
  }

  /** Answers a poll: too early ones are told to slow down, and wait 5 s longer from then on (RFC 8628 §3.5). */
  poll(deviceCode: string, clientId: string, nowMs: number): Poll {
    const begun = this.#begun.find(({ signIn }) => signIn.deviceCode === deviceCode);
    if (begun === undefined) return { error: 'bad_verification_code', code: 70018 };
    const { signIn } = begun;
    if (signIn.clientId !== clientId.toLowerCase() || signIn.state === 'redeemed') {
      return { error: 'invalid_grant', code: 7000014 };
    }
    if (signIn.endsAtMs <= nowMs) return { error: 'expired_token', code: 70020 };
    if (signIn.state === 'declined') return { error: 'authorization_declined', code: 65004 };
    if (signIn.state === 'approved') return { signIn };
    const early = nowMs - begun.polledMs < begun.intervalMs - earlyMs;
    begun.polledMs = nowMs;
    if (!early) return { error: 'authorization_pending', code: 70016 };
    begun.intervalMs += 5000;
    return { error: 'slow_down', code: undefined };
  }
}
