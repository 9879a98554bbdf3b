import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, rootCertificates, type TLSSocket } from 'node:tls';
import type { Trouble } from './trouble.ts';

/** What is told of one certificate. Times in ms since 1970. */
export interface CertificateFacts {
  /** Common name, else the whole name on one line. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** It has signed itself: a root, or a server's that nobody else vouches for. */
  readonly selfSigned: boolean;
}

/** Returns what is told of a certificate, PEM or DER. Throws what Node's parser throws. */
export function certificateFacts(certificate: string | Buffer): CertificateFacts {
  const parsed = new X509Certificate(certificate);
  return {
    subject: nameIn(parsed.subject) || (parsed.subjectAltName ?? 'no name'),
    issuer: nameIn(parsed.issuer) || 'no name',
    notBeforeMs: Date.parse(parsed.validFrom),
    notAfterMs: Date.parse(parsed.validTo),
    selfSigned: parsed.checkIssued(parsed) && parsed.verify(parsed.publicKey),
  };
}

/** Returns every certificate of a PEM file's text. */
export function certificatesIn(pem: string): readonly CertificateFacts[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map(certificateFacts);
}

/** What the other end of a TLS connection has shown. */
export interface ShownChain {
  /** The server's own first, up to the root where it is known. */
  readonly certificates: readonly CertificateFacts[];
  /** Names and addresses that the server's own is for. */
  readonly names: readonly string[];
  /** Why OpenSSL does not trust it, by its code; undefined when it does. */
  readonly distrust: string | undefined;
  /** True when the server's own is not for the name expected. */
  readonly wrongName: boolean;
}

/** Returns the chain of a connection that was made without verifying, judged against the name expected. */
export function shownChain(socket: TLSSocket, expectedName: string): ShownChain {
  const certificates: Buffer[] = [];
  const own = socket.getPeerCertificate(true);
  let each: typeof own | undefined = own;
  // Node ends the list with one that is its own issuer, and does not end it at all where two name each other.
  while (each?.raw !== undefined && !certificates.some((known) => known.equals(each?.raw ?? known))) {
    certificates.push(each.raw);
    each = each.issuerCertificate;
  }
  const { authorizationError } = socket;
  return {
    certificates: certificates.map(certificateFacts),
    names: (own.subjectaltname ?? '')
      .split(', ')
      .map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
      .filter((name) => name !== ''),
    // Node's types call it an Error; it is the code.
    distrust: authorizationError ? String(authorizationError) : undefined,
    wrongName: own.raw !== undefined && checkServerIdentity(expectedName, own) !== undefined,
  };
}

/** What a chain is judged by. */
export interface ChainExpectation {
  readonly host: string;
  readonly serverName: string | undefined;
  /** Text of the file in `tls.ca`; undefined where none is named. */
  readonly ca: string | undefined;
  readonly nowMs: number;
}

/** Returns all that is wrong with a chain, each with what to do; OpenSSL itself tells the last of it only. */
export function chainTroubles(chain: ShownChain, expected: ChainExpectation): readonly Trouble[] {
  const { certificates, distrust } = chain;
  const troubles: Trouble[] = [];
  // A server may send an old root beside a path that is good: the dates count only where OpenSSL found none.
  const outOfDate =
    distrust === undefined
      ? []
      : certificates.flatMap((certificate, index) => dateTrouble(certificate, index, expected.nowMs));
  if (isTrustCode(distrust) || (outOfDate.length > 0 && !isKnownRoot(chain, expected.ca))) {
    troubles.push(trustTrouble(chain, expected));
  }
  troubles.push(...outOfDate);
  if (chain.wrongName) troubles.push(nameTrouble(chain, expected));
  if (distrust !== undefined && !isTrustCode(distrust) && !dateCodes.has(distrust)) {
    troubles.push({
      kind: 'certificate',
      finding: `the certificate of ${certificates[0]?.subject ?? expected.host} is refused by OpenSSL: ${distrust}`,
      advice: 'Have the certificate replaced on the server.',
    });
  }
  return troubles;
}

