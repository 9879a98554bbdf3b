import type { Evidence, SecurityEvent } from '../../event.ts';
import { chosen } from './choice.ts';
import { deviceObject } from './device.ts';
import { Draft, type Observable, type OcsfVersion, type Unplaced } from './draft.ts';
import { fileObject } from './file.ts';
import { list, member, object, text, texts } from './json.ts';
import { emailObject } from './mail.ts';
import { endpointMembers, urlObject } from './network.ts';
import { mailboxUser, userObject } from './party.ts';
import { processObject } from './process.ts';
import { registryMember } from './registry.ts';
import { containerObject, furtherResources, resourcesOf } from './resource.ts';
import { evidenceVerdict } from './verdict.ts';

/** A piece of evidence as written, and what else it tells. */
export interface WrittenEvidence {
  readonly json: string;
  readonly observables: readonly Observable[];
  readonly unplaced: readonly Unplaced[];
  /** The resources that it names. */
  readonly resources: readonly string[];
  readonly windows: boolean;
}

/** Writes a piece of evidence; where it holds nothing that the schema takes, what was told of it stands in its data. */
export function writeEvidence(evidence: Evidence, version: OcsfVersion, processUid: string): WrittenEvidence {
  const draft = new Draft(version, processUid);
  const { mailbox, group, verdict } = evidence;
  const user = userObject(draft, 'user', evidence.user ?? (mailbox && mailboxUser(mailbox)), group);
  const facets =
    member('device', deviceObject(draft, 'device', evidence.device)) +
    member('user', user) +
    member('file', fileObject(draft, 'file', evidence.file)) +
    member('process', processObject(draft, 'process', evidence.process)) +
    endpointMembers(draft, '', evidence.network, evidence.domainName) +
    member('url', urlObject(draft, 'url', evidence.url)) +
    member('email', emailObject(draft, 'email', evidence.message)) +
    registryMember(draft, '', evidence.registry) +
    member('container', containerObject(evidence.container)) +
    member('resources', list(furtherResources(evidence)));
  const data = dataObject(evidence);
  return {
    json:
      facets === '' && data === ''
        ? ''
        : object(
            member('name', text(evidence.type)) +
              (text(verdict) === '' ? '' : chosen('verdict_id', 'verdict', evidenceVerdict(verdict ?? ''))) +
              facets +
              member('data', data),
          ),
    observables: draft.observables,
    unplaced: draft.unplaced,
    resources: resourcesOf(evidence),
    windows: draft.windows,
  };
}

/** What is told of evidence of every kind, and what only Defender has. */
function dataObject(evidence: Evidence): string {
  const { mailCluster } = evidence;
  return object(
    member('createdDateTime', text(evidence.created)) +
      member('detectionStatus', text(evidence.detectionStatus)) +
      member('remediationStatus', text(evidence.remediationStatus)) +
      member('remediationStatusDetails', text(evidence.remediationDetails)) +
      member('roles', texts(evidence.roles)) +
      member('detailedRoles', texts(evidence.detailedRoles)) +
      member('tags', texts(evidence.tags)) +
      member(
        'mailCluster',
        mailCluster === undefined
          ? ''
          : object(
              member('clusterBy', text(mailCluster.by)) +
                member('clusterByValue', text(mailCluster.value)) +
                member('emailCount', text(mailCluster.count)) +
                member('query', text(mailCluster.query)),
            ),
      ),
  );
}

/** Facets of an event that are evidence of what it tells; its device and user stand in the event itself. */
const ownFacets = [
  ...(['file', 'process', 'network', 'url', 'domainName', 'registry', 'message', 'mailbox'] as const),
  ...(['cloudResource', 'application', 'container', 'group'] as const),
];

/**
 * Returns what the event tells beside its evidence as a piece of its own: all of a detection, nothing of an alert whose
 * facts are those of its evidence.
 */
export function ownEvidence(event: SecurityEvent): Evidence | undefined {
  const told = new Set<unknown>();
  for (const item of event.evidence) {
    for (const facet of ownFacets) told.add(item[facet]);
    told.add(item.process?.image);
  }
  const process = told.has(event.process) ? undefined : event.process;
  told.add(process?.image);
  const own: Record<string, unknown> = {};
  for (const facet of ownFacets) {
    if (event[facet] !== undefined && !told.has(event[facet])) own[facet] = event[facet];
  }
  if (Object.keys(own).length === 0) return undefined;
  const user = own.group === undefined && own.mailbox === undefined ? undefined : event.user;
  return {
    type: event.category ?? event.kind,
    created: undefined,
    verdict: event.verdict,
    remediationStatus: undefined,
    remediationDetails: undefined,
    detectionStatus: undefined,
    roles: [],
    detailedRoles: [],
    tags: [],
    ...(user === undefined ? {} : { user }),
    ...own,
  };
}
