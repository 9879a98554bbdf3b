/** What an API is asked, taken apart. */
export interface ApiRequest {
  readonly method: string;
  /** As called: `https://host:port`. */
  readonly origin: string;
  /** Path as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The world's time at arrival, ms since 1970. */
  readonly now: number;
  /** The clock's time at arrival, by which tokens and quotas live, ms since 1970. */
  readonly clock: number;
  /** How the answer's paging shall be wrong, when a fault says so. */
  readonly twist: PagingTwist | undefined;
  /** A fresh GUID: the answer's correlation id. */
  readonly requestId: string;
}

/** What comes back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns an answer with `value` as its JSON. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return rawJsonAnswer(status, JSON.stringify(value), headers);
}

/** Returns an answer whose body is JSON text already. */
export function rawJsonAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

/** Faults in what an answer says of the next page, which only the API itself can play. */
export type PagingTwist = 'foreign-next-link' | 'expired-next-link' | 'duplicate-across-pages' | 'empty-page';
