import type { ClientRequest } from 'node:http';
import type { AgentOptions } from 'node:https';
import { checkServerIdentity, type SecureContext } from 'node:tls';
import type { HttpsProxyAgent } from 'https-proxy-agent';
import type { TlsMaterial } from '../fields/tls.ts';
import { loadPackage } from '../runtime/packages.ts';

/** Status that the proxy gave to a CONNECT which it did not open, by request. */
const refusals = new WeakMap<object, number>();

/** What a TLS connection needs, with its certificates read already where they can be. */
export type AgentTls = TlsMaterial & { readonly secureContext?: SecureContext };

/** Tunnels through a CONNECT proxy, https and plain http alike, with our TLS at the far end. */
export type TunnelAgent = InstanceType<ReturnType<typeof makeTunnelAgentClass>>;

let tunnelAgentClass: ReturnType<typeof makeTunnelAgentClass> | undefined;

/** Returns an agent that goes through `proxy`. Its library is loaded with the first: few have a proxy. */
export function createTunnelAgent(proxy: string, agentOptions: AgentOptions, tls: AgentTls): TunnelAgent {
  tunnelAgentClass ??= makeTunnelAgentClass();
  return new tunnelAgentClass(proxy, agentOptions, tls);
}

/**
 * The library's own agent hands the TLS options to the proxy's connection only, checks an address's certificate against
 * `localhost`, and passes the proxy's refusal on as if the far end had answered.
 */
function makeTunnelAgentClass() {
  const { HttpsProxyAgent } = loadPackage('https-proxy-agent') as typeof import('https-proxy-agent');
  return class extends HttpsProxyAgent<string> {
    readonly #tls: AgentTls;

    constructor(proxy: string, agentOptions: AgentOptions, tls: AgentTls) {
      super(proxy, agentOptions);
      this.#tls = tls;
    }

    override connect(
      request: ClientRequest,
      options: Parameters<HttpsProxyAgent<string>['connect']>[1],
    ): ReturnType<HttpsProxyAgent<string>['connect']> {
      request.once('proxyConnect', (answer: { readonly statusCode: number }) => {
        if (answer.statusCode !== 200) refusals.set(request, answer.statusCode);
      });
      if (!options.secureEndpoint) return super.connect(request, options);
      // Node gives an empty server name for an address, which has none in TLS (RFC 6066 §3).
      const host = this.#tls.servername || options.servername || options.host || '';
      return super.connect(request, {
        ...options,
        ...this.#tls,
        checkServerIdentity: (_host, certificate) => checkServerIdentity(host, certificate),
      });
    }
  };
}

/** Returns the status with which the proxy refused this request's tunnel; undefined when it opened one. */
export function tunnelRefusal(request: unknown): number | undefined {
  return typeof request === 'object' && request !== null ? refusals.get(request) : undefined;
}
