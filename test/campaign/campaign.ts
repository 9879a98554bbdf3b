import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { runCampaign } from './campaign-run.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const usage = 'usage: node test/campaign/campaign.ts [--only NAME,NAME] [--seed N] [--short]';
const print = (line: string) => void process.stdout.write(`${line}\n`);

function chosen(names: string | undefined): readonly Scenario[] {
  if (names === undefined) return scenarios;
  return names.split(',').map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name.trim());
    if (scenario !== undefined) return scenario;
    throw new Error(`no scenario '${name}': there are ${scenarios.map((each) => each.name).join(', ')}`);
  });
}

function options() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      short: { type: 'boolean', default: false },
    },
  });
  if (!/^\d{1,10}$/.test(values.seed)) throw new Error(`--seed ${values.seed} is no whole number`);
  return { seed: Number(values.seed), long: !values.short, scenarios: chosen(values.only) };
}

// What a scenario leaves without a handler is a defect of it or of the connector, and must not end the others unheard.
const strays: string[] = [];
process.on('unhandledRejection', (error) => strays.push(`nobody waited for: ${messageOf(error)}`));

let choice: ReturnType<typeof options>;
try {
  choice = options();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${usage}\n`);
  process.exit(2);
}
const { seed, long } = choice;
print(`campaign of seed ${seed}, ${long ? 'long' : 'short'}: ${choice.scenarios.length} scenarios`);
const broken = (await runCampaign(choice.scenarios, { seed, long }, print)) + strays.length;
for (const stray of strays) print(`broken: ${stray}`);
print(broken === 0 ? 'every promise held' : `${broken} promises broke`);
process.exit(broken === 0 ? 0 : 1);
