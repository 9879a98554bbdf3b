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
  beforeRead: () => void = () => {};
  #created = 0;

  constructor(pageSize: number, style: 'links' | 'cuts' = 'links') {
    this.pageSize = pageSize;
    this.style = style;
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
    const matching = this.alerts
      .filter(({ updated }) => updated >= from && updated < to)
      .sort((a, b) => b.created - a.created);
    if (this.style === 'cuts') {
      const cut = request.indivisible !== true && matching.length > this.pageSize;
      const shown = cut ? matching.slice(0, this.pageSize) : matching;
      return { records: shown.map(recordOf), next: undefined, cut, partial: false };
    }
    const skip = request.link === undefined ? 0 : Number(request.link.slice('skip='.length));
    const end = skip + this.pageSize;
    return {
      records: matching.slice(skip, end).map(recordOf),
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
