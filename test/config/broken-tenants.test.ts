import { describe, expect, test } from 'vitest';
import { broken, problemsOf } from './good-config.ts';

describe('what is wrong with a tenant, the store or the admin server', () => {
  test.each([
    [
      'an unknown key that is near to none',
      '  retention: 7d',
      '  colour: red',
      'store.colour: unknown key: known here are path, postgres, retention, maxBytes (line 3)',
    ],
    [
      'text where keys belong',
      'admin:\n  listen: 127.0.0.1:9464',
      'admin: 127.0.0.1:9464',
      'admin: must be a group of keys, not text (line 32)',
    ],
    [
      'a bad size',
      '  retention: 7d',
      '  maxBytes: 10 gigs',
      "store.maxBytes: '10 gigs' is not a size: write bytes, or a number and KiB, MiB or GiB, such as 1MiB (line 3)",
    ],
    [
      'a truth value for a size',
      '  retention: 7d',
      '  maxBytes: true',
      'store.maxBytes: must be a number or text, not true or false (line 3)',
    ],
    [
      'PostgreSQL, which is yet to come',
      '  path: state.db',
      '  postgres: postgres://somewhere',
      'store.postgres: not available in this version; use store.path (line 2)',
    ],
    [
      'two credentials',
      '      clientSecret: a-well-kept-secret',
      '      clientSecret: a-well-kept-secret\n      managedIdentity: {}',
      'tenants[0].auth.managedIdentity: stands beside `clientSecret`: a tenant has exactly one credential (line 11)',
    ],
    [
      'no credential',
      '      clientSecret: a-well-kept-secret\n',
      '',
      'tenants[0].auth: has no credential: give one of clientSecret, certificate, managedIdentity, workloadIdentity, user (line 8)',
    ],
    [
      'a certificate without a file',
      'clientSecret: a-well-kept-secret',
      'certificate: {}',
      'tenants[0].auth.certificate: names no file: give `path` (PEM), or `pfx` (PKCS#12) (line 10)',
    ],
    [
      'a certificate in two files',
      'clientSecret: a-well-kept-secret',
      'certificate: { path: ca.pem, pfx: empty.txt }',
      'tenants[0].auth.certificate.pfx: stands beside `path`: keep one (line 10)',
    ],
    [
      'a password of PEM',
      'clientSecret: a-well-kept-secret',
      'certificate: { path: ca.pem, password: a-password }',
      'tenants[0].auth.certificate.password: goes with `pfx`: a PEM key must not be encrypted (line 10)',
    ],
    [
      'a key beside a PKCS#12 file',
      'clientSecret: a-well-kept-secret',
      'certificate: { pfx: empty.txt, keyPath: ca.pem }',
      'tenants[0].auth.certificate.keyPath: goes with `path`: a PKCS#12 file holds its key itself (line 10)',
    ],
    [
      'a short key of a sign-in',
      'clientSecret: a-well-kept-secret',
      'user: { cache: contoso.token, key: too-short }',
      'tenants[0].auth.user.key: is shorter than 16 characters: make one with `openssl rand -base64 32` (line 10)',
    ],
    [
      'a sign-in in the file of the store',
      'clientSecret: a-well-kept-secret',
      'user: { cache: ./state.db, key: 0123456789abcdef }',
      'tenants[0].auth.user.cache: is the file of the store (store.path): give each its own (line 10)',
    ],
    [
      'rotation by a group',
      'id: 00000000-0000-0000-0000-000000000000\n    cloud: commercial\n    auth:\n      clientId: 11111111-1111-1111-1111-111111111111\n      clientSecret: a-well-kept-secret',
      'customers: [{ name: one, id: one.com }]\n    auth:\n      clientId: 11111111-1111-1111-1111-111111111111\n      certificate: { path: ca.pem }\n      rotate: {}',
      'tenants[0].auth.rotate: goes with the tenant that the application is registered in; what is renewed there serves this group too (line 10)',
    ],
    [
      'rotation of a secret that stands in no file',
      'clientSecret: a-well-kept-secret',
      'clientSecret: a-well-kept-secret\n      rotate: {}',
      'tenants[0].auth.rotate: needs the secret in a file of its own, which is written anew: `clientSecret: ${file:PATH}` (line 11)',
    ],
    [
      'rotation of a PKCS#12 file',
      'clientSecret: a-well-kept-secret',
      'certificate: { pfx: empty.txt }\n      rotate: {}',
      'tenants[0].auth.rotate: writes PEM: give the certificate under `path`, in place of `pfx` (line 11)',
    ],
    [
      'rotation of what does not end',
      'clientSecret: a-well-kept-secret',
      'workloadIdentity: { tokenFile: ca.pem }\n      rotate: {}',
      'tenants[0].auth.rotate: has nothing to renew: workloadIdentity does not end by itself (line 11)',
    ],
    [
      'rotation within the day',
      'clientSecret: a-well-kept-secret',
      'certificate: { path: ca.pem }\n      rotate: { before: 1h }',
      'tenants[0].auth.rotate.before: must be at least 1d: rotation needs time to be tried again (line 11)',
    ],
    [
      'a credential without its client id',
      '      clientId: 11111111-1111-1111-1111-111111111111\n',
      '',
      'tenants[0].auth.clientId: is missing: clientSecret needs it (line 8)',
    ],
    [
      'a client id beside a managed identity',
      '      clientSecret: a-well-kept-secret',
      '      managedIdentity: {}',
      'tenants[0].auth.clientId: goes under `managedIdentity` there, and only for a user-assigned identity (line 9)',
    ],
    [
      'a client id that is no GUID',
      'clientId: 11111111-1111-1111-1111-111111111111',
      'clientId: my-app',
      'tenants[0].auth.clientId: must be a GUID, such as 11111111-1111-1111-1111-111111111111 (line 9)',
    ],
    [
      'a tenant id that is neither GUID nor domain',
      'id: 00000000-0000-0000-0000-000000000000',
      'id: contoso',
      'tenants[0].id: must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com (line 6)',
    ],
    [
      'an unknown cloud',
      'cloud: commercial',
      'cloud: gcc-hihg',
      'tenants[0].cloud: must be one of commercial, gcc, gcc-high, dod: did you mean `gcc-high`? (line 7)',
    ],
    [
      'a region in a cloud without regions',
      'cloud: commercial',
      'cloud: dod\n    region: eu',
      'tenants[0].region: is for the commercial cloud only, and the cloud is dod (line 8)',
    ],
    [
      'an endpoint with a path',
      'graph: https://graph.test:8443',
      'graph: https://graph.test/v1.0',
      'tenants[0].endpoints.graph: must be an origin such as https://host:port: https, without a path, query or credentials (line 12)',
    ],
    [
      'an endpoint without TLS',
      'graph: https://graph.test:8443',
      'graph: http://graph.test',
      'tenants[0].endpoints.graph: must be an origin such as https://host:port: https, without a path, query or credentials (line 12)',
    ],
    [
      'an unknown endpoint',
      'graph: https://graph.test:8443',
      'grahp: https://graph.test',
      'tenants[0].endpoints.grahp: unknown key: did you mean `graph`? (line 12)',
    ],
    [
      'a proxy that is no URL',
      '    cloud: commercial',
      '    proxy: proxy',
      'tenants[0].proxy: must be the URL of a proxy, such as http://proxy:3128 (line 7)',
    ],
    [
      'an address without a port',
      'listen: 127.0.0.1:9464',
      'listen: localhost',
      'admin.listen: must be host:port, such as 127.0.0.1:9464, with a port from 0 to 65535 (line 33)',
    ],
  ])('%s', (_name, from, to, problem) => {
    expect(problemsOf(broken(from, to))[0]).toEqual(problem);
  });
});
