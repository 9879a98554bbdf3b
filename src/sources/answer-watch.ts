import type { SourceRecord } from '../record.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import type { SpanSummary } from './span-reader.ts';

/** What a watch over answers is made of. */
export interface AnswerWatchOptions {
  readonly source: string;
  readonly tenant?: string;
  readonly blindSpots?: BlindSpots;
  readonly log?: Log;
  readonly onUnknownShape?: (records: readonly SourceRecord[]) => void;
}

/** Tells when the answers of a source begin or end to lack parts, or to hold records whose shape is not known. */
export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  #strange = false;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
  }

  /** Told of records whose shape is not known, the first time that each is met. */
  strange(records: readonly SourceRecord[]): void {
    const { source, blindSpots, log = silentLog, onUnknownShape } = this.#options;
    onUnknownShape?.(records);
    const message =
      'records came without the id or the update time of their kind: they are delivered whole as JSON, and mapped as far as they go; look whether the API has changed';
    if (!this.#strange) log.warn({ ...this.#subject(), records: records.length }, message);
    this.#strange = true;
    blindSpots?.open('unknown-shape', this.#subject(), `${source}: ${message}`);
  }

  /** Told what a run came to. */
  answered({ partial, strange, read }: SpanSummary): void {
    const { source, blindSpots } = this.#options;
    const message = `${source}: the API says that its answers lack a part: what lacks is read as soon as it comes; if it stays, look at the service health of Microsoft Defender`;
    if (partial) blindSpots?.open('partial-answer', this.#subject(), message);
    else blindSpots?.close('partial-answer', this.#subject());
    if (strange > 0 || read === 0) return;
    this.#strange = false;
    blindSpots?.close('unknown-shape', this.#subject());
  }

  #subject() {
    const { source, tenant } = this.#options;
    return { source, ...(tenant === undefined ? {} : { tenant }) };
  }
}
