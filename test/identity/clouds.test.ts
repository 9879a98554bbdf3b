import { describe, expect, test } from 'vitest';
import { allowedHosts, apis, cloudNames, regionsOf, resolveEndpoints } from '../../src/identity/clouds.ts';

test.each([
  [
    'commercial',
    'https://login.microsoftonline.com',
    'https://graph.microsoft.com',
    'https://api.security.microsoft.com',
    'https://api.security.microsoft.com',
    'https://wdatp-alertexporter-us.windows.com',
    'https://security.microsoft.com',
  ],
  [
    'gcc',
    'https://login.microsoftonline.com',
    'https://graph.microsoft.com',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://api-gcc.security.microsoft.us',
    'https://wdatp-alertexporter-us.gcc.securitycenter.windows.us',
    'https://security.microsoft.com',
  ],
  [
    'gcc-high',
    'https://login.microsoftonline.us',
    'https://graph.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'https://wdatp-alertexporter-us.securitycenter.windows.us',
    'https://security.microsoft.us',
  ],
  [
    'dod',
    'https://login.microsoftonline.us',
    'https://dod-graph.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'https://wdatp-alertexporter-us.securitycenter.windows.us',
    'https://security.apps.mil',
  ],
] as const)('the hosts of %s', (cloud, authority, graph, defender, xdr, siem, portal) => {
  expect(resolveEndpoints(cloud)).toMatchObject({
    authority,
    origins: { graph, defender, xdr, siem },
    portal,
  });
});

test.each([
  [
    'commercial',
    'https://graph.microsoft.com',
    'https://api.securitycenter.microsoft.com',
    'https://api.security.microsoft.com',
    'api://AzureADTokenExchange',
  ],
  [
    'gcc',
    'https://graph.microsoft.com',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://api-gcc.security.microsoft.us',
    'api://AzureADTokenExchange',
  ],
  [
    'gcc-high',
    'https://graph.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'api://AzureADTokenExchangeUSGov',
  ],
  [
    'dod',
    'https://dod-graph.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'https://api-gov.security.microsoft.us',
    'api://AzureADTokenExchangeUSGov',
  ],
] as const)('the audiences of %s', (cloud, graph, defender, xdr, federatedAudience) => {
  const siem = 'https://graph.windows.net';
  expect(resolveEndpoints(cloud)).toMatchObject({
    audiences: { graph, defender, xdr, siem },
    federatedAudience,
  });
});

describe('a region', () => {
  test('is nearer for Defender, XDR and the SIEM API, and leaves Graph and the audiences', () => {
    const { origins, audiences } = resolveEndpoints('commercial', 'eu');
    expect(origins).toEqual({
      graph: 'https://graph.microsoft.com',
      defender: 'https://eu.api.security.microsoft.com',
      xdr: 'https://eu.api.security.microsoft.com',
      siem: 'https://wdatp-alertexporter-eu.windows.com',
    });
    expect(audiences).toEqual(resolveEndpoints('commercial').audiences);
  });

  test('without a SIEM host keeps the default one', () => {
    expect(resolveEndpoints('commercial', 'au').origins.siem).toBe(
      'https://wdatp-alertexporter-us.windows.com',
    );
  });

  test('that the cloud lacks is refused, with those it has', () => {
    expect(() => resolveEndpoints('commercial', 'mars')).toThrow(/it has us, eu, uk, au/);
    expect(() => resolveEndpoints('dod', 'eu')).toThrow(/leave the region out/);
    expect(() => resolveEndpoints('commercial', 'constructor')).toThrow(/region 'constructor'/);
  });

  test('every host of a region may be called', () => {
    for (const region of regionsOf('commercial')) {
      const endpoints = resolveEndpoints('commercial', region);
      for (const api of apis) {
        expect(allowedHosts(api, resolveEndpoints('commercial'))).toContain(endpoints.origins[api]);
      }
    }
  });
});

describe('an override', () => {
  test('takes the place of one host, keeps its audience, and is the only one a token may go to', () => {
    const endpoints = resolveEndpoints('commercial', 'eu', { graph: 'https://simulator.test:8443/' });
    expect(endpoints.origins.graph).toBe('https://simulator.test:8443');
    expect(endpoints.audiences.graph).toBe('https://graph.microsoft.com');
    expect([...allowedHosts('graph', endpoints)]).toEqual(['https://simulator.test:8443']);
    expect(endpoints.origins.defender).toBe('https://eu.api.security.microsoft.com');
  });

  test.each([
    'http://simulator.test',
    'https://simulator.test/path',
    'https://hidden:password@simulator.test',
    'https://simulator.test?x=1',
    'simulator.test',
  ])('that is no https origin is refused without repeating it: %s', (graph) => {
    let message = '';
    try {
      resolveEndpoints('commercial', undefined, { graph });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('endpoints.graph must be an origin');
    expect(message).not.toContain('hidden');
  });
});

test('the hosts that a token may go to are those of the same API and cloud', () => {
  const commercial = allowedHosts('defender', resolveEndpoints('commercial'));
  expect(commercial).toContain('https://api.securitycenter.windows.com');
  expect(commercial).toContain('https://api-uk.securitycenter.microsoft.com');
  expect(commercial).not.toContain('https://graph.microsoft.com');
  expect(commercial).not.toContain('https://api-gov.securitycenter.microsoft.us');
  for (const cloud of cloudNames) {
    const endpoints = resolveEndpoints(cloud);
    for (const api of apis) expect(allowedHosts(api, endpoints)).toContain(endpoints.origins[api]);
  }
});

test('only the commercial cloud gives managed identities an audience of their own', () => {
  expect(resolveEndpoints('commercial').managedIdentityAudiences.defender).toBe(
    'https://securitycenter.onmicrosoft.com/windowsatpservice',
  );
  expect(resolveEndpoints('gcc').managedIdentityAudiences.defender).toBe(
    'https://api-gcc.securitycenter.microsoft.us',
  );
});

test.each([
  ['commercial', 'https://monitor.azure.com'],
  ['gcc', 'https://monitor.azure.com'],
  ['gcc-high', 'https://monitor.azure.us'],
  ['dod', 'https://monitor.azure.us'],
] as const)('tokens for Azure Monitor from %s are for %s, of a managed identity too', (cloud, audience) => {
  const { audiences, managedIdentityAudiences } = resolveEndpoints(cloud);
  expect([audiences.monitor, managedIdentityAudiences.monitor]).toEqual([audience, audience]);
});
