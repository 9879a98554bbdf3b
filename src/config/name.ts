import { z } from 'zod';

/** The name of a tenant, source or sink: it labels log lines, metrics and rows of the store. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    error: 'must be 1 to 63 letters, digits, dots, hyphens or underscores, and begin with a letter or digit',
  })
  .meta({ id: 'name', description: 'Unique among its kind: 1 to 63 letters, digits, `.`, `-` or `_`.' });
