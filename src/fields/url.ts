import { z } from 'zod';

function read(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** An HTTPS origin, `https://host:port`, without a path; written without its trailing slash in the program. */
export const httpsOrigin = z
  .string()
  .meta({
    id: 'httpsOrigin',
    description: 'An HTTPS origin: `https://host` or `https://host:port`, no path.',
  })
  .transform((text, context) => {
    const url = read(text);
    const bare = url?.pathname === '/' && !/[?#]/.test(text) && url.username === '' && url.password === '';
    if (url?.protocol === 'https:' && bare) return url.origin;
    context.addIssue({
      code: 'custom',
      message: 'must be an origin such as https://host:port: https, without a path, query or credentials',
    });
    return z.NEVER;
  });

/** The URL of an HTTP CONNECT proxy. It may carry a password, so no message repeats it. */
export const proxyUrl = z
  .string()
  .meta({ id: 'proxyUrl', description: 'An HTTP proxy: `http://host:port`.' })
  .refine(
    (text) => {
      const url = read(text);
      return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.pathname === '/';
    },
    { error: 'must be the URL of a proxy, such as http://proxy:3128' },
  );
