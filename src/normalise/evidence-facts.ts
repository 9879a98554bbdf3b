import type { Evidence, Network, SecurityEvent, User } from '../event.ts';
import { bestEvidence } from './best-evidence.ts';
import { actionOf, remediationSucceeded, worstVerdict } from './outcome.ts';
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
  const process = bestEvidence(evidence, 'process', processTypes)?.process;
  const mailbox = bestEvidence(evidence, 'mailbox', mailboxTypes)?.mailbox;
  const device = own.device ?? bestEvidence(evidence, 'device', deviceTypes)?.device;
  return {
    device,
    user:
      own.user ??
      bestEvidence(evidence, 'user', userTypes)?.user ??
      process?.user ??
      mailbox?.user ??
      soleLoggedOnUser(device?.loggedOnUsers),
    file: bestEvidence(evidence, 'file', fileTypes)?.file ?? process?.image,
    process,
    network: networkOf(evidence),
    url: bestEvidence(evidence, 'url')?.url,
    domainName: own.domainName ?? bestEvidence(evidence, 'domainName')?.domainName,
    registry: bestEvidence(evidence, 'registry', registryTypes)?.registry,
    message: bestEvidence(evidence, 'message', messageTypes)?.message,
    mailbox,
    cloudResource: bestEvidence(evidence, 'cloudResource', cloudResourceTypes)?.cloudResource,
    application: bestEvidence(evidence, 'application', applicationTypes)?.application,
    container: bestEvidence(evidence, 'container', containerTypes)?.container,
    group: bestEvidence(evidence, 'group')?.group,
    mailCluster: bestEvidence(evidence, 'mailCluster')?.mailCluster,
    action: actionOf(evidence),
    remediationSucceeded: remediationSucceeded(evidence),
    verdict: worstVerdict(evidence),
  };
}

// The kinds of evidence that are of a facet's own kind.
const processTypes = ['processEvidence', 'Process'];
const mailboxTypes = ['mailboxEvidence', 'Mailbox'];
const deviceTypes = ['deviceEvidence', 'Machine'];
const userTypes = ['userEvidence', 'User'];
const fileTypes = ['fileEvidence', 'File'];
const registryTypes = ['registryValueEvidence', 'Registry'];
const messageTypes = ['analyzedMessageEvidence', 'MailMessage'];
const containerTypes = ['containerEvidence'];
const addressTypes = ['ipEvidence', 'Ip'];
const cloudResourceTypes = ['azureResourceEvidence', 'amazonResourceEvidence', 'googleCloudResourceEvidence'];
const applicationTypes = ['cloudApplicationEvidence', 'oauthApplicationEvidence', 'CloudApplication'];

/** Joins the best address (62) and the best connection (63), which are evidence of two kinds. */
function networkOf(evidence: readonly Evidence[]): Network | undefined {
  if (!evidence.some((item) => item.network !== undefined)) return undefined;
  const addresses = evidence.filter((item) => item.network?.remoteIp !== undefined);
  const connections = evidence.filter((item) => item.network !== undefined && !addresses.includes(item));
  const address = bestEvidence(addresses, 'network', addressTypes)?.network;
  const connection = bestEvidence(connections, 'network')?.network;
  if (address === undefined || connection === undefined) return address ?? connection;
  const { remoteIp, remoteIsDestination, country } = address;
  return { ...connection, remoteIp, remoteIsDestination, country };
}
