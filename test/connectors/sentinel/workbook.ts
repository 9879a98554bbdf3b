import { z } from 'zod';
import { fileText } from './content-files.ts';

const word = z.string().min(1);
const queryItem = z.strictObject({
  type: z.literal(3),
  content: z.strictObject({
    version: z.literal('KqlItem/1.0'),
    query: word,
    size: z.number(),
    title: word,
    noDataMessage: word.optional(),
    timeContextFromParameter: z.literal('TimeRange'),
    queryType: z.literal(0),
    resourceType: z.literal('microsoft.operationalinsights/workspaces'),
    visualization: z.enum(['table', 'timechart', 'barchart', 'piechart', 'tiles']),
    tileSettings: z.unknown().optional(),
    gridSettings: z.unknown().optional(),
  }),
  customWidth: word.optional(),
  name: word,
});
const textItem = z.strictObject({ type: z.literal(1), content: z.strictObject({ json: word }), name: word });
const parameterItem = z.strictObject({
  type: z.literal(9),
  content: z.strictObject({
    version: z.literal('KqlParameterItem/1.0'),
    parameters: z
      .array(
        z.strictObject({
          id: z.guid(),
          version: word,
          name: z.literal('TimeRange'),
          label: word,
          type: z.literal(4),
          isRequired: z.literal(true),
          value: z.strictObject({ durationMs: z.number() }),
          typeSettings: z.strictObject({
            selectableValues: z.array(z.strictObject({ durationMs: z.number() })),
          }),
        }),
      )
      .length(1),
    style: word,
    queryType: z.literal(0),
    resourceType: word,
  }),
  name: word,
});

/** A workbook as Azure exports it, as far as ours goes. */
const workbookFile = z.strictObject({
  version: z.literal('Notebook/1.0'),
  items: z.array(z.discriminatedUnion('type', [queryItem, textItem, parameterItem])),
  fallbackResourceIds: z.array(z.unknown()).length(0),
  fromTemplateId: word,
  $schema: word,
});

const workbook = workbookFile.parse(JSON.parse(fileText('workbook.json')));

/** The queries of the workbook, by their titles. */
export const workbookQueries: readonly (readonly [title: string, query: string])[] = workbook.items.flatMap(
  (item) => (item.type === 3 ? [[item.content.title, item.content.query] as const] : []),
);
