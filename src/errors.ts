/** Every failure by code, with the exit code of a command that ends in it (design §4). */
export const failures = {
  CONFIG_INVALID: { exitCode: 2 },
  ARGUMENTS_INVALID: { exitCode: 2 },
  IDENTITY_REFUSED: { exitCode: 4 },
  IDENTITY_UNAVAILABLE: { exitCode: 5 },
  PERMISSION_MISSING: { exitCode: 4 },
  API_UNREACHABLE: { exitCode: 5 },
  API_FAILED: { exitCode: 5 },
  API_RETIRED: { exitCode: 5 },
  SINK_UNREACHABLE: { exitCode: 5 },
  SINK_REFUSED: { exitCode: 5 },
  STORE_UNUSABLE: { exitCode: 6 },
  STORE_DAMAGED: { exitCode: 6 },
  STORE_NEWER: { exitCode: 6 },
  BUG: { exitCode: 70 },
} as const;

/** The code of a failure. */
export type FailureCode = keyof typeof failures;

/** A failure that a person on call can act on: its message says what failed, on what, and what to do next. */
export class ConnectorError extends Error {
  readonly code: FailureCode;
  /** The HTTP status of the answer that decided; undefined where no answer did. */
  readonly status: number | undefined;

  /** `message` carries no secret. `cause` is the error underneath, for the debug log. */
  constructor(
    code: FailureCode,
    message: string,
    options?: { cause?: unknown; status?: number | undefined },
  ) {
    super(message, options);
    this.name = 'ConnectorError';
    this.code = code;
    this.status = options?.status;
  }

  /** The exit code of a command that ends in this failure. */
  get exitCode(): number {
    return failures[this.code].exitCode;
  }
}

/** Returns the message of anything thrown, with the messages of its causes, one after the other. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  let text = thrown.message;
  for (
    let cause = thrown.cause;
    cause !== undefined;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    const words = cause instanceof Error ? cause.message : String(cause);
    if (!text.includes(words)) text += `: ${words}`;
  }
  return text;
}
