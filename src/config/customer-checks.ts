import type { Complaint } from './issues.ts';
import type { ListedCustomer } from './listed-customers.ts';

/**
 * Checks what no single customer can know: that its name is nobody else's, its directory is in its list once, and its
 * region goes with its cloud. `entries`: the entries of `tenants`; `customers`: those of each group, by its place there.
 */
export function checkCustomers(
  entries: readonly { readonly name?: string | undefined; readonly cloud?: string | undefined }[],
  customers: ReadonlyMap<number, readonly ListedCustomer[]>,
): Complaint[] {
  const owners = new Map<unknown, string>();
  for (const [index, { name }] of entries.entries()) {
    if (name !== undefined && !owners.has(name)) owners.set(name, `tenants[${index}]`);
  }
  return [...customers].flatMap(([index, listed]) => {
    const directories = new Map<string, unknown>();
    return listed.flatMap(({ customer: { name, id, cloud, region }, complain }) => {
      const complaints: Complaint[] = [];
      const owner = owners.get(name);
      if (typeof name === 'string') owners.set(name, `another customer of tenants[${index}]`);
      if (owner !== undefined) complaints.push(complain('name', `is taken by ${owner}: names are unique`));
      if (typeof id === 'string') {
        const other = directories.get(id.toLowerCase());
        directories.set(id.toLowerCase(), name);
        if (other !== undefined) complaints.push(complain('id', `is the directory of ${other} too`));
      }
      const where = cloud ?? entries[index]?.cloud ?? 'commercial';
      if (region !== undefined && where !== 'commercial') {
        complaints.push(complain('region', `is for the commercial cloud only, and the cloud is ${where}`));
      }
      return complaints;
    });
  });
}
