import { redactUrl } from './redact-url.ts';

/** Why there was no answer, as the caller may want to tell apart; `other` is anything else. */
export type ConnectionFailure =
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'name-not-found'
  | 'unreachable'
  | 'certificate'
  | 'tls'
  | 'proxy'
  | 'too-large'
  | 'other';

/** An exchange that brought no whole answer. The message is plain words and carries no secret. */
export class ConnectionError extends Error {
  readonly failure: ConnectionFailure;

  constructor(failure: ConnectionFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ConnectionError';
    this.failure = failure;
  }
}

type Row = readonly [failure: ConnectionFailure, words: string];

const privateRoot =
  'its certificate is not trusted: name the root that signed it in the option `tls.ca` (a proxy that opens TLS has a root of its own)';

/** Codes of Node's errors and of OpenSSL's verification (`X509_V_ERR_*` without the prefix), and what they mean. */
const meanings: Readonly<Record<string, Row>> = {
  ECONNREFUSED: [
    'refused',
    'the connection was refused: nothing listens on that port, or a firewall rejects it',
  ],
  ECONNRESET: ['reset', 'the connection was reset before the answer was complete'],
  ECONNABORTED: ['reset', 'the connection was cut before the answer was complete'],
  EPIPE: ['reset', 'the connection was closed while the request was sent'],
  ERR_STREAM_PREMATURE_CLOSE: ['reset', 'the connection was closed before the answer was complete'],
  HPE_INVALID_CONSTANT: ['other', 'the answer is not HTTP: is this the right port?'],
  ETIMEDOUT: ['timeout', 'the connection timed out: a firewall drops the packets, or the host is down'],
  ENOTFOUND: ['name-not-found', 'the host name does not exist in DNS'],
  EAI_AGAIN: ['unreachable', 'DNS did not answer: check the resolver of this machine'],
  EHOSTUNREACH: ['unreachable', 'there is no route to the host'],
  ENETUNREACH: ['unreachable', 'there is no route to the network of the host'],
  EADDRNOTAVAIL: ['unreachable', 'this machine has no free local port or no fitting address'],
  EPROTO: ['tls', 'TLS failed: the port may not speak TLS, or not version 1.2 or newer'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'TLS failed: the port does not speak TLS'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['tls', 'TLS failed: the port does not speak TLS'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ['tls', 'TLS failed: the peer does not speak version 1.2 or newer'],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['tls', 'TLS failed: the peer does not speak version 1.2 or newer'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
    'tls',
    'the peer wants a client certificate: name one in the options `tls.cert` and `tls.key`',
  ],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['tls', 'the peer does not trust the client certificate of `tls.cert`'],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['tls', 'the peer refuses the client certificate of `tls.cert`'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate', privateRoot],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate', privateRoot],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate', privateRoot],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate', privateRoot],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate', privateRoot],
  CERT_UNTRUSTED: ['certificate', privateRoot],
  CERT_HAS_EXPIRED: [
    'certificate',
    'its certificate has expired: it must be renewed there (or this clock is wrong)',
  ],
  CERT_NOT_YET_VALID: ['certificate', 'its certificate is not valid yet: check the clocks on both sides'],
  CERT_REVOKED: ['certificate', 'its certificate was revoked'],
  CERT_SIGNATURE_FAILURE: ['certificate', 'the signature of its certificate is wrong'],
  INVALID_PURPOSE: ['certificate', 'its certificate is not meant for a server'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate',
    'its certificate is for another host name: check the address, or name the expected one in `tls.serverName`',
  ],
};

/** Returns the failure that an error of Node, TLS or axios stands for. */
export function connectionFailure(error: unknown): ConnectionFailure {
  return error instanceof ConnectionError ? error.failure : meaningOf(error)[0];
}

/**
 * Returns one line for the person on call: which URL could not be reached (credentials redacted), why in plain words,
 * and the code of the error for a search.
 */
export function describeConnectionError(error: unknown, url: string): string {
  if (error instanceof ConnectionError) return error.message;
  const code = codesOf(error)[0];
  return `${redactUrl(url)}: ${meaningOf(error)[1]}${code === undefined ? '' : ` (${code})`}`;
}

/** Returns the `ConnectionError` for anything that an exchange with `url` has thrown. */
export function toConnectionError(error: unknown, url: string): ConnectionError {
  if (error instanceof ConnectionError) return error;
  // An axios error holds the whole request, its Authorization header too: only what lies beneath may travel on.
  let cause = error;
  while (cause instanceof Error && ('config' in cause || 'request' in cause)) cause = cause.cause;
  return new ConnectionError(connectionFailure(error), describeConnectionError(error, url), { cause });
}

function meaningOf(error: unknown): Row {
  const codes = codesOf(error);
  for (const code of codes) {
    const meaning = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
    if (meaning !== undefined) return meaning;
    if (code.startsWith('ERR_SSL_')) return ['tls', 'TLS failed'];
    if (code.startsWith('HPE_')) return ['other', 'the answer is not HTTP: is this the right port?'];
  }
  const message = error instanceof Error ? error.message : '';
  if (/aborted|socket hang up|Proxy connection ended/i.test(message)) {
    return ['reset', 'the connection was cut before the answer was complete'];
  }
  return ['other', 'the exchange failed'];
}

/** The codes of an error, of its causes, and of the attempts that an `AggregateError` joins; the outermost first. */
function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    // ERR_BAD_RESPONSE and such are axios's own words and say nothing: what it wraps does.
    if (typeof code === 'string' && !/^ERR_(BAD_|CANCELED|NETWORK)/.test(code)) codes.push(code);
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return codes;
}
