import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../src/runtime/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Section, writeConfig } from '../support/connector-config.ts';
import { startInProcess } from '../support/in-process.ts';
import { type Ended, ProgramProcess } from '../support/program-process.ts';
import { credentials, type KeptCredential } from './secret-credentials.ts';
import type { SecretSetting } from './secret-rig.ts';
import { type Findings, searchSecrets, type Told } from './secret-search.ts';
import { issuedDeviceCode, issuedToken, startEcho } from './secret-servers.ts';

/** A folder of its own, and what was told in it. */
interface Place {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  readonly secrets: Map<string, string>;
  readonly env: Readonly<Record<string, string>>;
  readonly told: [where: string, text: string][];
}

/** A code that nobody knows, so that Entra ID's own words are shown. */
const unknownCode = 987654;

/** What all looks share. */
interface Looking {
  readonly setting: SecretSetting;
  readonly seed: number;
  /** What commands that run in this process have logged so far. */
  readonly log: () => string;
}

/**
 * Returns what came of every command with every kind of credential, where all is well and where a peer repeats all; at
 * the same time, since most of it is waiting.
 */
export async function lookAtCommands(looking: Looking, long: boolean): Promise<readonly Findings[]> {
  const kinds = Object.keys(credentials);
  return Promise.all([
    ...kinds.map((kind) => withCredential(kind, 'token', looking)),
    ...(long ? kinds : ['person']).map((kind) => withCredential(kind, 'api', looking)),
    ...(long ? ['secret', 'certificate'] : ['secret']).map((kind) => provisioned(kind, looking)),
  ]);
}

/** A peer repeats what it is sent: the authority (`token`), or an API and the platform are well and the API does. */
async function withCredential(
  kind: string,
  where: 'token' | 'api',
  { setting, log }: Looking,
): Promise<Findings> {
  const { simulator, server, certificates } = setting;
  await using echo = await startEcho(server);
  echo.token = where === 'token' ? { kind: 'json', status: 400, code: unknownCode } : undefined;
  echo.api = { kind: 'json', status: kind === 'managed identity' ? 400 : 403 };
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-secrets-'));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
  writeFileSync(join(folder, 'roots.pem'), `${certificates.cert}\n${simulator.caPem}`, { mode: 0o600 });
  const kept: KeptCredential | undefined = await credentials[kind]?.(folder, simulator, echo.origin);
  if (kept === undefined) throw new Error(`there is no credential ${kind}`);
  const { origin } = echo;
  const place: Place = {
    name: `${kind}, ${where} repeated`,
    folder,
    config: writeConfig(folder, simulator, {
      tenant: {
        auth: kept.auth,
        endpoints: { authority: origin, graph: origin, defender: origin, xdr: origin, siem: origin },
        tls: { ca: './roots.pem' },
      },
      sinks: [{ name: 'out', type: 'file', path: './out.json', format: 'json' }],
      rest: { log: { level: 'debug' } },
    }),
    secrets: new Map([...kept.secrets, ['access token', issuedToken], ['device code', issuedDeviceCode]]),
    env: kept.env ?? {},
    told: [],
  };
  await run(place, ['check', '--live', '--json']);
  // Microsoft's library looks once in a process where managed identities are: a process of its own for each command.
  if (kind !== 'managed identity') await run(place, ['check', '--live']);
  if (kind === 'person') await run(place, ['login']);
  await run(place, ['status', '--json']);
  return look(place, log());
}

