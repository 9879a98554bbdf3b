import type { Customer } from './customer.ts';
import { type Customers, readCustomers } from './customers.ts';
import type { Complaint } from './issues.ts';
import type { Path } from './problems.ts';

/** A customer as it stands in the list of a group: whatever else is wrong with it, what is said of it names its place. */
export interface ListedCustomer {
  readonly customer: { readonly [Key in keyof Customer]?: unknown };
  /** Returns the complaint that something is wrong with one of its keys. */
  complain(key: keyof Customer, message: string): Complaint;
}

/** The groups of a file: their customers by the place of their entry in `tenants`, and what is wrong with the lists. */
export interface ListedGroups {
  readonly customers: ReadonlyMap<number, readonly ListedCustomer[]>;
  /** The customers of a list that stands in a file of its own, as the program takes them. */
  readonly ofFiles: ReadonlyMap<number, readonly Customer[]>;
  readonly complaints: readonly Complaint[];
}

/** Reads the lists of all groups in `value`, a configuration with its references resolved. */
export function listGroups(value: unknown): ListedGroups {
  const customers = new Map<number, readonly ListedCustomer[]>();
  const ofFiles = new Map<number, readonly Customer[]>();
  const complaints: Complaint[] = [];
  for (const [index, entry] of listOf(keyOf(value, 'tenants')).entries()) {
    const list = keyOf(entry, 'customers');
    const path: Path = ['tenants', index, 'customers'];
    if (typeof list === 'string') {
      const read = readCustomers(list);
      complaints.push(...read.problems.map((message) => ({ path, message })));
      ofFiles.set(
        index,
        read.listed.map(({ customer }) => customer),
      );
      customers.set(index, inFile(read, path));
    } else if (Array.isArray(list)) {
      customers.set(
        index,
        list.map((customer: unknown, place) => ({
          customer: typeof customer === 'object' && customer !== null ? customer : {},
          complain: (key, message) => ({ path: [...path, place, key], message }),
        })),
      );
    }
  }
  return { customers, ofFiles, complaints };
}

function inFile({ listed, file }: Customers, path: Path): readonly ListedCustomer[] {
  return listed.map(({ customer, line }) => ({
    customer,
    complain: (key, message) => ({ path, message: `${file} line ${line}: ${key} ${message}` }),
  }));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function keyOf(value: unknown, key: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
}
