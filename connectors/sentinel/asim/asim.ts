import { z } from 'zod';
import { documentFields, documentFormatter } from '../../../src/formats/document.ts';
import { type DocumentRow, textType } from '../../../src/formats/document-row.ts';
import type { Format } from '../../../src/formats/format.ts';
import { alertColumns, identityColumns, proseColumns } from './alert-columns.ts';
import { verbatim } from './column.ts';
import { connectorColumns } from './connector-columns.ts';
import { deviceColumns, otherEntityColumns, processColumns, userColumns } from './entity-columns.ts';

/** The columns of the table, in the order written. */
const columns: readonly DocumentRow[] = [
  ...identityColumns,
  ...alertColumns,
  ...deviceColumns,
  ...userColumns,
  ...processColumns,
  ...otherEntityColumns,
  ...connectorColumns,
  ...proseColumns,
  verbatim('Record', 'furtherEvidence', (e) => e.json),
];

const shape = { nested: false, truncated: { path: 'Truncated', type: textType('string') } };

/**
 * One flat row by the Alert Event schema 0.1 of Sentinel's information model (ASIM, formats reference §7.4), with columns
 * of our own beside it for what the schema has no place for, and the whole record in `Record`.
 */
export const asim: Format = {
  name: 'asim',
  options: z.strictObject({}),
  contentType: 'application/json',
  fields: documentFields(columns, shape),
  create: () => documentFormatter(columns, shape),
};
