import type { ErrorDetail } from '../error-bodies.ts';

/** A call that the directory refuses, in Graph's words (API reference §11.4). */
export class DirectoryError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];

  constructor(status: number, code: string, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.name = 'DirectoryError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The caller's permissions, or the roles of the person, do not suffice. */
export function denied(): DirectoryError {
  return new DirectoryError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

/** No object has this id, or the replica that was asked does not know it yet. */
export function notFound(id: string): DirectoryError {
  return new DirectoryError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** The body or the query is wrong. */
export function badRequest(message: string): DirectoryError {
  return new DirectoryError(400, 'Request_BadRequest', message);
}

/** Another object has this key already. */
export function taken(message: string): DirectoryError {
  return new DirectoryError(409, 'Request_MultipleObjectsWithSameKeyValue', message);
}
