import type { ApiRecordKind } from '../record.ts';
import { type AlertState, isEndpointAlert, statesSeen } from './alert.ts';
import { DirectoryControl } from './directory/control.ts';
import type { Fault, FaultBook, FaultTarget } from './faults.ts';
import { IdentityControl, type SteeredIdentity } from './identity/control.ts';
import type { Registration } from './identity/registration.ts';
import { readCertificate } from './jwt.ts';
import type { Quotas } from './quotas.ts';
import type { RequestCounts } from './request-counts.ts';
import { detectionId } from './siem-detection.ts';
import type { Habits, Tenant } from './tenant.ts';
import { fineInstant, trimmed } from './times.ts';

/** A record that an API has shown, and its versions: update times exactly as sent, oldest first. */
export interface PublishedRecord {
  readonly id: string;
  /** The version shown now: what a complete collector has delivered in the end. */
  readonly version: string;
  /** All that were ever shown; a collector that polls may miss those that a later one replaced between two polls. */
  readonly versions: readonly string[];
}

/** What a bulk update changes, in Graph's words. */
export type BulkChange = Partial<
  Pick<AlertState, 'status' | 'severity' | 'assignedTo' | 'classification' | 'determination' | 'incidentId'>
>;

/** The parts of the simulator that can be steered. */
export interface Steered {
  readonly tenant: Tenant;
  readonly faults: FaultBook;
  /** Id of the tenant whose faults alone are steered; undefined for those of all. */
  readonly faultsOf: string | undefined;
  readonly quotas: Quotas;
  readonly counts: RequestCounts;
  readonly registration: Registration;
  readonly identity: SteeredIdentity;
  /** The world's time, ms since 1970. */
  now(): number;
  /** Moves the world's time ahead. */
  advance(ms: number): void;
}

/** Steers a running simulator, as an administrator, an attacker or bad luck would. */
export class Control extends IdentityControl {
  readonly #parts: Steered;
  /** The tenant's directory: what Graph has been told to make, and what the tenant allows. */
  readonly directory: DirectoryControl;

  constructor(parts: Steered) {
    super(parts.identity);
    this.#parts = parts;
    this.directory = new DirectoryControl(parts.tenant.directory);
  }

  /** How the tenant behaves where Microsoft's tenants differ; assign to change. */
  get habits(): Habits {
    return this.#parts.tenant.habits;
  }

  /** The application's registration; assign to change. */
  get registration(): Registration {
    return this.#parts.registration;
  }

  /** Registers a certificate (PEM) on the application. */
  registerCertificate(pem: string): void {
    this.registration.certificates.push(readCertificate(pem));
  }

  /**
   * Puts in a record, or a later state of one, shown at once by its own API and no other. A text is shown character for
   * character. Throws SyntaxError when it is no JSON object with the id of its kind.
   */
  inject(kind: ApiRecordKind, record: string | object): void {
    const json = typeof record === 'string' ? record : JSON.stringify(record);
    const now = this.#parts.now();
    this.#parts.tenant.injected.add(kind, json, fineInstant(now, 0), now);
  }

  /**
   * Adds faults; those of one target strike one after the other. Those of the simulator's first tenant strike all tenants
   * unless they name one, those of the others theirs alone.
   */
  fault(...faults: readonly Fault[]): void {
    const { faultsOf } = this.#parts;
    for (const fault of faults) {
      this.#parts.faults.add(faultsOf === undefined ? fault : { ...fault, tenant: faultsOf });
    }
  }

  /** Returns the faults still to come. */
  faults(): readonly Fault[] {
    const { faults, faultsOf } = this.#parts;
    return faults.list().filter(({ tenant }) => faultsOf === undefined || tenant === faultsOf);
  }

  /** Ends the faults of `target`, or all. */
  clearFaults(target?: FaultTarget): void {
    this.#parts.faults.clear(target, this.#parts.faultsOf);
  }

  /**
   * Changes alerts, all with one update time: those with `ids`, or the `count` newest that are visible. Returns the ids.
   */
  bulkUpdate(which: { ids: readonly string[] } | { count: number }, change: BulkChange): readonly string[] {
    const now = this.#parts.now();
    const visible = this.#parts.tenant.world.visible(now).map(({ alert }) => alert);
    const chosen =
      'ids' in which
        ? visible.filter((alert) => which.ids.includes(alert.id))
        : visible.slice(Math.max(0, visible.length - which.count));
    this.#parts.tenant.world.bulkUpdate(chosen, change, now);
    return chosen.map((alert) => alert.id);
  }

  /** Moves the world of every tenant `ms` ahead of the clock; tokens and quotas stay on the clock. */
  advance(ms: number): void {
    this.#parts.advance(ms);
  }

  /** Returns what a complete collector must have delivered by now, by kind of record. */
  published(): Readonly<Record<ApiRecordKind, readonly PublishedRecord[]>> {
    const { world } = this.#parts.tenant;
    const now = this.#parts.now();
    world.advanceTo(now);
    const alerts = world.alerts.map((alert) => ({
      alert,
      versions: statesSeen(alert, now).map((state) => trimmed(state.updated)),
    }));
    const shown = (endpointOnly: boolean) =>
      alerts
        .filter(({ alert }) => !endpointOnly || isEndpointAlert(alert))
        .flatMap(({ alert, versions }) => published(alert.id, versions));
    const detections = world.detections
      .filter((detection) => detection.visibleAt <= now)
      .flatMap((detection) => published(detectionId(detection), [trimmed(detection.processed)]));
    return {
      'graph-alert': [...shown(false), ...this.#injected('graph-alert', now)],
      alert: [...shown(true), ...this.#injected('alert', now)],
      detection: [...detections, ...this.#injected('detection', now)],
    };
  }

  /** Returns how many answers each API gave, by status; 0 stands for a connection that was reset. */
  requests(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return this.#parts.counts.all();
  }

  /** Sets the counts of requests and of quotas to nothing. */
  resetCounters(): void {
    this.#parts.counts.clear();
    this.#parts.quotas.clear();
  }

  #injected(kind: ApiRecordKind, now: number): PublishedRecord[] {
    const records: PublishedRecord[] = [];
    for (const [id, states] of this.#parts.tenant.injected.all(kind)) {
      records.push(
        ...published(
          id,
          states.filter((state) => state.visibleAt <= now).map((state) => state.version),
        ),
      );
    }
    return records;
  }
}

function published(id: string, versions: readonly string[]): PublishedRecord[] {
  const version = versions.at(-1);
  return version === undefined ? [] : [{ id, version, versions }];
}
