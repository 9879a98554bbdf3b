import { AsyncLocalStorage } from 'node:async_hooks';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { ConnectorError } from '../errors.ts';
import type { HttpClient, HttpResponse } from '../http/client.ts';

/**
 * msal's way to the network, over our client: private roots and the proxy hold for tokens too. It remembers how the
 * last exchange ended, since msal's own errors keep neither the status nor Entra ID's ids.
 */
export class MsalNetwork implements INetworkModule {
  readonly #http: HttpClient;
  readonly #signal: AbortSignal;
  readonly #authority: string | undefined;
  /** The last answer; undefined when the last exchange brought none. */
  answer: HttpResponse | undefined;
  /** Why the last exchange brought no answer, and where it went. */
  failure: { readonly error: unknown; readonly url: string } | undefined;
  /** What was sent that must never be told: msal makes assertions of its own, and reads what a platform wants to see. */
  readonly secrets = new Set<string>();

  /** `authority`: the only origin that credentials are posted to; undefined for a managed identity's local endpoint. */
  constructor(http: HttpClient, signal: AbortSignal, authority: string | undefined) {
    this.#http = http;
    this.#signal = signal;
    this.#authority = authority;
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#exchange<T>('GET', url, options);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#exchange<T>('POST', url, options);
  }

  async #exchange<T>(
    method: 'GET' | 'POST',
    url: string,
    options?: NetworkRequestOptions,
  ): Promise<NetworkResponse<T>> {
    this.answer = undefined;
    this.failure = undefined;
    for (const secret of secretsIn(options)) this.secrets.add(secret);
    try {
      if (method === 'POST' && this.#authority !== undefined && URL.parse(url)?.origin !== this.#authority) {
        throw new ConnectorError(
          'IDENTITY_REFUSED',
          `the authority ${this.#authority} names a token endpoint elsewhere (${URL.parse(url)?.origin ?? 'no URL'}): no credential is sent there`,
        );
      }
      const answer = await this.#http.request(
        {
          method,
          url,
          ...(options?.headers === undefined ? {} : { headers: options.headers }),
          ...(options?.body === undefined ? {} : { body: options.body }),
        },
        this.#signal,
      );
      this.answer = answer;
      // Not JSON: msal sees an empty answer and fails, and what failed is told from `answer`.
      return { headers: { ...answer.headers }, status: answer.status, body: parseOrEmpty(answer.body) };
    } catch (error) {
      if (this.answer === undefined) this.failure = { error, url };
      throw error;
    }
  }
}

/** Headers and fields that prove who asks (reference §2.1): of each platform, and of the token endpoint. */
const secretHeaders = ['x-identity-header', 'secret', 'authorization'];
const secretFields = ['client_secret', 'client_assertion'];

function secretsIn(options: NetworkRequestOptions | undefined): readonly string[] {
  const headers = Object.entries(options?.headers ?? {}).filter(([name]) =>
    secretHeaders.includes(name.toLowerCase()),
  );
  const form = new URLSearchParams(options?.body ?? '');
  return [
    ...headers.map(([, value]) => value.replace(/^Basic\s+/i, '')),
    ...secretFields.flatMap((field) => form.getAll(field)),
  ];
}

const current = new AsyncLocalStorage<MsalNetwork>();

/** Hands each exchange to the network of the request that it belongs to. */
const routed: INetworkModule = {
  sendGetRequestAsync: (url, options) => networkNow().sendGetRequestAsync(url, options),
  sendPostRequestAsync: (url, options) => networkNow().sendPostRequestAsync(url, options),
};

/**
 * Runs a managed identity's request with a network of its own. msal keeps the first network that it was given for all
 * managed identities of the process: it is given one that finds its way by the caller.
 */
export function withNetwork<T>(
  network: MsalNetwork,
  request: (networkClient: INetworkModule) => Promise<T>,
): Promise<T> {
  return current.run(network, () => request(routed));
}

function networkNow(): MsalNetwork {
  const network = current.getStore();
  if (network === undefined)
    throw new ConnectorError('BUG', 'msal called the network outside of a token request');
  return network;
}

/** `JSON.parse` has no type of its own, as little as what msal expects of it. */
function parseOrEmpty<T>(body: string): T {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    return JSON.parse('{}');
  }
}
