import { stringify } from 'yaml';
import { ConnectorError, messageOf } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { type Command, type Invocation, textOption } from './command.ts';
import { emptyTenant, simulatedTenant } from './demo/configuration.ts';

/** `defender-siem simulate`: the simulator alone, until SIGTERM or SIGINT; prints the configuration that leads to it. */
export const simulate: Command = {
  options: {
    port: { type: 'string', default: '8443' },
    'tls-dir': { type: 'string' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '12' },
    history: { type: 'string', default: '100' },
    empty: { type: 'boolean' },
  },
  help: [
    '  --port PORT       where Entra ID and the Graph and Defender APIs listen (8443); the SIEM API and',
    '                    the managed identities (plain HTTP) are on the next two',
    '  --rate NUMBER     new alerts a minute (12)',
    '  --history NUMBER  alerts of the last day that are there at the start (100)',
    '  --empty           a tenant without an application, for `provision`; device codes confirm themselves',
    '  --seed NUMBER     another number, another world (1)',
    '  --tls-dir DIR     where the throw-away certificates are kept, to use them again; by default a new folder',
  ],
  async run(invocation) {
    const { io } = invocation;
    const tlsDirectory = textOption(invocation, 'tls-dir');
    const empty = invocation.options.empty === true;
    const simulator = await start({
      port: numberOption(invocation, 'port'),
      seed: numberOption(invocation, 'seed'),
      ratePerMinute: numberOption(invocation, 'rate'),
      historyAlerts: numberOption(invocation, 'history'),
      historySpanMs: 86_400_000,
      clock: systemClock,
      registered: !empty,
      approveDeviceCodes: empty,
      ...(tlsDirectory === undefined ? {} : { tlsDirectory }),
    });
    io.out(
      empty
        ? '# A configuration for this simulator; `provision` gives its tenant an application.'
        : '# A configuration that reads this simulator; its secret is worth nothing elsewhere.',
    );
    io.out(
      stringify({
        tenants: [empty ? emptyTenant(simulator) : simulatedTenant(simulator)],
        sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'simulated', every: '10s' }],
        sinks: [{ name: 'out', type: 'stdout', format: 'cef' }],
      }).trimEnd(),
    );
    io.err(
      `the simulator listens at ${simulator.endpoints.graph}; its controls are under /_control/; Ctrl-C ends it`,
    );
    if (!io.stop.aborted)
      await new Promise((resolve) => io.stop.addEventListener('abort', resolve, { once: true }));
    await simulator.close();
    return 0;
  },
};

async function start(options: Parameters<typeof startSimulator>[0]): ReturnType<typeof startSimulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    const message = `the simulator cannot listen on port ${options.port} and the next two: ${messageOf(error)}; choose another --port`;
    throw new ConnectorError('ARGUMENTS_INVALID', message, { cause: error });
  }
}

function numberOption(invocation: Invocation, name: string): number {
  const text = textOption(invocation, name) ?? '';
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new ConnectorError('ARGUMENTS_INVALID', `--${name} ${text}: must be a number, 0 or more`);
}
