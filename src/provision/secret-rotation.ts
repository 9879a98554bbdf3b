import { ConnectorError } from '../errors.ts';
import { Secret } from '../fields/secret.ts';
import type { ClientSecretCredential, Credential } from '../identity/credential.ts';
import { fingerprintOf, notePath, readCredentialNote } from '../identity/credential-note.ts';
import type { PasswordCredential } from './directory.ts';
import { lookFor } from './graph-writes.ts';
import type { RotationKind, RotationParts } from './rotation.ts';
import type { RotationNote } from './rotation-files.ts';

const dayMs = 86_400_000;
/** Where the old one's life is not known, days. */
const usualDays = 365;

/** Returns the rotation of a client secret that stands in a file. */
export function createSecretRotation(
  parts: RotationParts,
  credential: ClientSecretCredential & { readonly file: string },
): RotationKind {
  const { files, place, registry, clock, signal, tell } = parts;

  async function named(name: string, patient: boolean): Promise<PasswordCredential | undefined> {
    const look = async () => (await registry.secrets()).find(({ displayName }) => displayName === name);
    return patient ? lookFor({ clock, signal }, look) : look();
  }

  /** As long as the old one lived: so much the tenant's policies allow. */
  async function lifeMs({ oldKeyId }: RotationNote): Promise<number> {
    if (parts.days !== undefined) return parts.days * dayMs;
    const old = (await registry.secrets()).find(({ keyId }) => keyId === oldKeyId);
    const lived =
      old === undefined ? Number.NaN : Date.parse(old.endDateTime) - Date.parse(old.startDateTime);
    return lived > 0 ? Math.max(dayMs, lived) : usualDays * dayMs;
  }

  function nextSecret(): string {
    const text = files.read(place.next)?.trim();
    if (text !== undefined && text !== '') return text;
    throw new ConnectorError(
      'CONFIG_INVALID',
      `${place.next}, the secret that a rotation left there, is gone: delete ${place.note}, and rotate again`,
    );
  }

  return {
    async begin(name) {
      const value = textIn(files.read(place.file), place.file);
      const secrets = await registry.secrets();
      const oldKeyId =
        readCredentialNote(credential.file, fingerprintOf(value))?.keyId ?? ownSecret(value, secrets)?.keyId;
      return { phase: 'adding', name, ...(oldKeyId === undefined ? {} : { oldKeyId }) };
    },
    async add(note, again) {
      const there = again ? await named(note.name, true) : undefined;
      if (there !== undefined && files.read(place.next) !== undefined) {
        return { ...note, keyId: there.keyId, endDateTime: there.endDateTime };
      }
      // Its value was lost with the process that had it.
      if (there !== undefined) await registry.removeSecret(there.keyId);
      const wanted = new Date(clock.now() + (await lifeMs(note))).toISOString();
      const added = await registry.addSecret({ displayName: note.name, endDateTime: wanted });
      await files.write(place.next, `${added.secretText}\n`, place.file);
      const endDateTime = added.endDateTime || wanted;
      tell(`added a client secret until ${endDateTime.slice(0, 10)}`);
      return { ...note, keyId: added.keyId, endDateTime };
    },
    candidate: (): Credential => ({ ...credential, secret: new Secret(nextSecret()) }),
    async undo({ keyId }) {
      if (keyId !== undefined) await registry.removeSecret(keyId);
    },
    async switchOver({ keyId, endDateTime }) {
      const value = nextSecret();
      // Until it stands there, the note is of another credential, and nobody believes it.
      const startDateTime = new Date(clock.now()).toISOString();
      const note = { of: fingerprintOf(value), keyId, startDateTime, endDateTime };
      await files.write(place.file, `${value}\n`, place.file);
      await files.write(notePath(credential.file), `${JSON.stringify(note)}\n`, place.file);
    },
    async retire({ oldKeyId, keyId }) {
      if (oldKeyId === undefined) {
        tell(
          'which secret is the old one cannot be told: remove it in the portal, under Certificates & secrets',
        );
      } else if (oldKeyId !== keyId) {
        await registry.removeSecret(oldKeyId);
        tell('removed the old client secret');
      }
      await files.remove(place.next);
    },
  };
}

/** Returns the secret of an application that begins as this one; undefined where none or several do. */
export function ownSecret(
  value: string,
  secrets: readonly PasswordCredential[],
): PasswordCredential | undefined {
  const [own, ...others] = secrets.filter(
    ({ hint }) => hint !== undefined && hint !== '' && value.startsWith(hint),
  );
  return others.length === 0 ? own : undefined;
}

function textIn(text: string | undefined, file: string): string {
  const value = text?.trim();
  if (value !== undefined && value !== '') return value;
  throw new ConnectorError('CONFIG_INVALID', `cannot read ${file}: it holds no secret to be renewed`);
}
