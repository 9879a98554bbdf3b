import { ConnectorError } from '../errors.ts';
import type { Instant } from '../fields/instant.ts';
import { recordOf } from '../normalise/index.ts';
import { type AnswerEnd, splitResponse } from '../normalise/split-response.ts';
import type { ApiRecordKind, SourceRecord } from '../record.ts';
import type { Page } from './source.ts';
import type { ReadAnswer } from './source-type.ts';

/** What is behind a page. */
export type PageEnd = Pick<Page, 'next' | 'cut'>;

/** The page in an answer: records are cut out of its bytes and parsed as they are taken, so that it never is all objects. */
export class AnsweredPage implements Page {
  readonly records: Iterable<SourceRecord>;
  readonly partial: boolean;
  readonly asOf: Instant | undefined;
  #end: PageEnd | undefined;

  /** `endOf` tells what is behind the page from what its answer held. */
  constructor(kind: ApiRecordKind, answer: ReadAnswer, endOf: (answer: AnswerEnd) => PageEnd) {
    this.partial = answer.partial;
    this.asOf = answer.asOf;
    this.records = this.#walk(kind, answer, endOf);
  }

  get next(): string | undefined {
    return this.#ended().next;
  }

  get cut(): boolean {
    return this.#ended().cut;
  }

  *#walk(
    kind: ApiRecordKind,
    answer: ReadAnswer,
    endOf: (answer: AnswerEnd) => PageEnd,
  ): Generator<SourceRecord, void, undefined> {
    const records = splitResponse(answer.bytes);
    try {
      for (;;) {
        const { done, value } = records.next();
        if (done) {
          this.#end = endOf(value);
          return;
        }
        yield recordOf(kind, value.json, value.parsed);
      }
    } finally {
      answer.release();
    }
  }

  #ended(): PageEnd {
    if (this.#end === undefined) throw new ConnectorError('BUG', 'a page is not known before it was walked');
    return this.#end;
  }
}
