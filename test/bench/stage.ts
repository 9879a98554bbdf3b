import type { Pages } from './records.ts';

/** What a stage is given. */
export interface StageInput {
  readonly pages: Pages;
  /** A folder of its own, on the disk that the store would be on. */
  readonly folder: string;
  /** Where a counting receiver listens, by how it is spoken to; only for stages that deliver. */
  readonly receiver?: ReceiverPorts;
}

/** The ports of the counting receiver, all on 127.0.0.1. */
export interface ReceiverPorts {
  readonly tcp: number;
  readonly tls: number;
  readonly https: number;
  /** PEM file of the root that the receiver's certificate is from. */
  readonly ca: string;
}

/** Returns where the receiver listens; throws where none was started. */
export function portsOf({ receiver }: StageInput): ReceiverPorts {
  if (receiver === undefined) throw new Error('this stage needs the receiver');
  return receiver;
}

/** One thing that is measured. */
export interface Stage {
  readonly name: string;
  /** What it stands for in the table. */
  readonly title: string;
  /** Of a stage that needs the receiver: whether that counts what it is sent, or only takes it (HTTP). */
  readonly delivers?: 'counted' | 'taken';
  /** True of a stage without any code of ours: it runs with Node's own V8 settings, not with those of the program. */
  readonly plainNode?: true;
  /** Gets ready; what it does is not measured. */
  prepare(input: StageInput): Promise<Work>;
}

/**
 * The work of a stage, done page by page, so that no more than one page's input is in memory; a round goes once over all
 * pages. What is timed are the functions that `page` returns, and `finish`.
 */
export interface Work {
  /** Before each round. */
  begin?(): Promise<void>;
  /** Gets a page ready, and returns what is to be timed; that returns how many records it was done for. */
  page(file: string): () => Promise<number> | number;
  /** Resolves once all that the round began has come to its end. Timed. */
  finish?(): Promise<void>;
  /** After each round. */
  end?(): Promise<void>;
}

/** What one round came to. */
export interface Round {
  readonly records: number;
  readonly wallSeconds: number;
  /** User and system time of the process, all its threads, without the receiver's. */
  readonly cpuSeconds: number;
}

/** What a stage came to: the medians of its rounds. */
export interface Measured extends Round {
  /** Most memory that the process ever held. */
  readonly peakBytes: number;
}
