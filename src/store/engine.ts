import type { Block } from './journal.ts';
import type { AcceptedPage, PageRequest } from './page.ts';
import type { Store, StoreReader } from './store.ts';

/** A store as SQLite's side tells it, by blocks and pages; `store-over.ts` makes entries and records of them. */
export interface ReadingEngine extends Omit<StoreReader, 'readJournal'> {
  /**
   * Returns the blocks with positions behind `after`, in order: until they hold `maxRows` of those or `maxBytes` bytes,
   * but at least one if any.
   */
  readBlocks(after: number, maxRows: number, maxBytes: number): Promise<readonly Block[]>;
}

/** As `Store`, by blocks and pages. Its arguments and results can go from thread to thread. */
export interface StoreEngine extends ReadingEngine, Omit<Store, keyof StoreReader | 'accept'> {
  /** `Store.accept` of a page. */
  acceptPage(request: PageRequest): Promise<AcceptedPage>;
  /**
   * Begins several calls of this engine, such as pages and acknowledgements, with one wait for the disk; returns what
   * they return. When the disk has no room for all of them at once, each is made alone.
   */
  together(calls: readonly (() => Promise<unknown>)[]): readonly Promise<unknown>[];
}
