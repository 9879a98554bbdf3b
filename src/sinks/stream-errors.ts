import { isIP } from 'node:net';
import { ConnectorError } from '../errors.ts';
import type { TlsOptions } from '../fields/tls.ts';
import { connectionFailure, describeConnectionError } from '../http/connection-error.ts';

/** Whom an error speaks of. */
export interface StreamAddress {
  /** The sink's name. */
  readonly sink: string;
  readonly host: string;
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: TlsOptions | undefined;
}

/** The receiver has closed its side. */
export class HungUp extends Error {
  constructor() {
    super('the receiver closed the connection');
  }
}

/** The receiver has not done in time what was waited for. */
export class TookTooLong extends Error {}

/** Returns the error of a connection that cannot be made or has failed, in plain words: SINK_UNREACHABLE. */
export function unreachable(peer: StreamAddress, error: unknown): ConnectorError {
  if (error instanceof HungUp || error instanceof TookTooLong) return told(peer, error.message, error);
  const described = describeConnectionError(error, addressOf(peer));
  const words =
    described.includes('`tls.') || !isCertificateAlert(error) ? described : `${described}: ${advice(peer)}`;
  return new ConnectorError('SINK_UNREACHABLE', `sink ${peer.sink}: ${words}`, { cause: error });
}

/** Returns the error of a connection that ended right after its TLS handshake: SINK_UNREACHABLE. */
export function refusedAfterHandshake(peer: StreamAddress, error: unknown): ConnectorError {
  // An alert says what is wrong; a mere end does not, but at this moment it has one usual reason.
  const silent = error instanceof HungUp || connectionFailure(error) === 'reset';
  if (!silent) return unreachable(peer, error);
  return told(peer, `the receiver hung up right after the TLS handshake: ${advice(peer)}`, error);
}

/** What to do when the receiver is not content with our certificate. */
function advice({ tls }: StreamAddress): string {
  return tls?.cert === undefined
    ? 'it probably demands a client certificate: name one in `tls.cert` and `tls.key`'
    : 'it probably refuses the client certificate: check that it trusts the root of `tls.cert`, and the dates';
}

function told(peer: StreamAddress, words: string, cause: unknown): ConnectorError {
  return new ConnectorError('SINK_UNREACHABLE', `sink ${peer.sink}: ${addressOf(peer)}: ${words}`, { cause });
}

function addressOf({ tls, host, port }: StreamAddress): string {
  return `${tls === undefined ? 'tcp' : 'tls'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * Tells whether the receiver's TLS alert can be about our certificate (RFC 8446 §6.2; TLS 1.2 sends handshake_failure
 * where none came, RFC 5246 §7.4.6). OpenSSL has renamed these codes, so only their ends are compared.
 */
export function isCertificateAlert(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /_ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|NO_CERTIFICATE|ACCESS_DENIED)$/.test(
    code,
  );
}
