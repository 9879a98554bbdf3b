import type { Instant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';

/** A closed span of update times: from `from`, up to but not including `to`. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** One answer of an API. */
export interface Page {
  readonly records: readonly SourceRecord[];
  /** The link to the next page, verbatim; undefined on the last. */
  readonly next: string | undefined;
}

/** How one API is asked for windows and pages; all the rest is the collector's. */
export interface WindowedApi {
  /** Reads the first page of a window, or the page that `link`, an earlier page's `next`, leads to. */
  read(request: { readonly window: Window; readonly link?: string }, signal: AbortSignal): Promise<Page>;
  /** Records that one page holds at most: a window that fits in one page is read in one piece, and nothing can shift. */
  readonly pageSize: number;
}
