import { Consents } from './consent.ts';
import { DeviceCodes } from './device-codes.ts';
import { globalAdministrator, type Person } from './person.ts';
import { RefreshTokens } from './refresh-tokens.ts';

/** The person of one tenant, and what became of their sign-ins. */
export class SignIns {
  readonly person: Person = globalAdministrator();
  readonly consents = new Consents();
  readonly deviceCodes = new DeviceCodes();
  readonly refreshTokens = new RefreshTokens();
  /** Device codes are confirmed as soon as they are shown, as for a demonstration. */
  readonly approveAtOnce: boolean;

  constructor(approveAtOnce: boolean) {
    this.approveAtOnce = approveAtOnce;
  }
}
