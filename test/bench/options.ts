import { parseArgs } from 'node:util';
import { type Shape, shapes } from './records.ts';

/** What the bench was asked for on its command line. */
export interface Options {
  readonly parts: readonly string[];
  /** Names of the stages to measure; undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly shapes: readonly Shape[];
  /** Records of each shape for the stages and the peers. */
  readonly records: number;
  /** Timed passes, of which the median counts. */
  readonly rounds: number;
  /** Records for the long runs: backlog and full journal. */
  readonly backlog: number;
  /** Keys that the store of the long run knows. */
  readonly keys: number;
  /** True when the page of results is to be written. */
  readonly write: boolean;
}

/** Measured without further wishes: some minutes. */
export const usualParts: readonly string[] = ['stages', 'start', 'latency', 'economy'];

/** Returns the options of a command line. Throws Error with what is wrong with it. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: 'string' },
      peers: { type: 'boolean', default: false },
      only: { type: 'string' },
      shape: { type: 'string' },
      records: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '3' },
      backlog: { type: 'string', default: '1000000' },
      keys: { type: 'string', default: '10000000' },
      write: { type: 'boolean', default: false },
    },
  });
  const named = values.part === 'all' ? known : (values.part?.split(',') ?? usualParts);
  const parts = values.peers ? [...new Set([...named, 'peers'])] : named;
  const stranger = parts.find((part) => !known.includes(part));
  if (stranger !== undefined) throw new Error(`--part ${stranger}: there are ${known.join(', ')}, and all`);
  const chosen = shapes.filter(({ name }) => values.shape === undefined || name === values.shape);
  if (chosen.length === 0) throw new Error(`--shape ${values.shape}: there are alerts and events`);
  return {
    parts,
    only: values.only?.split(','),
    shapes: chosen,
    records: countOf('records', values.records),
    rounds: countOf('rounds', values.rounds),
    backlog: countOf('backlog', values.backlog),
    keys: countOf('keys', values.keys),
    write: values.write,
  };
}

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} ${text}: a number, please`);
  return count;
}
