import { createHash } from 'node:crypto';
import { type Instant, instantOf, parseInstant } from '../../fields/instant.ts';
import { recogniseKind, recordOf } from '../../normalise/index.ts';
import type { ApiRecordKind } from '../../record.ts';
import type { PublishedRecord } from '../../simulator/control.ts';

/** How an event of the connector's own begins, in any of the demo's formats. */
const connectorsOwn = /^(?:(?:CEF:0|LEEF:2\.0)\|defender-siem\||\{"schema":"defender-siem\/)/;

/** Keeps account of what the demo's receivers have got, to tell what is missing and what came twice. */
export class Tally {
  readonly #distinct = new Map<string, Set<string>>();
  readonly #messages = new Map<string, number>();
  #connectorEvents = 0;
  /** The latest version that arrived of each record, from the receiver of JSON. */
  readonly #versions = new Map<string, Instant>();

  constructor(receivers: readonly string[]) {
    for (const receiver of receivers) this.#distinct.set(receiver, new Set());
  }

  /** Counts a message; true when it is the first of its text at this receiver. The connector's own count apart. */
  add(receiver: string, message: string): boolean {
    const texts = this.#distinct.get(receiver);
    if (texts === undefined) return false;
    if (connectorsOwn.test(message)) {
      this.#connectorEvents++;
      return true;
    }
    this.#messages.set(receiver, (this.#messages.get(receiver) ?? 0) + 1);
    const before = texts.size;
    texts.add(createHash('sha1').update(message).digest('base64'));
    if (receiver === 'json') this.#note(message);
    return texts.size > before;
  }

  /** Returns how many events of the connector's own all receivers together have got. */
  get connectorEvents(): number {
    return this.#connectorEvents;
  }

  /** Returns how many different messages a receiver has got. */
  distinct(receiver: string): number {
    return this.#distinct.get(receiver)?.size ?? 0;
  }

  /** Returns how many messages a receiver has got more than once. */
  repeats(receiver: string): number {
    return (this.#messages.get(receiver) ?? 0) - this.distinct(receiver);
  }

  /** Returns the records published before `untilMs` of which neither that version nor a later one has arrived. */
  missing(
    published: Readonly<Record<ApiRecordKind, readonly PublishedRecord[]>>,
    untilMs: number,
  ): readonly string[] {
    const until = instantOf(untilMs);
    return Object.entries(published).flatMap(([kind, records]) =>
      records
        .filter(({ id, version }) => {
          const wanted = parseInstant(version);
          const arrived = this.#versions.get(`${kind} ${id}`);
          return wanted !== undefined && wanted < until && (arrived === undefined || arrived < wanted);
        })
        .map(({ id }) => `${kind} ${id}`),
    );
  }

  #note(json: string): void {
    const kind = recogniseKind(json);
    if (kind === undefined) return;
    const { id, version } = recordOf(kind, json);
    const arrived = parseInstant(version);
    const known = this.#versions.get(`${kind} ${id}`);
    if (arrived !== undefined && (known === undefined || known < arrived))
      this.#versions.set(`${kind} ${id}`, arrived);
  }
}
