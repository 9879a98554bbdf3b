import { stringify } from 'yaml';
import type { Simulator } from '../../simulator/simulator.ts';

/** Where the demo's receivers listen, by the sink that delivers to them. */
export interface ReceiverPorts {
  readonly cef: number;
  readonly leef: number;
  readonly json: number;
}

/** The name of the simulated tenant in a configuration. */
const simulatedName = 'simulated';

/** The tenant entry that leads to a simulator, as it stands in a configuration. */
export function simulatedTenant(simulator: Pick<Simulator, 'credentials' | 'endpoints' | 'caFile'>) {
  const { clientId, clientSecret } = simulator.credentials;
  return { ...emptyTenant(simulator), auth: { clientId, clientSecret } };
}

/** The same without an identity: `provision` is still to write it. */
export function emptyTenant(simulator: Pick<Simulator, 'credentials' | 'endpoints' | 'caFile'>) {
  const { tenantId } = simulator.credentials;
  return {
    name: simulatedName,
    id: tenantId,
    endpoints: simulator.endpoints,
    tls: { ca: simulator.caFile },
  };
}

/** Returns the demo's configuration file for a tenant entry: an ordinary one, that any user could have written. */
export function demoConfiguration(tenant: object, ports: ReceiverPorts, receiverCa: string): string {
  const syslog = { type: 'syslog', host: '127.0.0.1', transport: 'tls', tls: { ca: receiverCa } };
  const source = { tenant: simulatedName, since: '24h' };
  return stringify({
    store: { path: './state.db' },
    tenants: [tenant],
    sources: [
      { name: 'graph-alerts', type: 'graph-alerts', every: '2s', ...source },
      { name: 'endpoint-alerts', type: 'alerts', every: '5s', ...source },
      { name: 'detections', type: 'detections', every: '20s', ...source },
    ],
    sinks: [
      { name: 'cef', ...syslog, port: ports.cef, format: 'cef' },
      { name: 'leef', ...syslog, port: ports.leef, format: 'leef' },
      {
        name: 'json',
        type: 'http',
        url: `https://127.0.0.1:${ports.json}/`,
        format: 'json',
        gzip: true,
        tls: { ca: receiverCa },
      },
    ],
    log: { level: 'error' },
  });
}
