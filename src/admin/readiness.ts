import type { Health } from '../app/health.ts';
import type { Telemetry } from '../runtime/telemetry.ts';

/**
 * Returns the sources that the connector still has to read a first time before it is ready. A run that failed counts:
 * a tenant that is down must not keep the others from being used. So does one of an earlier process: a source that is
 * due once a day is not waited for after each restart.
 */
export function sourcesNotYetRun(
  health: Pick<Health, 'sources'>,
  telemetry: Pick<Telemetry, 'sources'>,
): readonly string[] {
  return health.sources
    .filter(({ name, lastSuccess }) => {
      const totals = telemetry.sources.get(name);
      const runHere = totals !== undefined && (totals.lastSuccessMs !== undefined || totals.failures > 0);
      return lastSuccess === undefined && !runHere;
    })
    .map(({ name }) => name);
}
