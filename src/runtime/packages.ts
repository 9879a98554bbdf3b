import { createRequire } from 'node:module';

/**
 * Returns a package, loaded when this is first called for it: for packages that take long and that not every start
 * needs. Those with two builds come as CommonJS: one file in place of dozens, in less than half the time (axios 40 ms in
 * place of 100, msal 45 in place of 120). Its type is the caller's to name, as in
 * `loadPackage('axios') as typeof import('axios')`.
 */
export const loadPackage: (name: string) => unknown = createRequire(import.meta.url);
