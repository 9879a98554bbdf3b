import type { SinkContext } from '../../src/sinks/sink.ts';

/**
 * Watches for documents that Elasticsearch took, but put aside into a data stream's failure store, where no search of the
 * user's looks (formats reference §6.1). Told once when it begins, and once when it is over.
 */
export class FailureStore {
  readonly #context: Pick<SinkContext, 'name' | 'log'>;
  #documents = 0;

  constructor(context: Pick<SinkContext, 'name' | 'log'>) {
    this.#context = context;
  }

  /** Of so many documents of a request, so many were put aside. */
  note(sent: number, putAside: number): void {
    const { name: sink, log } = this.#context;
    if (putAside > 0) {
      if (this.#documents === 0) {
        const words =
          'Elasticsearch puts documents aside into the failure store, where searches and rules do not see them: look at `GET <data stream>::failures/_search`, correct the index template or its pipelines, roll the data stream over, then `replay`';
        log.warn({ sink, documents: putAside }, words);
      }
      this.#documents += putAside;
    } else if (sent > 0 && this.#documents > 0) {
      const documents = this.#documents;
      log.info({ sink, documents }, 'Elasticsearch puts no more documents aside into the failure store');
      this.#documents = 0;
    }
  }
}
