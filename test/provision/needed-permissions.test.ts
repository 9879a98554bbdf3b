import { describe, expect, test } from 'vitest';
import { parts } from '../../src/parts.ts';
import { neededPermissions, type PermissionFacts } from '../../src/provision/needed-permissions.ts';

const tenants = [{ name: 'contoso', auth: { kind: 'certificate' } }] as const;
const alerts = { name: 'alerts', type: 'graph-alerts', tenant: 'contoso' };
const devices = { name: 'mde', type: 'alerts', tenant: 'contoso' };

function values(config: PermissionFacts, response = false): readonly string[] {
  return neededPermissions(config, 'contoso', parts.sourceTypes, { response }).map(
    ({ resource, value, type, neededBy }) => `${resource} ${value} ${type}: ${neededBy.join(', ')}`,
  );
}

describe('the permissions that a tenant needs', () => {
  test('are the least of each of its sources, once, with all that need them', () => {
    const sources = [
      alerts,
      { ...alerts, name: 'more' },
      devices,
      { name: 'old', type: 'detections', tenant: 'contoso' },
      { ...devices, name: 'of another', tenant: 'fabrikam' },
    ];
    expect(values({ tenants, sources })).toEqual([
      'graph SecurityAlert.Read.All Role: source alerts, source more',
      'defender Alert.Read.All Role: source mde',
    ]);
  });

  test('are wider ones in place of narrower ones where response actions need those anyway', () => {
    const needed = values({ tenants, sources: [alerts, devices] }, true);
    expect(needed).toEqual([
      'defender Alert.Read.All Role: source mde',
      'defender Machine.Isolate Role: response',
      'defender Machine.RestrictExecution Role: response',
      'defender Machine.Scan Role: response',
      'defender Machine.StopAndQuarantine Role: response',
      'defender Machine.CollectForensics Role: response',
      'defender Machine.ReadWrite.All Role: response',
      'defender Ti.ReadWrite Role: response',
      'graph SecurityAlert.ReadWrite.All Role: source alerts, response',
      'graph SecurityIncident.ReadWrite.All Role: response',
    ]);
  });

  test('are not asked twice where one covers another', () => {
    const types = [
      { type: 'a', api: 'graph', permissions: ['A.Read.All', 'B.Read.All'] },
      { type: 'b', api: 'graph', permissions: ['B.Read.All'] },
      { type: 'c', api: 'defender', permissions: ['B.Read.All'] },
    ] as const;
    const sources = types.map(({ type }) => ({ name: type, type, tenant: 'contoso' }));
    const needed = neededPermissions({ tenants, sources }, 'contoso', types, { response: false });
    expect(needed.map(({ resource, value, neededBy }) => [resource, value, neededBy])).toEqual([
      ['graph', 'B.Read.All', ['source a', 'source b']],
      ['defender', 'B.Read.All', ['source c']],
    ]);
  });

  test('are delegated ones, by their own names, where a person signs in', () => {
    const people = [{ name: 'contoso', auth: { kind: 'user' } }] as const;
    expect(values({ tenants: people, sources: [alerts, devices] })).toEqual([
      'graph SecurityAlert.Read.All Scope: source alerts',
      'defender Alert.Read Scope: source mde',
    ]);
  });

  test('are joined by the right to renew its own credential where it rotates', () => {
    const rotating = [{ name: 'contoso', auth: { kind: 'certificate', rotate: { before: 1 } } }] as const;
    const needed = neededPermissions({ tenants: rotating, sources: [] }, 'contoso', parts.sourceTypes, {
      response: false,
    });
    expect(needed).toEqual([
      {
        resource: 'graph',
        value: 'Application.ReadWrite.OwnedBy',
        type: 'Role',
        neededBy: ['rotation'],
      },
    ]);
  });
});