/** One access from the empty tenant on: made, printed, used, renewed up to the wait for other processes, removed. */
async function provisioned(kind: string, { seed, log }: Looking): Promise<Findings> {
  const simulator = await startSimulator({
    seed,
    ratePerMinute: 0,
    historyAlerts: 5,
    clock: systemClock,
    directorySettleMs: 0,
    visibilityLagMs: 0,
  });
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-secrets-'));
  try {
    const { clientId, clientSecret } = simulator.credentials;
    simulator.control.registration.roles.graph = [
      'Application.ReadWrite.All',
      'AppRoleAssignment.ReadWrite.All',
    ];
    writeFileSync(join(folder, 'admin'), clientSecret, { mode: 0o600 });
    const admin = ['--admin-client-id', clientId, '--admin-secret-file', join(folder, 'admin')];
    const place: Place = {
      name: `provision with a ${kind}`,
      folder,
      config: writeEmpty(folder, simulator),
      secrets: new Map([['secret of the administrator', clientSecret]]),
      env: {},
      told: [],
    };
    const before = readdirSync(folder);
    const details = join(folder, 'details.txt');
    for (const form of ['graph', 'azure-cli', 'terraform', 'bicep'])
      await run(place, ['provision', '--print', form, '--credential', kind]);
    await run(place, ['provision', ...admin, '--credential', kind, '--dry-run', '--json']);
    await run(place, ['provision', ...admin, '--credential', kind, '--details', details]);
    rememberKeys(place);
    // The details name a secret where a SIEM's form asks for it, and are for their owner alone.
    await run(place, ['check', '--live', '--json']);
    await run(place, ['once', '--timeout', '10s']);
    await run(place, ['provision', ...admin, '--rotate'], /the old one goes in/);
    rememberKeys(place);
    await run(place, ['status']);
    await run(place, ['deprovision', ...admin, '--json']);
    const open = readdirSync(folder)
      .filter((file) => !before.includes(file) && (statSync(join(folder, file)).mode & 0o077) !== 0)
      .filter((file) => !file.startsWith('out.json') && !file.startsWith('state.db'));
    const found = look(place, log());
    const broken = open.map((file) => `${place.name}: others may read ${file}`);
    return { ...found, broken: [...found.broken, ...broken] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await simulator.close();
  }
}

function writeEmpty(folder: string, { endpoints, caFile, credentials: { tenantId } }: Simulator): string {
  const config = join(folder, 'defender-siem.yaml');
  const tenant: Section = { name: 'contoso', id: tenantId, endpoints, tls: { ca: caFile } };
  const sections = {
    store: { path: './state.db' },
    log: { level: 'debug' },
    tenants: [tenant],
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso' }],
    sinks: [{ name: 'out', type: 'file', path: './out.json', format: 'json' }],
  };
  writeFileSync(config, stringify(sections), { mode: 0o600 });
  return config;
}

/** What the command made is a secret from now on. */
function rememberKeys({ folder, secrets }: Place): void {
  for (const file of readdirSync(folder)) {
    const text = /\.(?:secret|pem)(?:\.new)?$/.test(file) ? readFileSync(join(folder, file), 'utf8') : '';
    const key = /PRIVATE KEY-----\s+(?:\S+\s+){4}(\S+)/.exec(text)?.[1] ?? text.trim();
    if (key !== '' && ![...secrets.values()].includes(key)) secrets.set(`${file} (${secrets.size})`, key);
  }
}

/** Runs a command; it is stopped once it has said `until`. */
async function run(place: Place, args: readonly string[], until?: RegExp): Promise<void> {
  const { config, env, told } = place;
  const [command = '', ...rest] = args;
  const whole = [command, '--config', config, ...rest];
  let ended: Ended;
  if (Object.keys(env).length > 0) {
    await using program = new ProgramProcess(whole, { env });
    ended = await program.ended();
  } else {
    let said = '';
    const take = (line: string) => {
      said += `${line}\n`;
      if (until?.test(said) === true) running.send('SIGTERM');
    };
    const running = startInProcess(whole, { out: take, err: take });
    ended = { ...(await running.ended), stdout: said };
  }
  told.push([`${args.slice(0, 3).join(' ')}, exit code ${ended.code}`, ended.stdout + ended.stderr]);
}

function look({ name, secrets, told, folder }: Place, log: string): Findings {
  const kept = readdirSync(folder)
    .filter((file) => /\.note$|^state\.db(?!-reserve)|^out\.json|\.yaml$/.test(file))
    .map((file) => [file, readFileSync(join(folder, file), 'latin1')] as const);
  const all: Told = [...told, ['log', log], ...kept];
  const silent = told.filter(([, text]) => text === '').map(([where]) => `${name}: ${where} said nothing`);
  const found = searchSecrets(name, secrets, all);
  return { ...found, broken: [...found.broken, ...silent] };
}
