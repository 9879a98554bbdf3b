import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log, LogFields } from '../runtime/log.ts';
import { namesText, problemKind } from './alike.ts';

/** Within this time, ms, lines of one kind are told one by one for so many tenants; those of the others in one line. */
const spanMs = 60_000;
const mostTenants = 5;

/** A log that does not repeat for hundreds of tenants what happens to all of them. */
export interface BundledLog extends Log {
  /** Tells now what is held back, and holds nothing back any more. */
  end(): void;
}

type Level = 'info' | 'warn' | 'error';

/** Lines of one kind. */
interface Bundle {
  readonly level: Level;
  readonly message: string;
  /** By elapsed time, ms. */
  readonly beganAt: number;
  /** Whose lines are told one by one. */
  readonly told: Set<string>;
  /** Whose lines are held back. */
  readonly held: Set<string>;
  reason: unknown;
}

/**
 * Returns a log over `log` for what many tenants have a part in: when Entra ID is away, each of them says so. Lines of one
 * kind (the same message and, but for names and numbers, the same reason) are told for the first five tenants within a
 * minute, and for the others in one line at its end, with how many they are and the first of their names. Lines without
 * a tenant or source, and those for whoever debugs, are never held back.
 */
export function createBundledLog(log: Log, clock: Clock): BundledLog {
  const bundles = new Map<string, Bundle>();
  const ended = new AbortController();

  function tell(level: Level, fields: LogFields, message: string): void {
    const { tenant, source, reason } = fields;
    const subject = typeof tenant === 'string' ? tenant : source;
    if (typeof subject !== 'string' || ended.signal.aborted) {
      log[level](fields, message);
      return;
    }
    const names = [subject, source].filter((name) => typeof name === 'string');
    const kind = [level, message, problemKind(typeof reason === 'string' ? reason : '', names)].join('\n');
    const bundle = bundleOf(kind, level, message);
    if (bundle.told.size < mostTenants || bundle.told.has(subject)) {
      bundle.told.add(subject);
      log[level](fields, message);
    } else {
      if (bundle.held.size === 0) void finishInTime(kind, bundle);
      bundle.held.add(subject);
      bundle.reason = reason;
    }
  }

  function bundleOf(kind: string, level: Level, message: string): Bundle {
    const now = elapsedMs(clock);
    const known = bundles.get(kind);
    if (known !== undefined && (known.held.size > 0 || now - known.beganAt < spanMs)) return known;
    const bundle = {
      level,
      message,
      beganAt: now,
      told: new Set<string>(),
      held: new Set<string>(),
      reason: undefined,
    };
    for (const [old, { held, beganAt }] of bundles) {
      if (held.size === 0 && now - beganAt >= spanMs) bundles.delete(old);
    }
    bundles.set(kind, bundle);
    return bundle;
  }

  async function finishInTime(kind: string, bundle: Bundle): Promise<void> {
    await clock.sleep(Math.max(0, bundle.beganAt + spanMs - elapsedMs(clock)), ended.signal);
    finish(kind, bundle);
  }

  function finish(kind: string, bundle: Bundle): void {
    const { level, message, held, reason } = bundle;
    if (bundles.get(kind) !== bundle || held.size === 0) return;
    bundles.delete(kind);
    const fields = { tenants: held.size, names: namesText([...held]), reason };
    log[level](fields, `${message}; within a minute it was the same with these further tenants`);
  }

  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => tell('info', fields, message),
    warn: (fields, message) => tell('warn', fields, message),
    error: (fields, message) => tell('error', fields, message),
    end() {
      for (const [kind, bundle] of [...bundles]) finish(kind, bundle);
      ended.abort();
    },
  };
}
