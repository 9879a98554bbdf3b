/** A receiver that things go wrong with, and the sink that delivers to it. */
export interface FaultySiem extends AsyncDisposable {
  /** The sink's name. */
  readonly name: string;
  /** The sink as it stands in the configuration. */
  readonly sink: Readonly<Record<string, unknown>>;
  /** What can go wrong, by name; true for what its sink must notice. */
  readonly faults: Readonly<Record<string, boolean>>;
  begin(fault: string): Promise<void>;
  mend(): Promise<void>;
  /** Ids of the alerts that it took, in the order in which it took them, repeats included. */
  received(): readonly string[];
  /** Whether it refuses such an alert for good, and takes others. */
  refuses(id: string): boolean;
  /** Faults by which it refuses everything, and of which each can cost three events. */
  readonly refusesAll: ReadonlySet<string>;
}

/** Returns the id of the alert that a message or a line holds as JSON. */
export function alertId(text: string): string {
  const { id } = JSON.parse(text.slice(text.indexOf('{'))) as { id: string };
  return id;
}

/** Whether an alert is one that picky receivers refuse. */
export function isBad(id: string): boolean {
  return id.startsWith('bad-');
}
