/** Refused events in a row that are given up though none was taken after them, once the receiver has taken some. */
const trust = 3;
/** How many events in a row may be refused before the rest of a batch is kept back; doubled from send to send. */
const search = { first: 8, last: 64 };

/**
 * Tells the event that a receiver cannot take from a receiver that refuses everything, as with a wrong address, index
 * or body format: then no event is at fault, and the journal must not turn into dead letters.
 *
 * The rule: a refused event is given up when the receiver takes another one after it; without that, only the first
 * three in a row after something was taken. All others are kept back and tried again, and so is the whole batch when
 * nothing was ever taken. When more than may be given up were refused before one was taken, each is asked for once more:
 * the receiver may have come to itself in between. (One that it then takes comes behind the one that showed it.)
 */
export class Refusals {
  #trust = 0;
  #search = search.first;
  #inARow = 0;

  /** A batch begins. */
  begin(): void {
    this.#inARow = 0;
  }

  /**
   * The receiver has taken an event: what it refused before is at fault itself. Returns how many of those refused last
   * are to be asked for once more all the same: after so many, it may just have come to itself.
   */
  taken(): number {
    const again = this.#inARow > this.#trust ? this.#inARow : 0;
    this.#inARow = 0;
    this.#trust = trust;
    this.#search = search.first;
    return again;
  }

  /** One more event was refused; false when it is no use to go on with this batch. */
  refused(): boolean {
    this.#inARow++;
    return this.#inARow < this.#search;
  }

  /** The batch is over: how many of those refused last are to be kept back. */
  end(): number {
    const givenUp = Math.min(this.#inARow, this.#trust);
    this.#trust -= givenUp;
    const kept = this.#inARow - givenUp;
    // The next try looks further: behind many bad events in a row there may be good ones.
    if (kept > 0) this.#search = this.#search < search.last ? this.#search * 2 : search.first;
    return kept;
  }
}
