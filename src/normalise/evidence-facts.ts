import type { Evidence, Network, SecurityEvent, User } from '../event.ts';
import { bestEvidence } from './best-evidence.ts';
import { outcomeOf } from './outcome.ts';
import { soleLoggedOnUser } from './user.ts';

/** The facts of an event that stand in its evidence. */
export type EvidenceFacts = Pick<
  SecurityEvent,
  | 'device'
  | 'user'
  | 'file'
  | 'process'
  | 'network'
  | 'url'
  | 'domainName'
  | 'registry'
  | 'message'
  | 'mailbox'
  | 'cloudResource'
  | 'application'
  | 'container'
  | 'group'
  | 'mailCluster'
  | 'action'
  | 'remediationSucceeded'
  | 'verdict'
>;

/** What the record itself says, in place of evidence. */
export interface OwnFacts {
  readonly device?: SecurityEvent['device'];
  readonly user?: User | undefined;
  readonly domainName?: string | undefined;
}

/**
 * Returns the facts for targets with one slot: of each kind the best evidence, the file of the process where there is no
 * other, and the user by the order of formats reference §11.4. What the record itself says (`own`) goes first.
 */
export function factsOf(evidence: readonly Evidence[], own: OwnFacts = {}): EvidenceFacts {
  const process = bestEvidence(evidence, 'process', ['processEvidence', 'Process'])?.process;
  const mailbox = bestEvidence(evidence, 'mailbox', ['mailboxEvidence', 'Mailbox'])?.mailbox;
  const device = own.device ?? bestEvidence(evidence, 'device', ['deviceEvidence', 'Machine'])?.device;
  return {
    device,
    user:
      own.user ??
      bestEvidence(evidence, 'user', ['userEvidence', 'User'])?.user ??
      process?.user ??
      mailbox?.user ??
      soleLoggedOnUser(device?.loggedOnUsers),
    file: bestEvidence(evidence, 'file', ['fileEvidence', 'File'])?.file ?? process?.image,
    process,
    network: networkOf(evidence),
    url: bestEvidence(evidence, 'url')?.url,
    domainName: own.domainName ?? bestEvidence(evidence, 'domainName')?.domainName,
    registry: bestEvidence(evidence, 'registry', ['registryValueEvidence', 'Registry'])?.registry,
    message: bestEvidence(evidence, 'message', ['analyzedMessageEvidence', 'MailMessage'])?.message,
    mailbox,
    cloudResource: bestEvidence(evidence, 'cloudResource', cloudResources)?.cloudResource,
    application: bestEvidence(evidence, 'application', applications)?.application,
    container: bestEvidence(evidence, 'container', ['containerEvidence'])?.container,
    group: bestEvidence(evidence, 'group')?.group,
    mailCluster: bestEvidence(evidence, 'mailCluster')?.mailCluster,
    ...outcomeOf(evidence),
  };
}

const cloudResources = ['azureResourceEvidence', 'amazonResourceEvidence', 'googleCloudResourceEvidence'];
const applications = ['cloudApplicationEvidence', 'oauthApplicationEvidence', 'CloudApplication'];

/** Joins the best address (62) and the best connection (63), which are evidence of two kinds. */
function networkOf(evidence: readonly Evidence[]): Network | undefined {
  const addresses = evidence.filter((item) => item.network?.remoteIp !== undefined);
  const connections = evidence.filter((item) => item.network !== undefined && !addresses.includes(item));
  const address = bestEvidence(addresses, 'network', ['ipEvidence', 'Ip'])?.network;
  const connection = bestEvidence(connections, 'network')?.network;
  if (address === undefined || connection === undefined) return address ?? connection;
  return { ...connection, ...pick(address) };
}

function pick({ remoteIp, remoteIsDestination, country }: Network): Partial<Network> {
  return { remoteIp, remoteIsDestination, country };
}
