import { z } from 'zod';
import { documentFields, documentFormatter } from '../document.ts';
import { type DocumentRow, field } from '../document-row.ts';
import type { Format, FormatField, Formatter } from '../format.ts';
import { ecsConnectorMapping } from './ecs-connector-mapping.ts';
import { ecsMapping } from './ecs-mapping.ts';
import { ecsOwnMapping, ecsTruncated } from './ecs-own-mapping.ts';
import { keyword } from './ecs-types.ts';

const ecsOptions = z.strictObject({
  original: z
    .boolean()
    .default(false)
    .describe(
      'Also writes the whole record as Microsoft sent it, as text in `event.original`: about twice the size. It is the first to go where a document is too long.',
    ),
});

const shape = { nested: true, truncated: ecsTruncated };
const whole: readonly DocumentRow[] = [...ecsMapping, ...ecsOwnMapping];
const originalRow = field(undefined, 'event.original', keyword, 'original', (event) => event.json);

/**
 * The common schema ECS, as nested JSON (formats reference §6.2, §11.3 column ECS): laid out like the common
 * integration for these alerts, but that the analyst an alert is assigned to is no `source.user`, that techniques are
 * told from sub-techniques, a tactic has its own name and id, a threat family is no group, and each field of ECS has one
 * value where ECS has it so: that of the best evidence.
 */
export const ecs: Format<typeof ecsOptions> = {
  name: 'ecs',
  options: ecsOptions,
  contentType: 'application/json',
  fields: distinct([
    ...documentFields([...whole, originalRow], shape),
    ...documentFields([...ecsConnectorMapping, originalRow], shape),
  ]),
  create: ecsFormatter,
};

function ecsFormatter({ original }: z.output<typeof ecsOptions>): Formatter {
  const further = original ? [originalRow] : [];
  const record = documentFormatter([...whole, ...further], shape);
  const own = documentFormatter([...ecsConnectorMapping, ...further], shape);
  return (event, maxBytes) => (event.kind === 'connector' ? own : record)(event, maxBytes);
}

/** Each field once, by its name. */
function distinct(fields: readonly FormatField[]): readonly FormatField[] {
  return [...new Map(fields.toReversed().map((one) => [one.name, one])).values()].toReversed();
}
