import { setTimeout as sleep } from 'node:timers/promises';

/** An object of the API. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** Version of the REST API that the calls are written for: QRadar 7.5 has it and later ones. */
const apiVersion = '17.0';
const pageSize = 1000;
const longestCallMs = 60_000;
const tries = 5;
const firstWaitMs = 500;

/** The REST API of a QRadar console, with the token of an authorised service. */
export class ConsoleApi {
  readonly #base: URL;
  readonly #token: string;

  constructor(console: URL, token: string) {
    this.#base = new URL('/api/', console);
    this.#token = token;
  }

  /** Returns every object of a list; `filter` in QRadar's words. Throws at an answer other than 200. */
  async list(path: string, fields: string, filter?: string): Promise<readonly ApiObject[]> {
    const found: ApiObject[] = [];
    for (;;) {
      const query = new URLSearchParams({ fields, ...(filter === undefined ? {} : { filter }) });
      const range = `items=${found.length}-${found.length + pageSize - 1}`;
      const page = (await this.#call(`${path}?${query}`, 200, { headers: { Range: range } })) as ApiObject[];
      found.push(...page);
      if (page.length < pageSize) return found;
    }
  }

  /** Makes an object and returns it. Throws at an answer other than 201. */
  async create(path: string, object: ApiObject): Promise<ApiObject> {
    const headers = { 'Content-Type': 'application/json' };
    return (await this.#call(path, 201, {
      method: 'POST',
      headers,
      body: JSON.stringify(object),
    })) as ApiObject;
  }

  async #call(path: string, wanted: number, init: RequestInit): Promise<unknown> {
    const headers = {
      ...init.headers,
      SEC: this.#token,
      Version: apiVersion,
      Accept: 'application/json',
    };
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(longestCallMs);
      // Not followed elsewhere: fetch would take the token along.
      const response = await fetch(new URL(path, this.#base), {
        ...init,
        headers,
        signal,
        redirect: 'manual',
      });
      const text = await response.text();
      if (response.status === wanted) return JSON.parse(text);
      // The console counts calls by the minute; what it refuses so has had no effect.
      if (response.status === 429 && attempt < tries) {
        await sleep(firstWaitMs * 2 ** attempt);
        continue;
      }
      const method = init.method ?? 'GET';
      throw new Error(
        `${method} /api/${path}: ${response.status} ${text.slice(0, 500)}${adviceOn(response.status)}`,
      );
    }
  }
}

function adviceOn(status: number): string {
  if (status === 401) return ': the token is not one of an authorised service, or was not deployed yet';
  if (status === 403) return ': the authorised service needs the user role Admin';
  return '';
}
