import type { Mailbox, MailCluster, MailMessage } from '../event.ts';
import { type FacetReader, facet } from './evidence.ts';
import {
  distinct,
  type JsonObject,
  knownOf,
  objectOf,
  objectsOf,
  orNone,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';
import { userAccountOf, userFrom } from './user.ts';

/** Facets of the evidence about mail, mailboxes and chat (API reference §6.4), by the kind's name. */
export const mailFacets: readonly (readonly [type: string, FacetReader])[] = [
  ['analyzedMessageEvidence', facet('message', analyzedMessageOf)],
  ['submissionMailEvidence', facet('message', submissionMailOf)],
  ['teamsMessageEvidence', facet('message', teamsMessageOf)],
  ['mailboxEvidence', facet('mailbox', (item) => mailboxOf(item, item.primaryAddress))],
  ['mailboxConfigurationEvidence', facet('mailbox', (item) => mailboxOf(item, item.mailboxPrimaryAddress))],
  ['mailClusterEvidence', facet('mailCluster', mailClusterOf)],
];

/** What a message has of each fact; a kind of evidence fills in what it knows. */
const nothing = {
  subject: undefined,
  sender: undefined,
  envelopeSender: undefined,
  senderIp: undefined,
  recipient: undefined,
  internetMessageId: undefined,
  networkMessageId: undefined,
  deliveryAction: undefined,
  deliveryLocation: undefined,
  direction: undefined,
  received: undefined,
  urls: [],
  threats: [],
  attachmentsCount: undefined,
};

function analyzedMessageOf(item: JsonObject): MailMessage | undefined {
  return orNone({
    subject: textOf(item.subject),
    sender: textOf(objectOf(item.p2Sender).emailAddress),
    envelopeSender: textOf(objectOf(item.p1Sender).emailAddress),
    senderIp: textOf(item.senderIp),
    recipient: textOf(item.recipientEmailAddress),
    internetMessageId: textOf(item.internetMessageId),
    networkMessageId: textOf(item.networkMessageId),
    deliveryAction: knownOf(item.deliveryAction),
    deliveryLocation: knownOf(item.deliveryLocation),
    direction: knownOf(item.antiSpamDirection),
    received: timeOf(item.receivedDateTime),
    urls: urlsOf(item.urls),
    threats: textsOf(item.threats),
    attachmentsCount: textOf(item.attachmentsCount),
  });
}

function submissionMailOf(item: JsonObject): MailMessage | undefined {
  return orNone({
    ...nothing,
    subject: textOf(item.subject),
    sender: textOf(item.sender),
    senderIp: textOf(item.senderIp),
    recipient: textOf(item.recipient),
    networkMessageId: textOf(item.networkMessageId),
  });
}

/** A chat message has no message ids of mail. */
function teamsMessageOf(item: JsonObject): MailMessage | undefined {
  return orNone({
    ...nothing,
    subject: textOf(item.subject),
    sender: textOf(item.senderFromAddress),
    senderIp: textOf(item.senderIP),
    recipient: textsOf(item.recipients)[0],
    deliveryAction: knownOf(item.deliveryAction),
    deliveryLocation: knownOf(item.deliveryLocation),
    direction: knownOf(item.messageDirection),
    received: timeOf(item.receivedDateTime),
    urls: distinct(objectsOf(item.urls).map((url) => textOf(url.url))),
  });
}

function mailboxOf(item: JsonObject, address: unknown): Mailbox | undefined {
  const upn = textOf(item.upn);
  const displayName = textOf(item.displayName);
  const account = userAccountOf(item.userAccount);
  return orNone({
    address: textOf(address) ?? upn,
    displayName,
    user: account ?? (upn === undefined ? undefined : userFrom({ upn, displayName })),
  });
}

function mailClusterOf(item: JsonObject): MailCluster | undefined {
  return orNone({
    by: textOf(item.clusterBy),
    value: textOf(item.clusterByValue),
    count: textOf(item.emailCount),
    query: textOf(item.query),
  });
}

/** Addresses are not split: a comma or semicolon may stand in them. */
function urlsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? textsOf(value) : distinct([textOf(value)]);
}
