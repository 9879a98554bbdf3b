/** Counts answers by API and status. */
export class RequestCounts {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #total: RequestCounts | undefined;

  /** What is counted here is counted in `total` too. */
  constructor(total?: RequestCounts) {
    this.#total = total;
  }

  /** Counts one answer; status 0 for a connection that was reset before it. */
  add(api: string, status: number): void {
    this.#total?.add(api, status);
    const ofApi = this.#counts.get(api) ?? new Map<string, number>();
    this.#counts.set(api, ofApi);
    ofApi.set(String(status), (ofApi.get(String(status)) ?? 0) + 1);
  }

  /** Returns the counts by API, then by status. */
  all(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.#counts].map(([api, counts]) => [api, Object.fromEntries(counts)]));
  }

  clear(): void {
    this.#counts.clear();
  }
}
