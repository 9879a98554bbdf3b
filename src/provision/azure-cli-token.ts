import { execFile } from 'node:child_process';
import { z } from 'zod';
import { ConnectorError } from '../errors.ts';
import { isBearerToken } from '../identity/token-request.ts';

const answer = z.object({ accessToken: z.string().refine(isBearerToken) });

/**
 * Returns a token of the person who is signed in to the Azure CLI of this host, without a shell. It is held in memory
 * alone. Throws IDENTITY_REFUSED with what to do, or the signal's reason.
 */
export async function azureCliToken(
  resource: string,
  tenantId: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<string> {
  const args = [
    'account',
    'get-access-token',
    '--resource',
    resource,
    '--tenant',
    tenantId,
    '--output',
    'json',
  ];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile('az', args, { env: { ...env }, signal, maxBuffer: 2 ** 20 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(signal.aborted ? signal.reason : refusal(error, stderr, tenantId));
  });
  const parsed = answer.safeParse(parseJson(await promise));
  if (parsed.success) return parsed.data.accessToken;
  throw new ConnectorError(
    'IDENTITY_REFUSED',
    'the Azure CLI gave no token: update it, or sign in with a device code',
  );
}

function refusal(error: { readonly code?: unknown }, stderr: string, tenantId: string): ConnectorError {
  if (error.code === 'ENOENT') {
    const words =
      'the Azure CLI (`az`) is not installed here, or not in PATH: leave --use-azure-cli out to sign in with a device code';
    return new ConnectorError('IDENTITY_REFUSED', words);
  }
  const line = stderr
    .split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '' && !/^WARNING/i.test(each));
  const login = `run \`az login --tenant ${tenantId} --allow-no-subscriptions\` first`;
  return new ConnectorError(
    'IDENTITY_REFUSED',
    `the Azure CLI gave no token: ${login}. It says: ${line ?? 'nothing'}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
