import type { Helper } from './child.ts';
import type { Options } from './options.ts';
import type { Awaited, ReceiverAnswer } from './receiver.ts';
import type { ReceiverPorts } from './stage.ts';

/** One question that the bench answers, and that can be asked alone (`--part NAME`). */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** What is measured, and how: a sentence or two above the figures. */
  readonly about: string;
  run(place: Place): Promise<Findings>;
}

/** What a part came to. */
export interface Findings {
  /** The figures, as Markdown. */
  readonly text: string;
  readonly targets: readonly Target[];
}

/** What was asked for, beside what was measured. */
export interface Target {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Where the parts work. */
export interface Place {
  readonly options: Options;
  /** A temporary folder; it goes with the bench. */
  readonly folder: string;
  /** The program as it is installed: its file. */
  readonly program: string;
  readonly receiver: Helper<Awaited, ReceiverAnswer>;
  readonly ports: ReceiverPorts;
  /** Returns the file of one of the bench's own programs, named as in this folder without its ending. */
  own(name: string): string;
  /** Tells how far the bench is. */
  say(line: string): void;
}

/** Returns a target of a figure that must be at least so large; `digits` behind the point. */
export function atLeast(what: string, asked: number, measured: number, unit = '', digits = 2): Target {
  return {
    what,
    asked: `at least ${asked}${unit}`,
    measured: `${measured.toFixed(digits)}${unit}`,
    met: measured >= asked,
  };
}

/** Returns a target of a figure that must be at most so large. */
export function atMost(what: string, asked: number, measured: number, unit = '', digits = 2): Target {
  return {
    what,
    asked: `at most ${asked}${unit}`,
    measured: `${measured.toFixed(digits)}${unit}`,
    met: measured <= asked,
  };
}
