import { statSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import { readTlsMaterial, secureContextOf, type TlsMaterial, type TlsOptions } from '../fields/tls.ts';
import { type AgentTls, createTunnelAgent, type TunnelAgent } from './proxy-agent.ts';

/** Many tenants share an agent: one that hangs keeps its connection, and must not use up those of the others. */
const pool: AgentOptions = { keepAlive: true, maxSockets: 1024, maxFreeSockets: 32 };

/** Keeps connections to servers, over TLS as it is configured now. */
export interface Agents {
  /** Returns the agent to use for the next exchange: a new one when a TLS file has changed since. */
  current(): Agent | TunnelAgent;
  close(): void;
}

/** Returns kept-alive agents, direct or through `proxy`. Throws CONFIG_INVALID when a TLS file cannot be read. */
export function createAgents(tls: TlsOptions | undefined, proxy: string | undefined): Agents {
  let stamp = stampOf(tls);
  let agent = agentFor(readTlsMaterial(tls), proxy);
  return {
    current() {
      const newStamp = stampOf(tls);
      if (newStamp === stamp) return agent;
      const material = usableMaterial(tls);
      if (material === undefined) return agent;
      closeIdle(agent);
      agent = agentFor(material, proxy);
      stamp = newStamp;
      return agent;
    },
    close: () => agent.destroy(),
  };
}

function agentFor(material: TlsMaterial, proxy: string | undefined): Agent | TunnelAgent {
  const tls = withContext(material);
  return proxy === undefined ? new Agent({ ...pool, ...tls }) : createTunnelAgent(proxy, pool, tls);
}

/**
 * Makes the certificates' context once for all connections. What does not fit together is left as it is, for the
 * connection to fail and say why.
 */
function withContext(material: TlsMaterial): AgentTls {
  const { rejectUnauthorized, servername } = material;
  try {
    const secureContext = secureContextOf(material);
    return { rejectUnauthorized, ...(servername === undefined ? {} : { servername }), secureContext };
  } catch {
    return material;
  }
}

/** While files are being replaced one by one they may not fit together: the old ones go on until they do. */
function usableMaterial(tls: TlsOptions | undefined): TlsMaterial | undefined {
  try {
    const material = readTlsMaterial(tls);
    secureContextOf(material);
    return material;
  } catch {
    return undefined;
  }
}

function stampOf(tls: TlsOptions | undefined): string {
  const files = [tls?.ca, tls?.cert, tls?.key].filter((path) => path !== undefined);
  return files
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '' : `${stat.mtimeMs} ${stat.ino} ${stat.size}`))
    .join(';');
}

/** Connections in use end by themselves; those that wait would be used with the old files for ever. */
function closeIdle(agent: Agent | TunnelAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
