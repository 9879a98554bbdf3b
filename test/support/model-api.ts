import type { Instant } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import type { Page, ReadRequest, WindowedApi } from '../../src/sources/source.ts';

/** An alert of the model. */
export interface ModelAlert {
  readonly id: string;
  readonly created: number;
  updated: Instant;
}

/** A live list as Microsoft's APIs keep it: newest created first, paged by position, changing between pages. */
export class ModelApi implements WindowedApi {
  readonly alerts: ModelAlert[] = [];
  readonly requests: ReadRequest[] = [];
  readonly pageSize: number;
  readonly style: 'links' | 'cuts';
  /** Only lists with links can be entered in the middle. */
  readonly furthestSkip?: number;
  /** Present when objects can be asked for by id; it goes wrong by throwing. */
  readOne?: (id: string) => Promise<SourceRecord | undefined>;
  beforeRead: () => void = () => {};
  /** Called with what is about to be answered; it goes wrong by throwing. */
  beforeAnswer: (shown: readonly ModelAlert[], request: ReadRequest) => void = () => {};
  #created = 0;

  constructor(pageSize: number, style: 'links' | 'cuts' = 'links') {
    this.pageSize = pageSize;
    this.style = style;
    if (style === 'links') this.furthestSkip = 500;
  }

  add(updated: Instant): void {
    this.alerts.push({ id: `a${this.alerts.length}`, created: this.#created++, updated });
  }

  update(index: number, updated: Instant): void {
    const alert = this.alerts[index % Math.max(1, this.alerts.length)];
    if (alert !== undefined) alert.updated = updated;
  }

  async read(request: ReadRequest): Promise<Page> {
    this.requests.push(request);
    this.beforeRead();
    const { from, to } = request.window;
    const pageSize = Math.min(request.pageSize ?? this.pageSize, this.pageSize);
    const matching = this.alerts
      .filter(({ updated }) => updated >= from && updated < to)
      .sort((a, b) => b.created - a.created);
    if (this.style === 'cuts') {
      const cut = request.indivisible !== true && matching.length > pageSize;
      const shown = cut ? matching.slice(0, pageSize) : matching;
      this.beforeAnswer(shown, request);
      return { records: shown.map(recordOf), next: undefined, cut, partial: false };
    }
    const skip =
      request.link === undefined ? (request.skip ?? 0) : Number(request.link.slice('skip='.length));
    const end = skip + pageSize;
    const shown = matching.slice(skip, end);
    this.beforeAnswer(shown, request);
    return {
      records: shown.map(recordOf),
      next: matching.length > end ? `skip=${end}` : undefined,
      cut: false,
      partial: false,
    };
  }
}

/** The record of an alert as it stands. */
export const recordOf = (alert: ModelAlert): SourceRecord => ({
  kind: 'graph-alert',
  id: alert.id,
  version: alert.updated,
  updated: alert.updated,
  json: '{}',
});
