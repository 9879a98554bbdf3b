import type { Instant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';

/** Microsoft keeps alerts for 180 days (API reference §4.1): what was updated before cannot be read any more. */
export const apiRetentionMs = 180 * 86_400_000;

/** A closed span of update times: from `from`, up to but not including `to`. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** `live` reads what has just happened; `backlog` reads the past, and waits where both want the quota. */
export type ReadPriority = 'live' | 'backlog';

/** One page to read: the first of its window, or the one that an earlier page's `next` leads to. */
export interface ReadRequest {
  readonly window: Window;
  readonly link?: string;
  readonly priority: ReadPriority;
  /** True for a window that cannot be halved: the API is then asked without a bound on the records. */
  readonly indivisible?: boolean;
  /** Records asked for in one answer, at most the API's own page size, which it is when not given. */
  readonly pageSize?: number;
  /** So many of the list's first records are left out: up to the API's `furthestSkip`. */
  readonly skip?: number;
  /** True for records without the parts that `readOne` brings (evidence): names them where whole ones fail. */
  readonly bare?: boolean;
  /** True for a read that finds out what can be read at all: it gives up early. */
  readonly brief?: boolean;
}

/** One answer of an API. */
export interface Page {
  /**
   * The records, each read as it is taken: to be walked once. The walk throws a `ConnectorError` where the answer turns
   * out to be broken.
   */
  readonly records: Iterable<SourceRecord>;
  /** The link to the next page, verbatim; undefined on the last. Known once the records were walked to their end. */
  readonly next: string | undefined;
  /**
   * True when the API left records out and offers no link to them: the window must be read in smaller pieces. Known
   * once the records were walked to their end.
   */
  readonly cut: boolean;
  /** True when the API says that a provider behind it did not answer: the window must be read again. */
  readonly partial: boolean;
  /** The API's own clock when it answered; undefined when it does not tell. What it writes later is not in the page. */
  readonly asOf?: Instant | undefined;
}

/** How one API is asked for windows and pages; all the rest is the collector's. */
export interface WindowedApi {
  /** Throws a `ConnectorError` when there is no usable answer after the client's own retries. */
  read(request: ReadRequest, signal: AbortSignal): Promise<Page>;
  /** Records that one page holds at most: a window that fits in one page is read in one piece, and nothing can shift. */
  readonly pageSize: number;
  /** How far `skip` reaches; undefined where the list cannot be entered in the middle. */
  readonly furthestSkip?: number;
  /** Reads one object whole, briefly; undefined when it is gone. There where a list can be `bare`. */
  readOne?(id: string, priority: ReadPriority, signal: AbortSignal): Promise<SourceRecord | undefined>;
}
