import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../src/app/health.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { createAuthority } from '../support/certificates.ts';
import { runInProcess, startInProcess } from '../support/in-process.ts';
import { type Ended, ProgramProcess } from '../support/program-process.ts';
import type { Scenario } from './scenario.ts';
import { lookAtCommands } from './secret-commands.ts';
import { type Mode, modes } from './secret-modes.ts';
import { SecretRig, type SecretSetting } from './secret-rig.ts';
import type { Findings, Told } from './secret-search.ts';

/** A mode that has not failed by then proves nothing, ms. */
const longestWaitMs = 150_000;
/** Without a proxy, a minute of tries goes before the status tells of it: the short form looks at the tries alone, ms. */
const triesMs = 3_000;

/** Every secret that a connector and its commands hold, looked for in all that they say and keep, in every way to fail. */
export const scenario: Scenario = {
  name: 'secrets',
  promise: 'no secret in a log, an error, the store, the process list, the status, the metrics or their page',
  async run({ seed, long }) {
    const simulator = await startSimulator({
      seed,
      ratePerMinute: 0,
      historyAlerts: 20,
      historySpanMs: 3_600_000,
      clock: systemClock,
    });
    const certificates = createAuthority();
    const setting = { simulator, certificates, server: certificates.issue('127.0.0.1') };
    const capture = captureStandardError();
    const failInModes = async () => {
      const findings: Findings[] = [];
      for (const mode of modes) {
        const child = long || mode.sabotage !== undefined || mode.name === childMode;
        findings.push(
          await (child ? failInChild(mode, setting, long) : failInProcess(mode, setting, long, capture.text)),
        );
      }
      return findings;
    };
    let findings: readonly Findings[];
    try {
      const commands = lookAtCommands({ setting, seed, log: capture.text }, long);
      findings = (await Promise.all([failInModes(), commands])).flat();
    } finally {
      capture.end();
      await simulator.close();
    }
    const sum = (count: (one: Findings) => number) => findings.reduce((all, one) => all + count(one), 0);
    const broken = findings.flatMap((one) => one.broken);
    return {
      figures: {
        modes: findings.length,
        secrets: sum(({ secrets }) => secrets),
        bytesRead: sum(({ bytes }) => bytes),
        found: broken.length,
      },
      broken,
    };
  },
};

/** The mode that the short form, too, shows in a process of its own. */
const childMode = 'sinks refuse';

async function failInProcess(
  mode: Mode,
  setting: SecretSetting,
  long: boolean,
  errors: () => string,
): Promise<Findings> {
  await using rig = await SecretRig.open(mode, setting);
  const before = errors().length;
  const running = startInProcess(['run', '--config', rig.config]);
  const seen = await look(mode, rig, long, running.ended);
  running.send('SIGTERM');
  const { stdout, stderr } = await running.ended;
  return rig.look([['output', stdout + stderr], ['log', errors().slice(before)], ...seen, ...rig.stored()]);
}

async function failInChild(mode: Mode, setting: SecretSetting, long: boolean): Promise<Findings> {
  await using rig = await SecretRig.open(mode, setting);
  const { sabotage } = mode;
  const module = `data:text/javascript,${encodeURIComponent(sabotage ?? '')}`;
  await using program = new ProgramProcess(['run', '--config', rig.config], { node: ['--import', module] });
  const commandLine = readFileSync(`/proc/${program.pid}/cmdline`, 'utf8');
  const seen = sabotage === undefined ? await look(mode, rig, long, program.ended()) : [];
  if (sabotage === undefined) program.kill('SIGTERM');
  const { code, stdout, stderr } = await program.ended();
  const told: Told = [
    ['output and log', stdout + stderr],
    ['command line', commandLine],
    ...seen,
    ...rig.stored(),
  ];
  const findings = rig.look(told);
  if (code === (sabotage === undefined ? 0 : 70)) return findings;
  return {
    ...findings,
    broken: [...findings.broken, `${mode.name}: exit code ${code}: ${stderr.slice(-300)}`],
  };
}

/** Waits until it has failed as it is meant to, and reads all that can be asked of it then. */
async function look(mode: Mode, rig: SecretRig, long: boolean, ended: Promise<Ended>): Promise<Told> {
  let early: Ended | undefined;
  void ended.then((how) => {
    early = how;
  });
  const triesOnly = mode.proxied === true && !long;
  const untilMs = performance.now() + (triesOnly ? triesMs : longestWaitMs);
  while (!(await hasFailed(mode, rig))) {
    await sleep(50);
    if (early !== undefined) throw new Error(`${mode.name}: it ended, ${early.code}: ${early.stderr}`);
    if (performance.now() < untilMs) continue;
    if (triesOnly) break;
    throw new Error(`${mode.name}: it never failed as it is meant to`);
  }
  const get = async (path: string) =>
    [path, await fetch(`http://${rig.admin}${path}`).then((answer) => answer.text())] as const;
  const pages = await Promise.all(['/metrics', '/status', '/', '/readyz'].map(get));
  const text = await runInProcess(['status', '--config', rig.config]);
  const json = await runInProcess(['status', '--json', '--config', rig.config]);
  return [...pages, ['status', text.stdout + text.stderr], ['status --json', json.stdout + json.stderr]];
}

async function hasFailed({ failing = 'sinks', echo }: Mode, rig: SecretRig): Promise<boolean> {
  const health = await fetch(`http://${rig.admin}/status`).then(
    async (answer) => (await answer.json()) as Health,
    () => undefined,
  );
  if (health === undefined) return false;
  if (echo !== undefined) return (rig.asked() ?? 0) >= 3;
  if (failing === 'nothing more') return health.sources.every(({ healthy }) => healthy);
  // Syslog fails only when its peer, which speaks HTTP, hangs up on more than it has read: sooner, later or never.
  const spokenTo = health.sinks.filter(({ type }) => type !== 'syslog');
  if (failing === 'sinks') return spokenTo.every(({ problem }) => problem !== '');
  return health.sources.every(({ problem }) => !/^$|has not been read/.test(problem));
}

/** What commands that run in this process log, which goes to its standard error. */
function captureStandardError(): { readonly text: () => string; readonly end: () => void } {
  const { stderr } = process;
  const usual = stderr.write;
  let captured = '';
  stderr.write = (chunk: string | Uint8Array) => {
    captured += String(chunk);
    return true;
  };
  return {
    text: () => captured,
    end: () => {
      stderr.write = usual;
    },
  };
}
