import { createTrustedTime } from '../app/trusted-time.ts';
import { createApp, type RoundResult } from '../app.ts';
import { catalogue } from '../catalogue.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { parseDuration } from '../fields/duration.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { showProgress } from '../runtime/progress.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { openStoreThread } from '../store/threaded.ts';
import { type Command, configOption, textOption } from './command.ts';

const notAllDelivered = 3;

/** `defender-siem once`: one round of every source, drains every sink, ends; `--audit` audits each source too. */
export const once: Command = {
  options: {
    ...configOption,
    timeout: { type: 'string', default: '5m' },
    audit: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  help: [
    '  --timeout TIME  ends after this time, such as 30s (5m); what is left, the next round delivers: exit code 3',
    '  --audit         also compares what the APIs show with what was accepted, and fetches what is missing',
    '  --json          prints the counts of each source and sink as one line of JSON',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const timeout = textOption(invocation, 'timeout') ?? '5m';
    const timeoutMs = parseDuration(timeout);
    if (timeoutMs === undefined) {
      throw new ConnectorError(
        'ARGUMENTS_INVALID',
        `--timeout ${timeout}: write a number and s, m or h, such as 5m`,
      );
    }
    const config = await loadNamedConfig(findConfig(textOption(invocation, 'config')), catalogue, io.env);
    const log = createLog(config.log.level, io.terminal);
    const telemetry = new Telemetry();
    await using store = await openStoreThread(config.store.path);
    await using app = await createApp(config, { store, telemetry, clock: systemClock, log });
    const stopProgress = showProgress(telemetry, io.terminal);
    const result = await app.once(AbortSignal.any([io.stop, AbortSignal.timeout(timeoutMs)]), {
      audit: options.audit === true,
    });
    stopProgress();
    await store.prune((await createTrustedTime(store, systemClock)()) - config.store.retention);
    // Where events go to standard output, nothing else may: the reader would take it for one.
    const tell = config.sinks.some(({ type }) => type === 'stdout') ? io.err : io.out;
    tell(options.json === true ? summaryJson(telemetry, result) : telemetry.summary());
    return exitCode(result, (line) => io.err(line));
  },
};

function summaryJson(telemetry: Telemetry, { drained }: RoundResult): string {
  return JSON.stringify({
    drained,
    sources: Object.fromEntries(telemetry.sources),
    sinks: Object.fromEntries(telemetry.sinks),
  });
}

function exitCode({ failure, drained }: RoundResult, err: (line: string) => void): number {
  if (failure instanceof ConnectorError) {
    err(`defender-siem: ${messageOf(failure)}`);
    return failure.exitCode;
  }
  if (failure !== undefined) throw failure;
  if (!drained)
    err(
      'defender-siem: the time was over with something unread or left in the journal; the next round goes on there, a longer --timeout takes it further',
    );
  return drained ? 0 : notAllDelivered;
}
