import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type App, createApp } from '../../app.ts';
import { catalogue } from '../../catalogue.ts';
import { loadNamedConfig } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createLog } from '../../runtime/log.ts';
import { Telemetry } from '../../runtime/telemetry.ts';
import { createServerTls } from '../../simulator/certificates.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { openStoreThread } from '../../store/threaded.ts';
import type { Command, Io } from '../command.ts';
import { demoConfiguration, emptyTenant, simulatedTenant } from './configuration.ts';
import { receiveHttp, receiveSyslog } from './receiver.ts';
import { Tally } from './tally.ts';

const receivers = ['cef', 'leef', 'json'] as const;
/** Detections are shown as they arrive for this long, then running totals. */
const showMs = 5000;
/** Messages shown of each format. */
const mostShown = 6;
const totalsEveryMs = 1000;
const roundTimeoutMs = 120_000;
/** As the demo's configuration has it: younger records are left to the next round. */
const settleMs = 1000;

/** A change of the simulated directory is known everywhere after at most this, ms: with Microsoft it takes longer. */
const directorySettleMs = 1000;

/** `defender-siem demo`: simulator, connector and receivers together; `--once` ends after the first round. */
export const demo: Command = {
  options: {
    once: { type: 'boolean' },
    seed: { type: 'string', default: '1' },
    provision: { type: 'boolean' },
  },
  help: [
    '  --once       ends after the first round',
    '  --provision  begins with a tenant that has no application: `provision` makes it first',
    '  --seed N     tells another world',
  ],
  async run({ io, options }) {
    const folder = mkdtempSync(join(tmpdir(), 'defender-siem-demo-'));
    const tally = new Tally(receivers);
    const show = createShow(io, tally);
    const tls = await createServerTls(join(folder, 'receiver'));
    const certificate = { cert: tls.certificate, key: tls.key };
    const listening = await Promise.all([
      receiveSyslog('cef', certificate, show),
      receiveSyslog('leef', certificate, show),
      receiveHttp('json', certificate, show),
    ]);
    const simulator = await startSimulator({
      seed: Number(options.seed),
      ratePerMinute: 240,
      historyAlerts: 60,
      historySpanMs: 6 * 3_600_000,
      hostileShare: 0.05,
      visibilityLagMs: 2000,
      registered: options.provision !== true,
      directorySettleMs,
      approveDeviceCodes: true,
      tlsDirectory: join(folder, 'simulator'),
      clock: systemClock,
    });
    try {
      const [cef, leef, json] = listening;
      const path = join(folder, 'defender-siem.yaml');
      const ports = { cef: cef.port, leef: leef.port, json: json.port };
      const tenant = options.provision === true ? emptyTenant(simulator) : simulatedTenant(simulator);
      writeFileSync(path, demoConfiguration(tenant, ports, tls.caFile), { mode: 0o600 });
      if (options.provision === true) {
        const exitCode = await provisionSimulated(path, io);
        if (exitCode !== 0) return exitCode;
      }
      const config = await loadNamedConfig(path, catalogue, io.env);
      const telemetry = new Telemetry();
      const log = createLog(config.log.level, io.terminal);
      await using store = await openStoreThread(config.store.path);
      await using app = await createApp(config, { store, telemetry, clock: systemClock, log });
      if (options.once === true) return await oneRound(app, simulator, telemetry, tally, io);
      await runOn(app, telemetry, tally, io);
      return 0;
    } finally {
      await Promise.all([simulator.close(), ...listening.map((receiver) => receiver.close())]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Runs the command `provision` as an administrator would; the simulated one confirms the code by themselves. */
async function provisionSimulated(path: string, io: Io): Promise<number> {
  io.out(`$ defender-siem provision --config ${basename(path)}`);
  // Imported here, since the command line knows the commands, and so this file.
  const { main } = await import('../../command-line.ts');
  return main(['provision', '--config', path], io);
}

/** Prints messages as they arrive, the first few of each format. */
function createShow(io: Io, tally: Tally): (receiver: string, message: string) => void {
  const untilMs = Date.now() + showMs;
  const shown = new Map<string, number>();
  return (receiver, message) => {
    const first = tally.add(receiver, message);
    const count = shown.get(receiver) ?? 0;
    if (!first || count >= mostShown || Date.now() > untilMs + showMs) return;
    shown.set(receiver, count + 1);
    io.out(`${receiver.toUpperCase().padEnd(4)} ${message}`);
  };
}

async function oneRound(
  app: App,
  simulator: Simulator,
  telemetry: Telemetry,
  tally: Tally,
  io: Io,
): Promise<number> {
  const startMs = systemClock.now();
  const published = simulator.control.published();
  const result = await app.once(AbortSignal.any([io.stop, AbortSignal.timeout(roundTimeoutMs)]));
  if (result.failure !== undefined) io.err(`defender-siem: ${messageOf(result.failure)}`);
  const missing = tally.missing(published, startMs - settleMs);
  for (const record of missing.slice(0, 10)) io.err(`missing: ${record}`);
  const accepted = [...telemetry.sources.values()].reduce((sum, source) => sum + source.accepted, 0);
  const undelivered = receivers.reduce((sum, name) => sum + Math.max(0, accepted - tally.distinct(name)), 0);
  io.out(totals(telemetry, tally, missing.length + undelivered));
  return result.failure === undefined && result.drained && missing.length + undelivered === 0 ? 0 : 1;
}

async function runOn(app: App, telemetry: Telemetry, tally: Tally, io: Io): Promise<void> {
  const printTotals = () => {
    if (!io.terminal) io.out(totals(telemetry, tally, undefined));
    else process.stderr.write(`\r\x1b[2K${totals(telemetry, tally, undefined)}`);
  };
  let timer: NodeJS.Timeout | undefined;
  const later = setTimeout(() => {
    timer = setInterval(printTotals, totalsEveryMs);
  }, showMs);
  await app.run(io.stop);
  clearTimeout(later);
  clearInterval(timer);
  io.out(`${io.terminal ? '\n' : ''}${totals(telemetry, tally, undefined)}`);
}

function totals(telemetry: Telemetry, tally: Tally, missing: number | undefined): string {
  const sources = [...telemetry.sources.values()];
  const collected = sources.reduce((sum, source) => sum + source.accepted, 0);
  const repeated = receivers.reduce((sum, name) => sum + tally.repeats(name), 0);
  const delivered = receivers.map((name) => `${name} ${tally.distinct(name)}`).join(', ');
  const own = tally.connectorEvents === 0 ? '' : `, ${tally.connectorEvents} of its own`;
  const lag = Math.max(0, ...[...telemetry.sinks.values()].map(({ lagMs }) => lagMs));
  const end =
    missing === undefined
      ? `lag ${(lag / 1000).toFixed(1)}s`
      : missing === 0
        ? 'none missing'
        : `${missing} MISSING`;
  return `collected ${collected}, repeated ${repeated}, delivered ${delivered}${own}, ${end}`;
}
