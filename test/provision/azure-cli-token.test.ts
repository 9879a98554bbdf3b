import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { azureCliToken } from '../../src/provision/azure-cli-token.ts';
import { testFolder } from '../support/connector-config.ts';

const graph = 'https://graph.microsoft.com';
const tenantId = '00000000-0000-0000-0000-000000000001';

/** Returns an environment in which `az` is this shell script. */
function withAz(script: string | undefined) {
  const folder = testFolder();
  if (script !== undefined) {
    writeFileSync(join(folder, 'az'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'az'), 0o700);
  }
  return { folder, env: { PATH: script === undefined ? folder : `${folder}:/usr/bin:/bin` } };
}

function ask(env: Readonly<Record<string, string>>): Promise<string> {
  return azureCliToken(graph, tenantId, env, new AbortController().signal);
}

test('the token is that of the Azure CLI for Graph and this tenant, asked for without a shell', async () => {
  const { folder, env } = withAz(
    `for each in "$@"; do echo "$each"; done > "$(dirname "$0")/args"; echo '{"accessToken":"eyJ.a.b","tenant":"x"}'`,
  );
  expect(await ask(env)).toBe('eyJ.a.b');
  expect(readFileSync(join(folder, 'args'), 'utf8').trim().split('\n')).toEqual([
    'account',
    'get-access-token',
    '--resource',
    graph,
    '--tenant',
    tenantId,
    '--output',
    'json',
  ]);
});

test.each([
  [undefined, /not installed here, or not in PATH/],
  [
    'echo "WARNING: old" >&2; echo "ERROR: Please run az login" >&2; exit 1',
    /az login --tenant 0.*ERROR: Please run az login/,
  ],
  ['echo "no JSON"', /gave no token: update it/],
])('where it gives none (%s), the message says what to do', async (script, words) => {
  await expect(ask(withAz(script).env)).rejects.toMatchObject({
    code: 'IDENTITY_REFUSED',
    message: expect.stringMatching(words),
  });
});
