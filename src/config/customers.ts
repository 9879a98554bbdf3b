import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CsvRow, readCsv } from './csv.ts';
import { type Customer, customer } from './customer.ts';
import { type Complaint, complaintsOf, unworded } from './issues.ts';
import type { JsonSchema } from './json-schema.ts';
import { pathText } from './problems.ts';
import { unreadable } from './references.ts';
import { nearest } from './suggest.ts';
import { readYaml } from './yaml-file.ts';

/** The customers of a group, each with its line, and what is wrong with its list. */
export interface Customers {
  readonly file: string;
  /** None where one of them is wrong. */
  readonly listed: readonly { readonly customer: Customer; readonly line: number }[];
  /** Each names the file and the line; at most ten, since one wrong column spoils every line. */
  readonly problems: readonly string[];
}

const list = z.array(customer);
const schema = z.toJSONSchema(list, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
const mostProblems = 10;

/** Reads the customers of a group from a file, CSV by its name or else YAML. Never throws. */
export function readCustomers(path: string): Customers {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { file: path, listed: [], problems: [unreadable(path, error)] };
  }
  const read = /\.csv$/i.test(path) ? fromCsv(text) : fromYaml(text);
  const found = [...read.problems];
  const parsed = list.safeParse(read.value, { error: () => unworded });
  const complaints = complaintsOf(parsed.error?.issues ?? [], read.value, schema);
  found.push(...complaints.map((complaint) => read.locate(complaint)));
  if (parsed.success && parsed.data.length === 0 && found.length === 0) {
    found.push({ line: 1, message: 'names no customer' });
  }
  const told = found
    .toSorted((a, b) => a.line - b.line)
    .slice(0, mostProblems)
    .map(({ line, message }) => `${path} line ${line}: ${message}`);
  const more = found.length - told.length;
  return {
    file: path,
    listed: (parsed.data ?? []).map((each, index) => ({ customer: each, line: read.lineOf(index) })),
    problems: more > 0 ? [...told, `${path}: and ${more} more problems`] : told,
  };
}

interface Found {
  readonly line: number;
  readonly message: string;
}

/** A list as it was read, not yet checked. */
interface Draft {
  readonly value: unknown;
  readonly problems: readonly Found[];
  locate(complaint: Complaint): Found;
  /** Line of the customer at this place of the list. */
  lineOf(index: number): number;
}

function fromYaml(text: string): Draft {
  const file = readYaml(text);
  const problems = file.problems.map(({ path, message, line }) => ({
    line,
    message: path === '(file)' ? message : `${path} ${message}`,
  }));
  return {
    // With errors of syntax it has no value, and the schema nothing to add.
    value: problems.length > 0 ? [] : (file.value ?? []),
    problems,
    locate: ({ path, message }) => ({
      line: file.lineOf(path),
      message: `${pathText(path)} ${message}`,
    }),
    lineOf: (index) => file.lineOf([index]),
  };
}

function fromCsv(text: string): Draft {
  const { rows, unclosedAt } = readCsv(text);
  const [head, ...body] = rows;
  const columns = head?.fields.map((field) => field.toLowerCase()) ?? [];
  const problems = [
    ...(unclosedAt === undefined ? [] : [{ line: unclosedAt, message: 'begins a quote that is not closed' }]),
    ...columnProblems(head, columns),
  ];
  const lineOf = (index: number) => body[index]?.line ?? 1;
  if (problems.length > 0) return { value: [], problems, locate, lineOf };
  const long = body.filter(({ fields }) => fields.slice(columns.length).some((field) => field !== ''));
  return {
    value: body.map(({ fields }) =>
      Object.fromEntries(
        columns.flatMap((column, index) => {
          const field = fields[index] ?? '';
          return column === '' || field === '' ? [] : [[column, field]];
        }),
      ),
    ),
    problems: long.map(({ line }) => ({ line, message: 'has more fields than the first line has names' })),
    locate,
    lineOf,
  };

  function locate({ path, message }: Complaint): Found {
    const [index, ...rest] = path;
    return { line: lineOf(Number(index)), message: `${pathText(rest)} ${message}` };
  }
}

/** The first line names the columns; those that are not known may hold anything, so that they are not passed over. */
function columnProblems(head: CsvRow | undefined, columns: readonly string[]): readonly Found[] {
  const known = Object.keys(customer.shape);
  const line = head?.line ?? 1;
  const missing = ['name', 'id'].filter((column) => !columns.includes(column));
  const first = `the first line names the columns, of which ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
  return [
    ...(missing.length === 0 ? [] : [{ line, message: `${first}: begin it with name,id` }]),
    ...columns
      .filter((column) => column !== '' && !known.includes(column))
      .map((column) => {
        const near = nearest(column, known);
        const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean \`${near}\`?`;
        return { line, message: `unknown column ${column}: ${hint}` };
      }),
  ];
}
