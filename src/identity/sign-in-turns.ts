import PQueue from 'p-queue';
import type { Clock } from '../runtime/clock.ts';
import type { UserCredential } from './credential.ts';
import { type HeldSignIn, holdSignIn } from './sign-in-file.ts';

/** Whose token request takes longer, ms, holds up the others no more: a customer's tenant may hang. */
const patienceMs = 2000;

/** A turn with a sign-in: nobody else redeems it meanwhile, unless the turn takes long. */
export interface SignInTurn extends Disposable {
  /** Resolves with what `act` makes of the file, which nobody else touches meanwhile. Rejects as it and `holdSignIn` do. */
  withFile<Result>(act: (file: HeldSignIn) => Promise<Result>): Promise<Result>;
}

/** The turns of one tenant with a sign-in that it may share with others. */
export interface SignInTurns {
  /** Resolves when it is this tenant's turn; when its last one took long, at once. Rejects as `holdSignIn` does. */
  take(signal: AbortSignal): Promise<SignInTurn>;
}

/** The tenants of a group have one credential, and stand in one line. */
const lines = new WeakMap<UserCredential, PQueue>();

/**
 * Returns the turns of a tenant: each request may spend the refresh token that the one before it left, so that one
 * follows the other, in all processes. A turn that takes long is over for the others, and so are the next ones of the
 * same tenant from their beginning, until one is quick again.
 */
export function createSignInTurns(credential: UserCredential, clock: Clock): SignInTurns {
  const line = lines.get(credential) ?? new PQueue({ concurrency: 1 });
  lines.set(credential, line);
  let slow = false;

  /** Resolves with the file, first come, first served among the tenants of this process. */
  function held(signal: AbortSignal): Promise<HeldSignIn> {
    return new Promise((resolve, reject) => {
      const inLine = async () => {
        const file = await holdSignIn(credential, { clock, signal });
        await new Promise<void>((leave) => {
          const letGo = () => {
            file[Symbol.dispose]();
            leave();
          };
          resolve({ ...file, [Symbol.dispose]: letGo });
        });
      };
      line.add(inLine).catch(reject);
    });
  }

  return {
    async take(signal) {
      let file = slow ? undefined : await held(signal);
      const letGo = () => {
        file?.[Symbol.dispose]();
        file = undefined;
      };
      if (slow) letGo();
      let overdue = false;
      const ended = new AbortController();
      void clock.sleep(patienceMs, ended.signal).then(() => {
        if (ended.signal.aborted) return;
        slow = true;
        overdue = true;
        letGo();
      });
      const end = () => {
        ended.abort();
        slow = overdue;
      };
      return {
        async withFile(act) {
          end();
          if (file !== undefined) return await act(file);
          using late = await held(signal);
          return await act(late);
        },
        [Symbol.dispose]() {
          end();
          letGo();
        },
      };
    },
  };
}
