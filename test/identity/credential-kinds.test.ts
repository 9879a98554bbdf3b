import forge from 'node-forge';
import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../src/app/login.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createClientCertificate, type Identity } from '../../src/simulator/certificates.ts';
import { noPermissions } from '../../src/simulator/identity/registration.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { Section } from '../support/connector-config.ts';
import { CredentialRig } from '../support/credential-rig.ts';
import { stubIdentityEndpoint } from '../support/identity-endpoint.ts';

let rig: CredentialRig;
let simulator: Simulator;

beforeEach(async () => {
  rig = await CredentialRig.make();
  simulator = rig.simulator;
});

/** What a kind of credential is set up with, and what an administrator then replaces it by. */
interface Kind {
  /** Writes the files, registers the credential; returns `auth` of the configuration. */
  setUp(): Promise<Section>;
  /** Puts another in its place, the old one being refused from now on. */
  rotate(): Promise<void>;
}

/** The only certificate that the application now knows. */
async function registered(): Promise<Identity> {
  const identity = await createClientCertificate(Date.now());
  simulator.control.registration.certificates = [];
  simulator.control.registerCertificate(identity.certificate);
  return identity;
}

function pfxOf({ certificate, key }: Identity, password: string): Buffer {
  const chain = [forge.pki.certificateFromPem(certificate)];
  const container = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), chain, password);
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary');
}

const clientSecret: Kind = {
  async setUp() {
    simulator.control.registration.secrets = ['first-secret'];
    return { clientSecret: `\${file:${rig.write('secret', 'first-secret\n')}}` };
  },
  async rotate() {
    simulator.control.registration.secrets = ['second-secret'];
    rig.write('secret', 'second-secret\n');
  },
};

const pemCertificate: Kind = {
  async setUp() {
    await pemCertificate.rotate();
    return { certificate: { path: rig.path('app.pem') } };
  },
  async rotate() {
    const { certificate, key } = await registered();
    rig.write('app.pem', `${certificate}\n${key}`);
  },
};

const pfxCertificate: Kind = {
  async setUp() {
    rig.write('app.pfx', pfxOf(await registered(), 'pfx password'));
    const password = `\${file:${rig.write('password', 'pfx password')}}`;
    return { certificate: { pfx: rig.path('app.pfx'), password } };
  },
  async rotate() {
    rig.write('app.pfx', pfxOf(await registered(), 'pfx password'));
  },
};

const federated: Kind = {
  async setUp() {
    await federated.rotate();
    return { workloadIdentity: { tokenFile: rig.path('token') } };
  },
  async rotate() {
    const issuer = `${simulator.endpoints.authority}/oidc/cluster`;
    const subject = `system:serviceaccount:siem:${Math.random()}`;
    const audiences = ['api://AzureADTokenExchange'];
    simulator.control.registration.federated = [{ issuer, subject, audiences }];
    rig.write('token', simulator.control.federatedToken({ issuer, subject }));
  },
};

describe.each([
  ['a client secret', clientSecret],
  ['a certificate in PEM', pemCertificate],
  ['a certificate in PKCS#12', pfxCertificate],
  ['a token of a Kubernetes service account', federated],
])('%s', (_kind, { setUp, rotate }) => {
  test('collects from every API; another in its place is taken without a restart', async () => {
    simulator.control.registration.secrets = [];
    const { clientId } = simulator.credentials;
    await rig.start(rig.config({ clientId, ...(await setUp()) }));
    await rig.delivered();
    await rotate();
    await rig.collectsWithFreshTokens();
  });
});

describe('a managed identity', () => {
  test('of the machine collects, then one that a user assigned, by either of its ids', async () => {
    const first = await CredentialRig.make(['graph', 'defender']);
    const { control, managedIdentity } = first.simulator;
    stubIdentityEndpoint(managedIdentity.environment.virtualMachine);
    control.fault({ target: 'managed-identity', kind: 'status', status: 410, times: 1 });
    const [own, assigned] = control.managedIdentities;
    for (const identity of [{}, { clientId: assigned?.clientId }, { resourceId: assigned?.resourceId }]) {
      const another = first.another();
      const stop = await another.start(another.config({ managedIdentity: identity }));
      await another.delivered();
      await another.collectsWithFreshTokens();
      await stop();
      expect(control.faults()).toEqual([]);
      // From here on only the identity that is named can read.
      if (own !== undefined) control.managedIdentities[0] = { ...own, roles: noPermissions() };
    }
  });

  test('in App Service collects', async () => {
    stubIdentityEndpoint(simulator.managedIdentity.environment.appService);
    await rig.start(rig.config({ managedIdentity: {} }));
    await rig.delivered();
  });
});

test('a person who signed in with a device code collects, and the newest refresh token is kept', async () => {
  // Who redeems a refresh token is waited for so long, also by a slow machine.
  rig = await CredentialRig.make(undefined, 2000);
  simulator = rig.simulator;
  const { control, credentials } = simulator;
  Object.assign(control.registration, {
    publicClient: true,
    scopes: {
      graph: ['SecurityAlert.Read.All'],
      defender: ['Alert.Read'],
      xdr: [],
      siem: ['user_impersonation'],
    },
  });
  control.refreshTokens.singleUse = true;
  control.person.roles = ['Security Reader'];
  const user = {
    cache: rig.path('person'),
    key: `\${file:${rig.write('key', 'a key that is long enough')}}`,
  };
  const config = rig.config({ clientId: credentials.clientId, user });
  const [tenant] = config.tenants;
  if (tenant === undefined) throw new Error('no tenant');
  const impatient: Clock = { ...systemClock, sleep: () => systemClock.sleep(1) };
  const { account, access } = await login(tenant, {
    apis: ['graph', 'defender', 'siem'],
    clock: impatient,
    log: silentLog,
    signal: new AbortController().signal,
    show: () => control.approveDeviceCode(),
  });
  expect(account).toBe(control.person.userPrincipalName);
  expect(access.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  await rig.start(config);
  await rig.delivered();
  await rig.collectsWithFreshTokens();
});
