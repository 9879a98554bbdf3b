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

/** One thing that is measured. */
export interface Stage {
  readonly name: string;
  /** What it stands for in the table. */
  readonly title: string;
  /** True of a stage that needs the receiver. */
  readonly delivers?: true;
  /** Gets ready; what it does is not measured. Resolves with the work itself, which is done once for `warm`, then timed. */
  prepare(input: StageInput): Promise<Work>;
}

/** The work of a stage over all pages; returns how many records it was done for. */
export type Work = () => Promise<number> | number;

/** What a stage came to. */
export interface Measured {
  readonly records: number;
  readonly wallSeconds: number;
  /** User and system time of the process, without the receiver's. */
  readonly cpuSeconds: number;
  /** Most memory that the process ever held. */
  readonly peakBytes: number;
}
