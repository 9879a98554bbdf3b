import { z } from 'zod';
import { cloudNames, regionsOf } from '../identity/clouds.ts';
import { name } from './name.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const domain = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** What tells one tenant of a group from the others. */
export const customerOptions = {
  id: z.string().refine((text) => guid.test(text) || domain.test(text), {
    error: 'must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com',
  }),
  cloud: z.enum(cloudNames),
  region: z.enum(regionsOf('commercial')),
};

/** A tenant of a group: its name, its directory, and where it differs from the group. */
export const customer = z.strictObject({
  name,
  id: customerOptions.id.describe("The customer's directory (tenant) id, a GUID, or one of its domains."),
  cloud: customerOptions.cloud.optional().describe("The customer's cloud, where it is not the group's."),
  region: customerOptions.region.optional().describe("The customer's region, where it is not the group's."),
});

/** A customer, as it stands in the list of a group. */
export type Customer = z.output<typeof customer>;
