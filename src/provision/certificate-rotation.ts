import { X509Certificate } from 'node:crypto';
import { ConnectorError, messageOf } from '../errors.ts';
import { readClientCertificate } from '../identity/client-certificate.ts';
import type { Credential, PemCertificate } from '../identity/credential.ts';
import { type CertificateFacts, certificateFacts } from './certificate.ts';
import { lookFor } from './graph-writes.ts';
import type { RotationKind, RotationParts } from './rotation.ts';
import type { RotationNote } from './rotation-files.ts';

/** Between the certificate's file and the key's: whoever has begun to read the pair has read both, ms. */
const readingMs = 1_000;

/** Returns the rotation of a certificate in PEM, in one file with its key or beside it. */
export function createCertificateRotation(parts: RotationParts, credential: PemCertificate): RotationKind {
  const { files, place, registry, clock, signal, tell } = parts;
  const { clientId } = credential;
  const candidate: PemCertificate = {
    kind: 'certificate',
    clientId,
    path: place.next,
    ...(place.nextKey === undefined ? {} : { keyPath: place.nextKey }),
  };

  /** The new pair as it stands on disk; undefined while it is not whole. */
  async function nextFacts(): Promise<CertificateFacts | undefined> {
    const text = files.read(place.next);
    if (text === undefined) return undefined;
    try {
      await readClientCertificate(candidate);
      return certificateFacts(new X509Certificate(text));
    } catch {
      return undefined; // Not whole, so it was never registered: another is made.
    }
  }

  async function makeNext(note: RotationNote): Promise<CertificateFacts> {
    const days = parts.days ?? daysOf(note);
    const { pem, facts } = await parts.make(`defender-siem ${parts.tenant}`, days, clock.now());
    const { certificate, key } = parted(pem);
    if (place.nextKey !== undefined) await files.write(place.nextKey, key, place.keyFile ?? place.file);
    // The file of certificate and key is read by whom the key may be read.
    await files.write(
      place.next,
      place.nextKey === undefined ? `${certificate}${key}` : certificate,
      place.file,
    );
    return facts;
  }

  async function newFacts(): Promise<CertificateFacts> {
    const facts = await nextFacts();
    if (facts !== undefined) return facts;
    throw new ConnectorError(
      'CONFIG_INVALID',
      `${place.next} is not the certificate that a rotation left there: delete it and ${place.note}, and rotate again`,
    );
  }

  return {
    async begin(name) {
      const own = await ownCertificate(files.read(place.file), credential);
      return { phase: 'adding', name, oldCertificate: own.raw.toString('base64') };
    },
    async add(note, again) {
      const made = await nextFacts();
      const facts = made ?? (await makeNext(note));
      const look = () => registry.certificate(facts);
      const resumed = again && made !== undefined;
      // What gets a token is registered, whoever can look.
      const works = resumed && (await parts.tryOut(candidate).then(() => true, isRefused));
      const registered = resumed && !works ? await lookFor({ clock, signal }, look) : await look();
      if (!works && registered === undefined) await registry.addCertificate(facts);
      tell(
        `registered a certificate until ${new Date(facts.notAfterMs).toISOString().slice(0, 10)} (thumbprint ${facts.sha1})`,
      );
      return note;
    },
    candidate: (): Credential => candidate,
    async undo(note) {
      await registry.removeCertificate(await newFacts(), oldFacts(note));
    },
    async switchOver(note) {
      await newFacts();
      const next = files.read(place.next) ?? '';
      if (place.keyFile === undefined || place.nextKey === undefined) {
        await files.write(place.file, next, place.file);
        return;
      }
      // With both certificates in the one file, either key in the other has its own there.
      await files.write(place.file, `${next}${pemOf(oldFacts(note).der)}`, place.file);
      await clock.sleep(readingMs, signal);
      await files.write(place.keyFile, files.read(place.nextKey) ?? '', place.keyFile);
    },
    async retire(note) {
      const old = oldFacts(note);
      const own = certificateFacts(await ownCertificate(files.read(place.file), credential));
      if (own.der !== old.der) {
        await registry.removeCertificate(old, own);
        tell(`removed the old certificate (thumbprint ${old.sha1})`);
      }
      if (place.keyFile !== undefined) await files.write(place.file, pemOf(own.der), place.file);
      await files.remove(place.next);
      if (place.nextKey !== undefined) await files.remove(place.nextKey);
    },
  };
}

/** Returns false for a refusal; throws whatever else went wrong. */
function isRefused(error: unknown): false {
  if (error instanceof ConnectorError && error.code === 'IDENTITY_REFUSED') return false;
  throw error;
}

/** Of several certificates in a file, the one that the key belongs to. */
async function ownCertificate(
  text: string | undefined,
  credential: PemCertificate,
): Promise<X509Certificate> {
  const { thumbprintHex } = await readClientCertificate(credential);
  const blocks = text?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const own = blocks
    .map((block) => new X509Certificate(block))
    .find((one) => one.fingerprint256.replaceAll(':', '') === thumbprintHex);
  if (own !== undefined) return own;
  throw new ConnectorError(
    'CONFIG_INVALID',
    `${credential.path} was changed while it was read: rotate again`,
  );
}

/** As long as the old one lived: so much the tenant's policies allow. */
function daysOf({ oldCertificate = '' }: RotationNote): number {
  const { validFrom, validTo } = new X509Certificate(Buffer.from(oldCertificate, 'base64'));
  return Math.max(1, Math.floor((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000));
}

function oldFacts({ oldCertificate = '' }: RotationNote): CertificateFacts {
  try {
    return certificateFacts(new X509Certificate(Buffer.from(oldCertificate, 'base64')));
  } catch (error) {
    throw new ConnectorError('CONFIG_INVALID', `the note of the rotation is damaged: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parted(pem: string): { readonly certificate: string; readonly key: string } {
  const block = (label: string) =>
    new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(pem)?.[0] ?? '';
  return { certificate: `${block('CERTIFICATE')}\n`, key: `${block('(?:RSA )?PRIVATE KEY')}\n` };
}

function pemOf(der: string): string {
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
