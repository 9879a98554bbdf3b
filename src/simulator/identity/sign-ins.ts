import { Consents } from './consent.ts';
import { DeviceCodes } from './device-codes.ts';
import { globalAdministrator, type Person } from './person.ts';
import { RefreshTokens } from './refresh-tokens.ts';

/** A person, and the sign-ins that they left: good in every tenant that lets them in, as a partner's are (GDAP). */
export class PersonSignedIn {
  readonly person: Person = globalAdministrator();
  readonly refreshTokens = new RefreshTokens();
}

/** The person of one tenant, and what became of their sign-ins. */
export class SignIns {
  readonly person: Person;
  readonly consents = new Consents();
  readonly deviceCodes = new DeviceCodes();
  readonly refreshTokens: RefreshTokens;
  /** Device codes are confirmed as soon as they are shown, as for a demonstration. */
  readonly approveAtOnce: boolean;

  constructor(approveAtOnce: boolean, { person, refreshTokens } = new PersonSignedIn()) {
    this.person = person;
    this.refreshTokens = refreshTokens;
    this.approveAtOnce = approveAtOnce;
  }
}
