import type { z } from 'zod';
import type { EventHead } from '../event-head.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Peer } from './peer.ts';

/** An event on its way: what the format wrote, and what the transport's own header tells of the event. */
export interface Payload {
  readonly event: EventHead;
  readonly text: string;
}

/** What became of one payload. */
export type Outcome =
  /** The receiver has it, as far as the transport can tell. */
  | { readonly kind: 'accepted' }
  /**
   * Try again later; `retryAfterMs` when the receiver named a time, `inDoubt` when it may have it all the same.
   * `refused`: the receiver refuses it, but so far all else too; together with further events it may show which is at fault.
   */
  | {
      readonly kind: 'deferred';
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly inDoubt?: true;
      readonly refused?: true;
    }
  /** Refused for good: a dead letter. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** The outcome of nearly every payload: one for all. */
export const accepted: Outcome = { kind: 'accepted' };

/**
 * A place where events go. `send` answers with one outcome per payload, in order. It throws only when the whole batch
 * is in doubt (connection lost), or, with `NotSent`, when nothing of it was sent (receiver unreachable); the dispatcher
 * then sends all of it again.
 */
export interface Sink extends AsyncDisposable {
  /** Where it connects to, for `check --live`; absent where there is nobody at the other end (file, standard output). */
  readonly peer?: Peer;
  /** Bytes that a payload's text may have, the transport's own header for this event taken off; `Infinity` for any. */
  payloadBytes(event: EventHead): number;
  send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * For a transport without acknowledgements: how many of the payloads last accepted, over all calls of `send`, the
   * receiver may have lost, as is known since its connection broke; 0 when none. Each is reported once: the dispatcher
   * sends them again. Absent where an accepted payload is confirmed by the receiver.
   */
  takeInDoubt?(): number;
  /** With `takeInDoubt`: how many of the payloads last accepted it could still report, now or later. */
  unconfirmed?(): number;
  /**
   * Takes leave of the receiver, as long as `signal` lets it, and learns by that what it has read. No `send` goes on nor
   * follows. Absent where there is nothing to learn; the disposal does the same within a time of its own.
   */
  end?(signal: AbortSignal): Promise<void>;
  /** Opens the way to the receiver without sending an event. Throws a `ConnectorError` that says what is wrong. */
  probe(signal: AbortSignal): Promise<void>;
}

/** Tokens for a receiver that asks Entra ID who writes to it. */
export interface ReceiverTokens {
  /** Returns a token that holds now. Throws a `ConnectorError` that says what to do, or the signal's reason. */
  token(signal: AbortSignal): Promise<string>;
  /** After a 401: forgets this token; the next call gets a fresh one. */
  invalidate(token: string): void;
}

/** What a sink is handed beside its options. */
export interface SinkContext {
  /** The sink's name in the configuration, for log lines and errors. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** This host's name, for syslog headers. */
  readonly hostname: string;
  /** Name of the format in which the texts are written. */
  readonly format: string;
  /** MIME type of one formatted message: `application/json` or `text/plain`. */
  readonly contentType: string;
  /** Returns how the identity of this tenant of the configuration gets tokens for Azure Monitor (`SinkType.tenantKeys`). */
  monitorTokens(tenant: string): ReceiverTokens;
}

/** A kind of sink: its `type` in the configuration, the schema of its own options, and how to make one. */
export interface SinkType<Options extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  /** A strict object of what is special to this type; name, type, format, batch and retry are every sink's. */
  readonly options: Options;
  /** The format where the configuration names none. */
  readonly defaultFormat: string;
  /** Keys of its options that name a tenant of the configuration, whose identity it uses; none without it. */
  readonly tenantKeys?: readonly string[];
  /** Returns the sink; it connects when first used. Throws CONFIG_INVALID for what only shows now. */
  create(options: z.output<Options>, context: SinkContext): Sink;
}
