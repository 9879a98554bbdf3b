import { existsSync, readFileSync, statSync } from 'node:fs';
import { starterConfiguration } from '../config/edit-starter.ts';
import { type Edited, editTenant } from '../config/edit-tenant.ts';
import type { SourceConfig } from '../config/source.ts';
import { ConnectorError } from '../errors.ts';
import { writeWholeFile } from '../fields/whole-file.ts';
import { writeCredential } from '../provision/access-files.ts';
import type { Access } from '../provision/add-credential.ts';
import { accessDetails } from '../provision/details.ts';
import { type Administered, teller } from './administer.ts';
import { type Invocation, textOption } from './command.ts';

/** A configuration names credentials, and holds none: the service may run as another user. */
const usualMode = 0o644;

/** Writes the tenant's entry, or a first configuration; returns what is new in it, a line each. */
export async function writeConfiguration(
  { path, text, target, tenantId, endpoints }: Administered,
  { written }: Access,
): Promise<readonly string[]> {
  // What a group has in common is not one customer's to change.
  if (target.group !== undefined) return [];
  const id = target.index === undefined ? tenantId : target.id;
  const tenant = { name: target.name, id, cloud: endpoints.cloud, auth: written };
  const edited: Edited =
    text === undefined
      ? {
          text: starterConfiguration(tenant),
          changes: [`written, with the tenant ${target.name} and a sink that shows events`],
        }
      : editTenant(text, target.index, tenant);
  if (edited.changes.length === 0) return [];
  await replaceConfiguration(path, text, edited.text);
  return edited.changes;
}

/**
 * Puts the new text of a configuration in the place of the one that was read, undefined for none. Throws CONFIG_INVALID
 * where another stands there by now.
 */
export async function replaceConfiguration(
  path: string,
  read: string | undefined,
  text: string,
): Promise<void> {
  refuseChanged(path, read);
  await writeWholeFile(path, text, read === undefined ? usualMode : statSync(path).mode & 0o777);
}

/** Throws CONFIG_INVALID where another configuration stands there by now than the one that was read, undefined for none. */
export function refuseChanged(path: string, read: string | undefined): void {
  if ((existsSync(path) ? readFileSync(path, 'utf8') : undefined) !== read) throw changedMeanwhile(path);
}

/** Writes the connector access details where `--details` names a file, for its owner alone. Throws CONFIG_INVALID. */
export async function writeDetails(
  invocation: Invocation,
  { tenantId, endpoints }: Administered,
  access: Access,
  sources: readonly SourceConfig[],
): Promise<void> {
  const file = textOption(invocation, 'details');
  if (file === undefined) return;
  const apis = sources.map(({ part }) => part.api);
  await writeCredential(file, accessDetails({ tenantId, endpoints, access, apis: [...new Set(apis)] }));
  teller(invocation, 'step')(`wrote the connector access details into ${file}`);
}

function changedMeanwhile(path: string): ConnectorError {
  return new ConnectorError(
    'CONFIG_INVALID',
    `${path} was changed while this command ran, so nothing was written into it: run the command again, which goes on from here`,
  );
}
