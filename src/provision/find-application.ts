import { ConnectorError } from '../errors.ts';
import type { ProvisioningNote } from './access-files.ts';
import type { Application, Directory } from './directory.ts';

/** The tag of every application that `provision` makes. */
export const ownTag = 'defender-siem';

/** The connector of a tenant that has one. */
const onlyConnector = 'default';

/** Returns the tags by which a connector's application is found: that of all, and its own. */
export function tagsOf(connector: string = onlyConnector): readonly string[] {
  return [ownTag, `${ownTag}:${connector}`];
}

/** Returns what a connector's application is called. */
export function displayNameOf(connector: string = onlyConnector): string {
  return connector === onlyConnector ? ownTag : `${ownTag} ${connector}`;
}

/** Which application is looked for. */
export interface ApplicationQuestion {
  /** Client id that the configuration names; it is believed before any tag. */
  readonly clientId: string | undefined;
  /** Tells several connectors of one tenant apart; undefined where nobody has named one. */
  readonly connector: string | undefined;
  readonly note: ProvisioningNote | undefined;
}

/**
 * Returns the connector's application: the one that the configuration names, that an earlier run noted, or that carries
 * the connector's tag; undefined for none. Throws ARGUMENTS_INVALID when several carry the tag, or when the one that the
 * configuration names is another connector's than the one that was asked for.
 */
export async function findApplication(
  directory: Directory,
  { clientId, connector, note }: ApplicationQuestion,
): Promise<Application | undefined> {
  const [, tag = ownTag] = tagsOf(connector);
  const configured = clientId === undefined ? undefined : await directory.application(clientId);
  if (configured !== undefined && connector !== undefined && !configured.tags.includes(tag)) {
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `The configuration names the app registration ${configured.displayName} (client id ${configured.appId}), which is not that of the connector ${connector}: leave --name out, or give the connector a tenant entry of its own.`,
    );
  }
  return (
    configured ??
    (note?.appId === undefined ? undefined : await directory.application(note.appId)) ??
    only(await directory.taggedApplications(tag), tag)
  );
}

function only(tagged: readonly Application[], tag: string): Application | undefined {
  if (tagged.length <= 1) return tagged[0];
  const list = tagged.map(({ displayName, appId }) => `${displayName} (client id ${appId})`).join(', ');
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `Several app registrations of this tenant are tagged ${tag}: ${list}. Name the right one as \`auth.clientId\` in the configuration, give this connector another --name, or delete the others.`,
  );
}
