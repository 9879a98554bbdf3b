import { type Answer, type ApiRequest, jsonAnswer } from './exchange.ts';

/** How one family of APIs words a failure. */
export interface ErrorForm {
  /** Any failure, by status, code and message. */
  error(request: ApiRequest, status: number, code: string, message: string): Answer;
  /** 401: no token, not a token, of another audience, or expired. */
  unauthorized(request: ApiRequest, reason: 'missing' | 'invalid' | 'audience' | 'expired'): Answer;
  /** 403: none of `required` is among `granted`: app roles, delegated permissions, or roles of the person. */
  forbidden(
    request: ApiRequest,
    kind: 'application' | 'delegated' | 'person',
    required: readonly string[],
    granted: readonly string[],
  ): Answer;
  /** The tenant has no licence, or was never set up. */
  unlicensed(request: ApiRequest): Answer;
  /** 429, of a quota of `allowed` calls a minute or an hour. */
  throttled(request: ApiRequest, allowed: number, per: 'minute' | 'hour'): Answer;
}

const tokenFaults = {
  missing: 'Access token is empty.',
  invalid: 'IDX14100: JWT is not well formed.',
  audience: 'Access token validation failure. Invalid audience.',
  expired: 'Lifetime validation failed, the token is expired.',
} as const;

/** What Graph adds to some errors: a narrower code, and the property that is wrong. */
export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

/** Returns an error of Graph (API reference §2.5), with its details where it has any. */
export function graphError(
  request: ApiRequest,
  { status, code, message, details = [] }: GraphErrorFacts,
): Answer {
  return jsonAnswer(status, {
    error: {
      code,
      message,
      ...(details.length === 0 ? {} : { details }),
      innerError: {
        date: new Date(request.now).toISOString().slice(0, 19),
        'request-id': request.requestId,
        'client-request-id': request.headers['client-request-id'] ?? request.requestId,
      },
    },
  });
}

/** What an error of Graph tells. */
export interface GraphErrorFacts {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
}

/** Errors of Graph, as all of its APIs have them. */
export const graphErrors: ErrorForm = {
  error: (request, status, code, message) => graphError(request, { status, code, message }),
  unauthorized(request, reason) {
    return this.error(request, 401, 'InvalidAuthenticationToken', tokenFaults[reason]);
  },
  forbidden(request, kind, required, granted) {
    const message = {
      application: `Missing application roles. API required roles: ${required.join(',')}, application roles: ${granted.join(',')}.`,
      delegated: `Missing scopes. API required scopes: ${required.join(',')}, token scopes: ${granted.join(',')}.`,
      person: 'The user does not have sufficient permissions to perform this operation.',
    };
    return this.error(request, 403, 'Forbidden', message[kind]);
  },
  unlicensed(request) {
    return this.error(request, 403, 'Forbidden', 'Unauthorized request - Account is not provisioned.');
  },
  throttled(request) {
    return this.error(request, 429, 'TooManyRequests', 'Too many requests.');
  },
};

/** Errors of the Defender hosts (API reference §2.5, §2.6). Both forms of 403 are used, turn by turn of the correlation id. */
export const defenderErrors: ErrorForm = {
  error(request, status, code, message) {
    return jsonAnswer(status, { error: { code, message, target: request.requestId } });
  },
  unauthorized(request, reason) {
    return this.error(request, 401, 'Unauthorized', tokenFaults[reason]);
  },
  forbidden(request, kind, required, granted) {
    const needed = required.join(', ');
    const missing = {
      application: `Missing application roles. API required roles: ${needed}, application roles: ${granted.join(', ')}.`,
      delegated: `Missing scopes. API required scopes: ${needed}, token scopes: ${granted.join(', ')}.`,
      person: 'The user does not have the required role to access the resource.',
    };
    const even = Number.parseInt(request.requestId.slice(0, 1), 16) % 2 === 0;
    const message =
      even && kind !== 'person'
        ? `The application does not have any of the required ${kind} permissions (${needed}) to access the resource.`
        : missing[kind];
    return this.error(request, 403, 'Forbidden', message);
  },
  unlicensed(request) {
    const message = 'Unauthorized request - reason of failure: Account mode is inactive';
    return this.error(request, 401, 'Unauthorized', message);
  },
  throttled(request, allowed, per) {
    const span = per === 'minute' ? '00:01:00' : '01:00:00';
    return this.error(
      request,
      429,
      '429',
      `API calls quota exceeded! maximum allowed ${allowed} per ${span}`,
    );
  },
};

/** Errors of the SIEM API, whose bodies nobody documented: the plain form of its time. */
export const siemErrors: ErrorForm = {
  error(_request, status, _code, message) {
    return jsonAnswer(status, { Message: message });
  },
  unauthorized(request) {
    return this.error(request, 401, 'Unauthorized', 'Authorization has been denied for this request.');
  },
  forbidden(request) {
    return this.error(request, 403, 'Forbidden', 'The domain is not managed by the tenant administrator.');
  },
  unlicensed(request) {
    return this.forbidden(request, 'application', [], []);
  },
  throttled(request) {
    return this.error(request, 429, 'TooManyRequests', 'Too many requests.');
  },
};
