import type { Evidence } from '../../event.ts';
import { chosen } from './choice.ts';
import { deviceObject } from './device.ts';
import { Draft, type Observable, type OcsfVersion, type Unplaced } from './draft.ts';
import { fileObject } from './file.ts';
import { list, member, objectOf, text, texts } from './json.ts';
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
        : objectOf(
            'name',
            text(evidence.type),
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
  return objectOf(
    'createdDateTime',
    text(evidence.created),
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
          : objectOf(
              'clusterBy',
              text(mailCluster.by),
              member('clusterByValue', text(mailCluster.value)) +
                member('emailCount', text(mailCluster.count)) +
                member('query', text(mailCluster.query)),
            ),
      ),
  );
}
