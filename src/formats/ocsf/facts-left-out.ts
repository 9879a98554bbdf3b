import type { Device, Evidence, File, Process, SecurityEvent } from '../../event.ts';

/** What is made of each facet of an event and of its evidence; undefined leaves it out. */
export type Swaps = {
  readonly [Facet in keyof Evidence]?: (value: NonNullable<Evidence[Facet]>) => Evidence[Facet] | undefined;
};

/**
 * Returns the event with facets swapped, in itself and in its evidence. What was one object in several places stays one:
 * by that the format knows that evidence tells it already.
 */
export function swapped(event: SecurityEvent, swaps: Swaps): SecurityEvent {
  const known = new Map<unknown, unknown>();
  const once = (swap: (value: never) => unknown, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return swap(value as never);
    if (!known.has(value)) known.set(value, unlessSame(value, swap(value as never)));
    return known.get(value);
  };
  const swapIn = <Holder extends object>(holder: Holder): Holder => {
    const next: Record<string, unknown> = Object.fromEntries(Object.entries(holder));
    let changed = false;
    for (const [facet, swap] of Object.entries(swaps)) {
      const value = next[facet];
      if (value === undefined || swap === undefined) continue;
      const made = once(swap, value);
      if (made === value) continue;
      changed = true;
      if (made === undefined) delete next[facet];
      else next[facet] = made;
    }
    return changed ? (next as Holder) : holder;
  };
  const own = swapIn(event);
  const evidence = event.evidence.map(swapIn);
  return own === event && evidence.every((item, at) => item === event.evidence[at])
    ? event
    : { ...own, evidence };
}

/** Returns `made`, or `value` where both say the same: what was not there has not been left out. */
export function unlessSame<Made>(value: object, made: Made): object | Made {
  if (typeof made !== 'object' || made === null) return made;
  const before: Readonly<Record<string, unknown>> = { ...value };
  const same = Object.entries(made).every(
    ([name, member]) => member === before[name] || (isNothing(member) && isNothing(before[name])),
  );
  return same && Object.keys(made).length === Object.keys(value).length ? value : made;
}

function isNothing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

/** Returns swaps that make something else of every file: those of processes are files too. */
export function swappedFiles(change: (file: File) => File): Swaps {
  const known = new Map<File, File>();
  const once = (file: File | undefined): File | undefined => {
    if (file === undefined) return undefined;
    const made = known.get(file) ?? (unlessSame(file, change(file)) as File);
    known.set(file, made);
    return made;
  };
  return {
    file: once,
    process: (process) => ({
      ...process,
      image: once(process.image),
      parentImage: once(process.parentImage),
    }),
  };
}

const noFile: Pick<File, 'publisher' | 'signer' | 'issuer'> = {
  publisher: undefined,
  signer: undefined,
  issuer: undefined,
};

/** Returns a file without who published and signed it. */
export function withoutSignature(file: File): File {
  return { ...file, ...noFile };
}

/** Returns a process without the one that started it. */
export function withoutParent(process: Process): Process {
  return { ...process, parentPid: undefined, parentStarted: undefined, parentImage: undefined };
}

/** Returns a device with its name and id alone, which are never left out. */
export function bareDevice(device: Device): Device {
  return {
    ...device,
    ntDomain: device.domain === undefined ? device.ntDomain : undefined,
    entraId: undefined,
    ipAddresses: [],
    externalIp: undefined,
    os: undefined,
    osVersion: undefined,
    osBuild: undefined,
    group: undefined,
    riskScore: undefined,
    healthStatus: undefined,
    onboardingStatus: undefined,
    antivirusStatus: undefined,
    vmId: undefined,
    cloudProvider: undefined,
    subscriptionId: undefined,
    firstSeen: undefined,
  };
}
