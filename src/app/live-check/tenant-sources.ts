import { instantOf } from '../../fields/instant.ts';
import { retirementOf } from '../../identity/retirements.ts';
import { tenantsOfSink } from '../sink.ts';
import { openSourceApi } from '../source.ts';
import { permissionKeysOf } from './tenant-permissions.ts';
import type { TenantCheck } from './tenant-subject.ts';

/** Whether one record of each source can be read; what its API says where not (no licence, a feature turned off). */
export const checkSources: TenantCheck = async (subject, report) => {
  const { config, sources, connection, context } = subject;
  const writing = context.config.sinks.some((sink) => tenantsOfSink(sink).includes(config.name));
  if (sources.length === 0 && !writing) {
    report.add('sources', 'sources', {
      result: 'warning',
      finding: 'no source reads this tenant',
      advice: 'Add a source for it, or remove the tenant.',
    });
  }
  for (const source of sources) {
    const key = `source.${source.name}`;
    const what = `source ${source.name}`;
    const { api, type } = openSourceApi(source, connection, { ...source.options, pageSize: 1 });
    const needs = [`token.${type.api}`, `api.${type.api}`, ...permissionKeysOf(subject, source.name)];
    const otherwise = 'See what the API says, and whether Microsoft reports an outage of it';
    await report.look({ key, what, needs, otherwise }, async (signal) => {
      const nowMs = context.clock.now();
      const window = { from: instantOf(nowMs - source.sinceMs), to: instantOf(nowMs) };
      const { records } = await api.read({ window, priority: 'live', brief: true }, signal);
      const [record] = [...records];
      const finding = record === undefined ? 'no record in the last span of `since`' : `read ${record.id}`;
      return { result: 'ok', finding };
    });
    const retirement = retirementOf(source.type);
    if (retirement === undefined) continue;
    const [finding = '', advice = ''] = retirement.split('; ');
    report.add(`${key}.retirement`, what, { result: 'warning', finding, advice: sentence(advice) });
  }
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
