import { z } from 'zod';

/** TLS of one connection: whom to trust, and who we are. Paths are resolved against the configuration's folder. */
export const tlsOptions = z.strictObject({
  ca: z.string().optional().describe('PEM file of a private root, trusted beside the public ones.'),
  cert: z.string().optional().describe('PEM file of the client certificate, for mutual TLS.'),
  key: z.string().optional().describe('PEM file of the private key of `cert`.'),
  serverName: z
    .string()
    .optional()
    .describe('Name to expect in the server certificate, when it is not the host.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Verify the server certificate. `false` is loud in the log, and unsafe.'),
});

/** TLS of one connection, as the program sees it. */
export type TlsOptions = z.output<typeof tlsOptions>;
