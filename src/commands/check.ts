import type { Finding } from '../app/live-check/report.ts';
import { catalogue } from '../catalogue.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import { failures } from '../errors.ts';
import { retirementOf } from '../identity/retirements.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { tableOf, tallyOf } from './check-table.ts';
import { type Command, configOption, type Io, textOption } from './command.ts';

/** `defender-siem check`: validates the configuration; `--live` and `--send-test` also try what it names. */
export const check: Command = {
  options: {
    ...configOption,
    live: { type: 'boolean' },
    'send-test': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  help: [
    '  --live       a table for each tenant: directory and cloud, tokens, permissions, credential, APIs, clocks, a record',
    '               of each source; and for each sink: name, connection, TLS and certificates, and whether it lets us in',
    '  --send-test  the same, and sends a test event to each sink',
    '  --json       prints each finding as a line of JSON: id, result, what, finding; advice and code where there are any',
    'Under each warning and failure stands what to do. Exit code 4: identity or permission; 5: an API or a sink.',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const path = findConfig(textOption(invocation, 'config'));
    const config = await loadNamedConfig(path, catalogue, io.env);
    const json = options.json === true;
    const { tenants, sources, sinks } = config;
    const valid = `valid: tenants ${tenants.length}, sources ${sources.length}, sinks ${sinks.length}`;
    report(io, json, { id: 'configuration', result: 'ok', what: path, finding: valid });
    const sendTest = options['send-test'] === true;
    if (options.live !== true && !sendTest) {
      for (const { name, type, tenant } of sources) {
        const finding = retirementOf(type);
        if (finding === undefined) continue;
        const id = `tenant.${tenant}.source.${name}.retirement`;
        report(io, json, { id, result: 'warning', what: `source ${name}`, finding });
      }
      return 0;
    }

    // Loaded for a look that takes seconds: a look at the file alone needs nothing of it.
    const { checkLive } = await import('../app/live-check/live-check.ts');
    const log = createLog(config.log.level === 'info' ? 'warn' : config.log.level, io.terminal);
    const coloured = io.colours === true && (io.env.NO_COLOR ?? '') === '';
    const all: Finding[] = [];
    for await (const checked of checkLive(config, { clock: systemClock, log, signal: io.stop, sendTest })) {
      all.push(...checked.findings);
      if (json) for (const finding of checked.findings) io.out(JSON.stringify(finding));
      else io.out(`\n${tableOf(checked, coloured)}`);
    }
    if (!json) io.out(`\n${tallyOf(all)}`);
    const first = all.find(({ code }) => code !== undefined)?.code;
    if (first !== undefined) return failures[first].exitCode;
    return io.stop.aborted ? failures.API_UNREACHABLE.exitCode : 0;
  },
};

function report(io: Io, json: boolean, finding: Pick<Finding, 'id' | 'result' | 'what' | 'finding'>): void {
  io.out(json ? JSON.stringify(finding) : `${finding.result}: ${finding.what}: ${finding.finding}`);
}