const dateCodes: ReadonlySet<string | undefined> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const trustCodes: ReadonlySet<string | undefined> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
]);

function isTrustCode(code: string | undefined): boolean {
  return trustCodes.has(code);
}

/** Asked only where a date hides from OpenSSL's one code whether the root is trusted. */
function isKnownRoot({ certificates, distrust }: ShownChain, ca: string | undefined): boolean {
  if (!dateCodes.has(distrust)) return true;
  const top = certificates.at(-1);
  if (top === undefined || !top.selfSigned) return false;
  const known = [...rootCertificates.map((pem) => certificateFacts(pem)), ...certificatesIn(ca ?? '')];
  return known.some(
    ({ subject, notAfterMs, selfSigned }) =>
      selfSigned && subject === top.subject && notAfterMs === top.notAfterMs,
  );
}

function trustTrouble({ certificates }: ShownChain, { ca }: ChainExpectation): Trouble {
  const top = certificates.at(-1);
  const named = certificatesIn(ca ?? '').map(({ subject }) => quoted(subject));
  const instead = named.length === 0 ? '' : `; the file of \`tls.ca\` holds ${named.join(', ')}`;
  if (top !== undefined && certificates.length === 1 && top.selfSigned) {
    return {
      kind: 'self-signed',
      finding: `the certificate ${quoted(top.subject)} is self-signed, and not trusted${instead}`,
      advice:
        'Put this certificate (PEM) into the file of `tls.ca`, or give the server one of a trusted root.',
    };
  }
  if (top?.selfSigned === true) {
    return {
      kind: 'untrusted',
      finding: `the root ${quoted(top.subject)} is not trusted${instead}`,
      advice: `Put the root ${quoted(top.subject)} (PEM) into the file of \`tls.ca\`.`,
    };
  }
  const issuer = quoted(top?.issuer ?? 'no name');
  return {
    kind: 'untrusted',
    finding: `the certificate ${quoted(top?.subject ?? 'no name')} was issued by ${issuer}, which is neither sent nor trusted${instead}`,
    advice: `Have the server send its whole chain, and put its root into the file of \`tls.ca\` if that is a private one (${issuer} or above).`,
  };
}

function dateTrouble(
  { subject, notBeforeMs, notAfterMs }: CertificateFacts,
  index: number,
  nowMs: number,
): readonly Trouble[] {
  const whose = index === 0 ? 'the server’s certificate' : 'the issuing certificate';
  if (notAfterMs < nowMs) {
    return [
      {
        kind: 'expired',
        finding: `${whose} ${quoted(subject)} has expired on ${dayOf(notAfterMs)}`,
        advice: 'Have it renewed on the server; if it should still hold, set the clock of this host right.',
      },
    ];
  }
  if (notBeforeMs <= nowMs) return [];
  return [
    {
      kind: 'not-yet-valid',
      finding: `${whose} ${quoted(subject)} is valid only from ${new Date(notBeforeMs).toISOString()}`,
      advice: 'Set the clocks of this host and of the one that issued it right.',
    },
  ];
}

function nameTrouble({ certificates, names }: ShownChain, { host, serverName }: ChainExpectation): Trouble {
  const holder = names.length === 0 ? quoted(certificates[0]?.subject ?? 'no name') : names.join(', ');
  return {
    kind: 'wrong-name',
    finding: `the certificate is for ${holder}, not for ${serverName ?? host}`,
    advice:
      serverName === undefined
        ? 'Name the receiver as its certificate does, or write the name of the certificate into `tls.serverName`.'
        : 'Correct `tls.serverName`: it must be a name of the certificate.',
  };
}

/** Returns the day of a time, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function quoted(name: string): string {
  return `“${name}”`;
}

function nameIn(distinguishedName: string | undefined): string {
  const text = distinguishedName ?? '';
  return /^CN=(.*)$/m.exec(text)?.[1] ?? text.split('\n').join(', ');
}
