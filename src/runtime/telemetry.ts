/** What a source has come to since the start of the process. */
export interface SourceTotals {
  read: number;
  accepted: number;
  /** Known by key and version, and dropped. */
  repeated: number;
  /** Accepted although their shape is not known. */
  unknownShape: number;
  runs: number;
  failures: number;
  /** ms since 1970 of the last run that succeeded. */
  lastSuccessMs: number | undefined;
  /** Why the last run failed; undefined after a success. */
  lastError: string | undefined;
}

/** What a sink has come to since the start of the process. */
export interface SinkTotals {
  delivered: number;
  /** Sent again by a replay, and taken; `delivered` does not count them. */
  replayed: number;
  deadLettered: number;
  /** Deliveries tried again. */
  retried: number;
  /** Of these, the ones that the receiver may have had before. */
  possiblyRepeated: number;
  /** Delivered with fields left out to fit. */
  truncated: number;
  /** Why it fails at the moment; undefined while it is well. */
  failing: string | undefined;
  /** Rows that no route sends here. */
  passedOver: number;
  /** From the acceptance to the delivery of the event delivered last, ms. */
  lagMs: number;
}

/** Counters by source and by sink; what the log, `/metrics` and the demo show. */
export class Telemetry {
  readonly sources = new Map<string, SourceTotals>();
  readonly sinks = new Map<string, SinkTotals>();

  /**
   * Another configuration begins: what it does not name is forgotten, what it names counts on. Whether that fails will
   * show anew.
   */
  configured(sources: readonly string[], sinks: readonly string[]): void {
    for (const [name, totals] of this.sources) {
      if (sources.includes(name)) totals.lastError = undefined;
      else this.sources.delete(name);
    }
    for (const [name, totals] of this.sinks) {
      if (sinks.includes(name)) totals.failing = undefined;
      else this.sinks.delete(name);
    }
  }

  /** Returns the counters of a source, made at first use. */
  source(name: string): SourceTotals {
    return entry(this.sources, name, () => ({
      read: 0,
      accepted: 0,
      repeated: 0,
      unknownShape: 0,
      runs: 0,
      failures: 0,
      lastSuccessMs: undefined,
      lastError: undefined,
    }));
  }

  /** Returns the counters of a sink, made at first use. */
  sink(name: string): SinkTotals {
    return entry(this.sinks, name, () => ({
      delivered: 0,
      replayed: 0,
      deadLettered: 0,
      retried: 0,
      possiblyRepeated: 0,
      truncated: 0,
      passedOver: 0,
      failing: undefined,
      lagMs: 0,
    }));
  }

  /** Returns one line: collected and repeated over all sources, delivered and what is amiss by sink. */
  summary(): string {
    const sources = [...this.sources.values()];
    const sum = (count: (totals: SourceTotals) => number) =>
      sources.reduce((all, one) => all + count(one), 0);
    const sinks = [...this.sinks].map(([name, sink]) => {
      const amiss = [
        sink.replayed > 0 ? `${sink.replayed} replayed` : '',
        sink.deadLettered > 0 ? `${sink.deadLettered} dead letters` : '',
        sink.possiblyRepeated > 0 ? `${sink.possiblyRepeated} possibly repeated` : '',
        sink.failing === undefined ? '' : `failing: ${sink.failing}`,
      ].filter((words) => words !== '');
      return `${name} ${sink.delivered}${amiss.length === 0 ? '' : ` (${amiss.join(', ')})`}`;
    });
    const collected = `collected ${sum(({ accepted }) => accepted)}, repeated ${sum(({ repeated }) => repeated)}`;
    return `${collected}; delivered: ${sinks.join(', ')}`;
  }
}

function entry<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  const known = map.get(name);
  if (known !== undefined) return known;
  const made = make();
  map.set(name, made);
  return made;
}
