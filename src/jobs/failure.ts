import { ConnectorError, type FailureCode, failures, messageOf } from '../errors.ts';

/** Failures that pass, or that a person mends, and those of the whole store: the job goes on where it was. */
const passing: readonly FailureCode[] = [
  'API_UNREACHABLE',
  'API_FAILED',
  'IDENTITY_REFUSED',
  'PERMISSION_MISSING',
  'STORE_UNUSABLE',
  'STORE_DAMAGED',
];

/** Returns the error when it is one after which a job can go on; undefined for one that ends it for good. */
export function passingFailure(error: unknown): ConnectorError | undefined {
  return error instanceof ConnectorError && passing.includes(error.code) ? error : undefined;
}

/** What is kept of a job that was cancelled. */
export const cancelled = 'cancelled';

/** Returns why a job failed for good, as it is kept in the store: the code of the failure, and its message. */
export function failureText(error: unknown): string {
  const code = error instanceof ConnectorError ? error.code : 'BUG';
  return `${code}: ${messageOf(error)}`;
}

/** Returns the exit code of a failure that was kept. */
export function exitCodeOf(kept: string): number {
  const code = kept.slice(0, kept.indexOf(':'));
  return Object.hasOwn(failures, code) ? failures[code as FailureCode].exitCode : failures.BUG.exitCode;
}
