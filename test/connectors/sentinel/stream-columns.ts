import { asim } from '../../../connectors/sentinel/asim/asim.ts';
import type { ColumnType } from '../../support/logs-ingestion-server.ts';

/** The columns of the stream, as the format tells them. */
export const streamColumns: Readonly<Record<string, ColumnType>> = Object.fromEntries(
  asim.fields.map(({ name, type }) => [name, columnType(type)]),
);

function columnType(type: string | undefined): ColumnType {
  switch (type) {
    case 'string':
    case 'datetime':
    case 'int':
    case 'long':
    case 'boolean':
    case 'dynamic':
      return type;
    default:
      throw new Error(`${type} is no type of a column`);
  }
}
