import { assessHealth, type HealthFacts, readHealthFacts } from '../app/health.ts';
import { catalogue } from '../catalogue.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { openSqliteReader } from '../store/sqlite.ts';
import { surveyStore, withSurvey } from '../store/survey.ts';
import { type Command, configOption, textOption } from './command.ts';
import { statusText } from './status-text.ts';

/**
 * `defender-siem status`: how sources, sinks and credentials are; exit code 1 when one of them is not well. Of a damaged
 * store it tells what can still be read, and fails with STORE_DAMAGED.
 */
export const status: Command = {
  options: { ...configOption, json: { type: 'boolean' }, all: { type: 'boolean' } },
  help: [
    '--all tells of everything; without it, of more than 20 sources, sinks or tenants only of what is not well.',
    'The last line names what is not well; a line `problem:` under each of these says why. --json prints the same as',
    'one line of JSON. It reads the store beside the process that has it; exit code 6 when the store cannot be read.',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const config = await loadNamedConfig(findConfig(textOption(invocation, 'config')), catalogue, io.env);
    const { path } = config.store;
    try {
      const health = await assessHealth(config, await readFacts(path), systemClock.now());
      io.out(options.json === true ? JSON.stringify(health) : statusText(health, options.all === true));
      return health.healthy ? 0 : 1;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'STORE_DAMAGED') throw error;
      // What can still be read is told all the same, and then what is wrong.
      const survey = surveyStore(path);
      const found = await assessHealth(config, { ...survey, jobs: [] }, systemClock.now());
      const store = { ...found.store, healthy: false, problem: 'is damaged: below stands what can be done' };
      const health = { ...found, healthy: false, store };
      io.out(
        options.json === true
          ? JSON.stringify({ ...health, damage: messageOf(error), tables: survey.tables })
          : statusText(health, options.all === true),
      );
      throw withSurvey(error, path, survey);
    }
  },
};

async function readFacts(path: string): Promise<HealthFacts> {
  await using store = openSqliteReader(path, { checked: true });
  return await readHealthFacts(store);
}
