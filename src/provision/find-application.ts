import { ConnectorError } from '../errors.ts';
import type { ProvisioningNote } from './access-files.ts';
import type { Application, Directory } from './directory.ts';

/** The tag of every application that `provision` makes. */
export const ownTag = 'defender-siem';

/** Returns the tags by which a connector's application is found: that of all, and its own. */
export function tagsOf(connector: string): readonly string[] {
  return [ownTag, `${ownTag}:${connector}`];
}

/** Which application is looked for. */
export interface ApplicationQuestion {
  /** Client id that the configuration names; it is believed before any tag. */
  readonly clientId: string | undefined;
  /** Tells several connectors of one tenant apart. */
  readonly connector: string;
  readonly note: ProvisioningNote | undefined;
}

/**
 * Returns the connector's application: the one that the configuration names, that an earlier run noted, or that carries
 * the connector's tag; undefined for none. Throws ARGUMENTS_INVALID when several carry the tag.
 */
export async function findApplication(
  directory: Directory,
  { clientId, connector, note }: ApplicationQuestion,
): Promise<Application | undefined> {
  const [, tag = ownTag] = tagsOf(connector);
  return (
    (clientId === undefined ? undefined : await directory.application(clientId)) ??
    (note?.appId === undefined ? undefined : await directory.application(note.appId)) ??
    only(await directory.taggedApplications(tag), connector)
  );
}

function only(tagged: readonly Application[], connector: string): Application | undefined {
  if (tagged.length <= 1) return tagged[0];
  const list = tagged.map(({ displayName, appId }) => `${displayName} (client id ${appId})`).join(', ');
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `Several app registrations of this tenant are tagged ${tagsOf(connector)[1]}: ${list}. Name the right one as \`auth.clientId\` in the configuration, give this connector another --name, or delete the others.`,
  );
}
