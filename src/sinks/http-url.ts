import { z } from 'zod';

/** Where an HTTP receiver listens. Credentials have options of their own, which do not reach logs. */
export const httpUrl = z
  .string()
  .meta({ id: 'httpUrl', description: 'An address: `https://host:port/path`.' })
  .refine(
    (text) => {
      const url = URL.parse(text);
      const web = url?.protocol === 'https:' || url?.protocol === 'http:';
      return web && url.username === '' && url.password === '' && url.hash === '';
    },
    { error: 'must be an address such as https://host:port/path, without user and password' },
  );
