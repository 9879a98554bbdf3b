/** Something on the way to a peer that is wrong, and what to do about it. */
export interface Trouble {
  /** Which it is, for callers whose remedy is another; `certificate` and `other` are anything else. */
  readonly kind:
    | 'name-not-found'
    | 'name-unanswered'
    | 'refused'
    | 'timeout'
    | 'unreachable'
    | 'proxy'
    | 'no-tls'
    | 'client-certificate'
    | 'self-signed'
    | 'untrusted'
    | 'expired'
    | 'not-yet-valid'
    | 'wrong-name'
    | 'certificate'
    | 'files'
    | 'other';
  /** What was found, in plain words. */
  readonly finding: string;
  /** What to do, as one sentence. */
  readonly advice: string;
}

/** A step that came to nothing. */
export class TroubleError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: { cause?: unknown }) {
    super(`${trouble.finding}. ${trouble.advice}`, options);
    this.name = 'TroubleError';
    this.trouble = trouble;
  }
}
