import { checkLive } from '../app/live-check.ts';
import { retirementOf } from '../app.ts';
import { findConfig, loadConfig } from '../config/load.ts';
import { ConnectorError, failures } from '../errors.ts';
import { parts } from '../parts.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { type Command, configOption, textOption } from './command.ts';

const tryForMs = 120_000;

/** `defender-siem check`: validates the configuration; `--live` and `--send-test` also try what it names. */
export const check: Command = {
  options: {
    ...configOption,
    live: { type: 'boolean' },
    'send-test': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  help: [
    '  --live       gets a token for each tenant, reads one record of each source, opens each sink',
    '  --send-test  also sends a test event to each sink',
    '  --json       prints each finding as a line of JSON',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const path = findConfig(textOption(invocation, 'config'));
    const config = loadConfig(path, parts, io.env);
    const report = (kind: 'ok' | 'warning' | 'failed', what: string, finding: string) =>
      io.out(
        options.json === true
          ? JSON.stringify({ result: kind, what, finding })
          : `${kind}: ${what}: ${finding}`,
      );

    const { tenants, sources, sinks } = config;
    report('ok', path, `valid: tenants ${tenants.length}, sources ${sources.length}, sinks ${sinks.length}`);
    for (const { name, type } of sources) {
      const notice = retirementOf(type);
      if (notice !== undefined) report('warning', `source ${name}`, notice);
    }
    const sendTest = options['send-test'] === true;
    if (options.live !== true && !sendTest) return 0;

    let exitCode = 0;
    const log = createLog(config.log.level === 'info' ? 'warn' : config.log.level, io.terminal);
    const signal = AbortSignal.any([io.stop, AbortSignal.timeout(tryForMs)]);
    for await (const { what, finding, failure } of checkLive(config, {
      clock: systemClock,
      log,
      signal,
      sendTest,
    })) {
      report(failure === undefined ? 'ok' : 'failed', what, finding);
      if (failure !== undefined && exitCode === 0) exitCode = exitCodeOf(failure);
    }
    return exitCode;
  },
};

function exitCodeOf(failure: unknown): number {
  return failure instanceof ConnectorError ? failure.exitCode : failures.API_UNREACHABLE.exitCode;
}
