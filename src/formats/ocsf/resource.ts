import type { Application, CloudResource, Container, Device, Evidence, Group, Mailbox } from '../../event.ts';
import { type Choice, choice, chosen } from './choice.ts';
import { hostnameOf } from './draft.ts';
import { member, object, objectOf, text, texts } from './json.ts';

const affected = choice(3, 'Affected');
const related = choice(4, 'Related');

/** What of an event or of evidence can be a resource. */
export interface ResourceFacets {
  readonly device?: Device | undefined;
  readonly mailbox?: Mailbox | undefined;
  readonly cloudResource?: CloudResource | undefined;
  readonly application?: Application | undefined;
  readonly container?: Container | undefined;
  readonly group?: Group | undefined;
}

/** Returns the resources that these facets name, each as JSON. */
export function resourcesOf(facets: ResourceFacets): readonly string[] {
  const { device, mailbox, cloudResource, application, container, group } = facets;
  const found: string[] = [];
  if (device !== undefined) found.push(deviceResource(device));
  if (mailbox !== undefined) found.push(named('mailbox', text(mailbox.address), text(mailbox.displayName)));
  if (cloudResource !== undefined) found.push(cloudObject(cloudResource));
  if (application !== undefined) found.push(applicationObject(application));
  if (container !== undefined) found.push(containerResource(container));
  if (group !== undefined) found.push(named('group', text(group.id), text(group.name)));
  return found.filter((resource) => resource !== '');
}

/** Returns the resources of evidence that are more than its device, which evidence holds itself. */
export function furtherResources(evidence: Evidence): readonly string[] {
  return resourcesOf({ ...evidence, device: undefined });
}

/** 33, 35, 41: a device with its tags. */
function deviceResource(device: Device): string {
  const hostname = text(hostnameOf(device.name));
  const known = identity(text(device.id), text(device.name ?? device.shortName));
  if (known === '') return '';
  return resource(
    known + member('hostname', hostname) + member('labels', texts(device.tags)),
    'device',
    affected,
  );
}

/** 74: a resource of a cloud, with the account that it belongs to. */
function cloudObject({ id, name, type, account }: CloudResource): string {
  const known = identity(text(id), text(name));
  if (known === '') return '';
  const data = objectOf('account', text(account));
  return resource(known + member('data', data), type ?? 'cloud resource', affected);
}

/** 75 */
function applicationObject({ id, name, instanceName, publisher }: Application): string {
  const known = identity(text(id), text(name));
  if (known === '') return '';
  const data = objectOf('instance', text(instanceName), member('publisher', text(publisher)));
  return resource(known + member('data', data), 'application', related);
}

/** 76: of a pod or cluster without a container's id or name too. */
function containerResource({ id, name, image, pod, namespace, cluster }: Container): string {
  const known = identity(text(id), text(name) || text(pod) || text(cluster));
  if (known === '') return '';
  const data = objectOf('image', text(image), member('pod', text(pod)) + member('cluster', text(cluster)));
  return resource(known + member('namespace', text(namespace)) + member('data', data), 'container', affected);
}

/** 76: the container of evidence. */
export function containerObject(container: Container | undefined): string {
  if (container === undefined) return '';
  const known = member('name', text(container.name)) + member('uid', text(container.id));
  if (known === '') return '';
  const image = text(container.image);
  return object(known + member('image', image === '' ? '' : objectOf('uid', image, member('name', image))));
}

function named(type: string, uid: string, name: string): string {
  const known = identity(uid, name);
  return known === '' ? '' : resource(known, type, related);
}

function identity(uid: string, name: string): string {
  return member('uid', uid) + member('name', name);
}

function resource(members: string, type: string, role: Choice): string {
  return object(members + member('type', text(type)) + chosen('role_id', 'role', role));
}
