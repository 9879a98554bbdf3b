import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../errors.ts';
import { readTlsMaterial, type TlsMaterial, type TlsOptions } from '../fields/tls.ts';
import { certificatesIn } from './certificate-chain.ts';
import { type Trouble, TroubleError } from './trouble.ts';

/**
 * Returns what a TLS connection needs, with the text of the private roots. Throws CONFIG_INVALID for a file that cannot be
 * read, and a `TroubleError` for files that are no PEM or do not belong together: OpenSSL tells what is wrong, but not of
 * which option, and leaves roots out that it cannot read.
 */
export function usableTls(tls: TlsOptions): {
  readonly material: TlsMaterial;
  readonly ca: string | undefined;
} {
  const material = readTlsMaterial(tls);
  const ca = tls.ca === undefined ? undefined : readFileSync(tls.ca, 'utf8');
  try {
    createSecureContext(material);
    if (ca !== undefined && certificatesIn(ca).length === 0) throw new Error('no root stands in `tls.ca`');
    return { material, ca };
  } catch (error) {
    throw new TroubleError(unusable(tls, error), { cause: error });
  }
}

function unusable({ ca, cert, key }: TlsOptions, error: unknown): Trouble {
  const named = Object.entries({ ca, cert, key }).filter(([, path]) => path !== undefined);
  const files = named.map(([option, path]) => `\`tls.${option}\` ${path}`).join(', ');
  return {
    kind: 'files',
    finding: `the files of TLS cannot be used (${files}): ${messageOf(error)}`,
    advice: 'Put PEM files there, with the unencrypted key of this certificate.',
  };
}
