import { expect, test } from 'vitest';
import { deviceFrom } from '../../src/normalise/device.ts';

test.each([
  [{ name: 'pc.corp.example' }, 'pc.corp.example', 'pc', 'corp.example'],
  [{ name: 'pc' }, 'pc', 'pc', undefined],
  [
    { name: 'pc.corp.example', shortName: 'PC', domain: 'other.example' },
    'pc.corp.example',
    'PC',
    'other.example',
  ],
  [{ shortName: 'pc' }, 'pc', 'pc', undefined],
  [{ shortName: 'pc.corp.example' }, 'pc.corp.example', 'pc', 'corp.example'],
  [{ name: '10.1.2.3' }, '10.1.2.3', '10.1.2.3', undefined],
  [{ name: '.odd' }, '.odd', '.odd', undefined],
  [{ name: 'pc.' }, 'pc.', 'pc', undefined],
])('%j is named', (values, name, shortName, domain) => {
  expect(deviceFrom(values)).toMatchObject({ name, shortName, domain });
});

test('a device of which nothing is known is none', () => {
  expect(deviceFrom({ tags: [], name: undefined })).toBeUndefined();
});
