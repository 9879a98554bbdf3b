import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { Authority, Certificate } from '../support/certificates.ts';
import { graphSource, type Section, writeConfig } from '../support/connector-config.ts';
import { freePort } from '../support/debian-peer.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import type { Mode } from './secret-modes.ts';
import { type Findings, searchSecrets, type Told } from './secret-search.ts';
import { type EchoServer, issuedToken, startEcho } from './secret-servers.ts';

/** What all modes share. */
export interface SecretSetting {
  readonly simulator: Simulator;
  readonly certificates: Authority;
  /** Of every server of the campaign but the simulator. */
  readonly server: Certificate;
}

/** A configuration with a secret in every place that takes one, each of this mode alone, and all that it leads to. */
export class SecretRig implements AsyncDisposable {
  readonly config: string;
  /** Where its admin server listens. */
  readonly admin: string;
  readonly #mode: Mode;
  readonly #folder: string;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #echo: EchoServer | undefined;
  readonly #servers: readonly AsyncDisposable[];

  private constructor(
    mode: Mode,
    folder: string,
    at: { readonly config: string; readonly admin: string },
    secrets: ReadonlyMap<string, string>,
    receiver: HttpReceiver,
    echo: EchoServer | undefined,
  ) {
    this.#mode = mode;
    this.#folder = folder;
    this.config = at.config;
    this.admin = at.admin;
    this.#secrets = secrets;
    this.#echo = echo;
    this.#servers = echo === undefined ? [receiver] : [receiver, echo];
  }

  static async open(mode: Mode, setting: SecretSetting): Promise<SecretRig> {
    const { simulator, certificates, server } = setting;
    const folder = mkdtempSync(join(tmpdir(), 'defender-siem-secrets-'));
    const receiver = await HttpReceiver.listen(server);
    receiver.answer = mode.receiver ?? (() => ({ status: 200, body: '{"text":"Success","code":0}' }));
    const echo = mode.echo === undefined ? undefined : await echoOf(mode.echo, server);
    const client = certificates.issue('connector');
    for (const [name, text] of Object.entries({
      'root.pem': certificates.cert,
      'roots.pem': `${certificates.cert}\n${simulator.caPem}`,
      'client.pem': client.cert,
      'client.key': client.key,
    })) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    const secrets = freshSecrets(client);
    const secret = (name: string) => secrets.get(name) ?? '';
    if (mode.credential === undefined) simulator.control.registration.secrets.push(secret('client secret'));
    const admin = `127.0.0.1:${await freePort()}`;
    const nowhere = `127.0.0.1:${await freePort()}`;
    const config = writeConfig(folder, simulator, {
      tenant: tenantOf(mode, setting, secret, { echo, nowhere }),
      sources: [graphSource, { ...graphSource, name: 'detections', type: 'detections' }],
      sinks: sinksOf(mode, receiver, secret, nowhere),
      rest: { log: { level: 'debug' }, admin: { listen: admin }, shutdown: { grace: '500ms' } },
    });
    return new SecretRig(mode, folder, { config, admin }, secrets, receiver, echo);
  }

  /** How often the Microsoft that repeats what it is told was asked; undefined where there is none. */
  asked(): number | undefined {
    return this.#echo?.asked;
  }

  /** All that the program keeps on the disk. */
  stored(): Told {
    return (
      readdirSync(this.#folder)
        // The reserve is empty space.
        .filter((name) => name.startsWith('state.db') && !name.endsWith('-reserve'))
        .map((name) => [name, readFileSync(join(this.#folder, name), 'latin1')])
    );
  }

  /** Looks for every secret of this mode, and for any token, however they may be written. */
  look(told: Told): Findings {
    return searchSecrets(this.#mode.name, this.#secrets, told);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function freshSecrets(client: Certificate): ReadonlyMap<string, string> {
  const names = [
    'client secret',
    'HEC token',
    'password',
    'bearer',
    'header',
    'address',
    'proxy password',
    'API key',
  ];
  const secrets = new Map(names.map((name) => [name, `S3~${randomBytes(12).toString('hex')}`]));
  // What others might write in another way.
  secrets.set('bearer', `${secrets.get('bearer')}+x/y=`);
  secrets.set('password', `${secrets.get('password')}"\\&`);
  secrets.set('API key', `id:${secrets.get('API key')}`);
  secrets.set('private key', client.key.split('\n')[3] ?? '');
  secrets.set('access token', issuedToken);
  return secrets;
}

async function echoOf({ token, api }: NonNullable<Mode['echo']>, server: Certificate): Promise<EchoServer> {
  const echo = await startEcho(server);
  echo.token = token;
  echo.api = api;
  return echo;
}

function tenantOf(
  { credential, proxied }: Mode,
  { simulator }: SecretSetting,
  secret: (name: string) => string,
  { echo, nowhere }: { readonly echo: EchoServer | undefined; readonly nowhere: string },
): Section {
  const { clientId } = simulator.credentials;
  const auth =
    credential === 'certificate'
      ? { clientId, certificate: { path: './client.pem', keyPath: './client.key' } }
      : { clientId, clientSecret: secret('client secret') };
  const { origin = '' } = echo ?? {};
  const endpoints = { authority: origin, graph: origin, defender: origin, xdr: origin, siem: origin };
  return {
    auth,
    ...(echo === undefined ? {} : { endpoints }),
    ...(proxied === undefined ? {} : { proxy: `http://user:${secret('proxy password')}@${nowhere}` }),
    tls: { ca: './roots.pem' },
  };
}

function sinksOf(
  { distrust }: Mode,
  receiver: HttpReceiver,
  secret: (name: string) => string,
  nowhere: string,
): readonly Section[] {
  const tls = distrust === undefined ? { tls: { ca: './root.pem' } } : {};
  const retry = { initial: '200ms', max: '500ms' };
  const http = { type: 'http', url: `${receiver.url}/in?sig=${secret('address')}`, retry, ...tls };
  const { port } = new URL(receiver.url);
  return [
    { ...http, name: 'basic', auth: { basic: { username: 'user', password: secret('password') } } },
    { ...http, name: 'bearer', auth: { bearer: secret('bearer') }, body: 'single' },
    { ...http, name: 'header', headers: { 'X-Api-Key': secret('header') } },
    { ...http, name: 'proxied', proxy: `http://user:${secret('proxy password')}@${nowhere}` },
    { name: 'hec', type: 'splunk-hec', url: receiver.url, token: secret('HEC token'), retry, ...tls },
    { name: 'api-key', type: 'elastic', url: receiver.url, apiKey: secret('API key'), retry, ...tls },
    {
      name: 'monitor-token',
      type: 'sentinel',
      endpoint: receiver.url,
      rule: `dcr-${'0'.repeat(32)}`,
      tenant: 'simulated',
      retry,
      ...tls,
    },
    {
      name: 'mutual',
      type: 'syslog',
      host: '127.0.0.1',
      port: Number(port),
      retry,
      tls: { ca: './root.pem', cert: './client.pem', key: './client.key' },
    },
  ];
}
