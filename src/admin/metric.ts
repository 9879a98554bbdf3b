/** One metric, and how its value is read from a subject; undefined when there is none to tell. */
export interface Metric<Subject> {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: (subject: Subject) => number | undefined;
}

/** Returns milliseconds as seconds. */
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** Returns a time as seconds since 1970. */
export function epochSeconds(time: string | undefined): number | undefined {
  return seconds(time === undefined ? undefined : Date.parse(time));
}
