/** Told what a dispatcher does, as it does it: what metrics and the status page count. One for each sink. */
export interface DispatchObserver {
  /** So many events were accepted by the receiver. */
  delivered(events: number): void;
  /** So many events were accepted that a replay sent again; `delivered` does not count them. */
  replayed(events: number): void;
  /** So many events were refused for good, or could not be written, and are kept as dead letters. */
  deadLettered(events: number): void;
  /** So many events are sent once more; the receiver may already have `possiblyRepeated` of them. */
  retried(events: number, possiblyRepeated: number): void;
  /** So many of the delivered events had been made shorter to fit. */
  truncated(events: number): void;
  /** So many journal entries were passed over: no route sends them here. */
  passedOver(entries: number): void;
  /** The sink has begun to fail, or fails for a reason of another kind; or it is well again (`reason` undefined). */
  state(state: 'ok' | 'failing', reason: string | undefined): void;
  /** One more attempt settled nothing; it has failed for so long, ms. */
  stillFailing(ms: number, reason: string): void;
  /** From the acceptance to the delivery of the event delivered last, ms. */
  lag(ms: number): void;
}
