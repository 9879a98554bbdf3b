import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { markdownReference } from '../../src/config/reference.ts';
import type { ConfigParts } from '../../src/config/schema.ts';
import { folderWith } from './config-folder.ts';
import { parts as someParts } from './parts.ts';

const parts: ConfigParts = {
  ...someParts,
  profiles: [
    {
      name: 'old-receiver',
      sinkType: 'socket',
      receiver: 'a receiver of old',
      settings: [
        { key: 'rfc', value: 3164, why: 'It knows nothing else.' },
        { key: 'port', value: 514, why: 'It listens there.' },
        { key: 'format', value: 'leef', why: 'It reads that.' },
        { key: 'leef.version', value: '1.0', why: 'And only that version.' },
      ],
    },
  ],
};

function sinkOf(lines: string, known = parts): ReturnType<typeof loadConfig>['sinks'][number] | undefined {
  const text = `
tenants:
  - { name: contoso, id: b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c, cloud: commercial, auth: { managedIdentity: {} } }
sources: [{ name: alerts, tenant: contoso, type: graph-alerts }]
sinks:
  - name: siem
    type: socket
    host: siem.example
${lines.replaceAll(/^/gm, '    ')}
`;
  return loadConfig(`${folderWith({ 'config.yaml': text })}/config.yaml`, known, {}).sinks[0];
}

test('a profile decides what the sink leaves open', () => {
  expect(sinkOf('profile: old-receiver')).toMatchObject({
    format: 'leef',
    formatOptions: { version: '1.0' },
    options: { rfc: 3164, port: 514 },
  });
});

test('a key of the sink goes before the profile, within options of a format too', () => {
  expect(sinkOf('profile: old-receiver\nport: 6514\nleef: { version: "2.0" }')).toMatchObject({
    formatOptions: { version: '2.0' },
    options: { rfc: 3164, port: 6514 },
  });
});

test('options of the profile’s format do not stand in the way of another format', () => {
  expect(sinkOf('profile: old-receiver\nformat: json')).toMatchObject({ format: 'json', formatOptions: {} });
});

test('a profile that there is not is named with the one that was meant', () => {
  expect(() => sinkOf('profile: old-reciever')).toThrow(/sinks\[0\]\.profile.*old-receiver/s);
});

test.each([
  ['__proto__: { port: 999 }', /sinks\[0\]\.__proto__: unknown key/],
  ['leef: { __proto__: { version: "1.0" } }', /sinks\[0\]\.leef\.__proto__: unknown key/],
])('a key that objects have already is unknown beside a profile as without one: %s', (line, words) => {
  expect(() => sinkOf(line)).toThrow(/unknown key/);
  expect(() => sinkOf(`profile: old-receiver\n${line}`)).toThrow(words);
});

test('what is wrong with a value of the profile is told of the profile, at its line', () => {
  const lines = 'profile: old-receiver\nformat: json\nrfc: 3164\nleef: { version: "2.0" }';
  expect(() => sinkOf(lines)).toThrow(/leef: has no effect[^()]*\(line 12\)/);
  const strange = [{ key: 'port', value: 99_999, why: 'None.' }];
  const wrong = { ...parts, profiles: parts.profiles.map((each) => ({ ...each, settings: strange })) };
  const words =
    /sinks\[0\]\.port: must be at most 65535 \(its value is that of the profile old-receiver\) \(line 9\)/;
  expect(() => sinkOf('profile: old-receiver', wrong)).toThrow(words);
});

test('the reference says what each profile sets, and why', () => {
  const page = markdownReference(parts);
  expect(page).toContain('### `profile: old-receiver` of `type: socket`');
  expect(page).toContain('| `leef.version` | `1.0` | And only that version. |');
});
