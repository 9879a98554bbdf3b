import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';
import { makeSealKey, sealSignIn } from '../../src/identity/sign-in-seal.ts';
import { createClientCertificate } from '../../src/simulator/certificates.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { Section } from '../support/connector-config.ts';

/** A credential in its files, which the simulator knows. */
export interface KeptCredential {
  readonly auth: Section;
  /** What must never be told, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What the platform gives to the process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Writes a credential into a folder. `endpoint`: where managed identities are. */
export type KeepCredential = (
  folder: string,
  simulator: Simulator,
  endpoint: string,
) => Promise<KeptCredential>;

const random = () => `S3~${randomBytes(12).toString('hex')}/+"`;

function keep(folder: string, name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return `./${name}`;
}

/** A line of a PEM key in the middle: of its first bytes all keys are alike. */
const keyLine = (pem: string) => pem.trim().split(/\r?\n/)[5] ?? pem;

async function certificate(simulator: Simulator) {
  const identity = await createClientCertificate(Date.now());
  simulator.control.registerCertificate(identity.certificate);
  return identity;
}

/** Every kind of credential. */
export const credentials: Readonly<Record<string, KeepCredential>> = {
  async 'client secret'(folder, { control, credentials: { clientId } }) {
    const secret = random();
    control.registration.secrets.push(secret);
    const clientSecret = `\${file:${keep(folder, 'app.secret', secret)}}`;
    return { auth: { clientId, clientSecret }, secrets: new Map([['client secret', secret]]) };
  },
  async 'PEM certificate'(folder, simulator) {
    const { certificate: cert, key } = await certificate(simulator);
    const path = keep(folder, 'app.pem', `${cert}\n${key}`);
    const { clientId } = simulator.credentials;
    return { auth: { clientId, certificate: { path } }, secrets: new Map([['PEM key', keyLine(key)]]) };
  },
  async 'PFX certificate'(folder, simulator) {
    const { certificate: cert, key } = await certificate(simulator);
    const word = randomBytes(12).toString('hex');
    const chain = [forge.pki.certificateFromPem(cert)];
    const asn1 = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), chain, word, { count: 1 });
    const pfx = keep(folder, 'app.pfx', Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary'));
    const password = `\${file:${keep(folder, 'app.password', word)}}`;
    const { clientId } = simulator.credentials;
    const secrets = new Map([
      ['PFX password', word],
      ['PFX key', keyLine(key)],
    ]);
    return { auth: { clientId, certificate: { pfx, password } }, secrets };
  },
  async 'federated token'(folder, { control, endpoints, credentials: { clientId } }) {
    const issuer = `${endpoints.authority}/oidc/cluster`;
    const subject = `system:serviceaccount:siem:${randomBytes(4).toString('hex')}`;
    control.registration.federated.push({ issuer, subject, audiences: ['api://AzureADTokenExchange'] });
    const token = control.federatedToken({ issuer, subject });
    const tokenFile = keep(folder, 'federated', token);
    return { auth: { clientId, workloadIdentity: { tokenFile } }, secrets: new Map([['token', token]]) };
  },
  async person(folder, { credentials: { clientId } }) {
    const [refreshToken, key] = [`1.${randomBytes(96).toString('base64url')}~/+`, random()];
    const sealed = sealSignIn({ refreshToken, clientId, signedInAtMs: 0 }, await makeSealKey(key));
    const cache = keep(folder, 'sign-in', sealed);
    const secrets = new Map([
      ['refresh token', refreshToken],
      ['key of the sign-in', key],
    ]);
    return {
      auth: { clientId, user: { cache, key: `\${file:${keep(folder, 'sign-in.key', key)}}` } },
      secrets,
    };
  },
  async 'managed identity'(_folder, _simulator, endpoint) {
    const header = random();
    const env = { IDENTITY_ENDPOINT: `${endpoint}/msi/token`, IDENTITY_HEADER: header };
    return { auth: { managedIdentity: {} }, secrets: new Map([['IDENTITY_HEADER', header]]), env };
  },
};
