import type { Application, CloudResource, Container, Device, Group, Mailbox } from '../../event.ts';
import { choice, chosen } from './choice.ts';
import { hostnameOf } from './draft.ts';
import { member, objectOf, text, texts } from './json.ts';

const affected = chosen('role_id', 'role', choice(3, 'Affected'));
const related = chosen('role_id', 'role', choice(4, 'Related'));

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
  const { device } = facets;
  const own = device === undefined ? '' : deviceResource(device);
  const others = furtherResources(facets);
  return own === '' ? others : [own, ...others];
}

/** Returns the resources that are more than a device, which evidence holds itself. */
export function furtherResources(facets: ResourceFacets): readonly string[] {
  const { mailbox, cloudResource, application, container, group } = facets;
  const found: string[] = [];
  if (mailbox !== undefined) {
    found.push(resource('mailbox', text(mailbox.address), text(mailbox.displayName), '', related));
  }
  if (cloudResource !== undefined) found.push(cloudObject(cloudResource));
  if (application !== undefined) found.push(applicationObject(application));
  if (container !== undefined) found.push(containerResource(container));
  if (group !== undefined) found.push(resource('group', text(group.id), text(group.name), '', related));
  return found.filter((written) => written !== '');
}

/** 33, 35, 41: a device with its tags. */
function deviceResource(device: Device): string {
  const hostname = text(hostnameOf(device.name));
  const others = member('hostname', hostname) + member('labels', texts(device.tags));
  return resource('device', text(device.id), text(device.name ?? device.shortName), others, affected);
}

/** 74: a resource of a cloud, with the account that it belongs to. */
function cloudObject({ id, name, type, account }: CloudResource): string {
  const data = objectOf('account', text(account));
  return resource(type ?? 'cloud resource', text(id), text(name), member('data', data), affected);
}

/** 75 */
function applicationObject({ id, name, instanceName, publisher }: Application): string {
  const data = objectOf('instance', text(instanceName), member('publisher', text(publisher)));
  return resource('application', text(id), text(name), member('data', data), related);
}

/** 76: of a pod or cluster without a container's id or name too. */
function containerResource({ id, name, image, pod, namespace, cluster }: Container): string {
  const data = objectOf('image', text(image), member('pod', text(pod)) + member('cluster', text(cluster)));
  const others = member('namespace', text(namespace)) + member('data', data);
  return resource('container', text(id), text(name) || text(pod) || text(cluster), others, affected);
}

/** 76: the container of evidence. */
export function containerObject(container: Container | undefined): string {
  if (container === undefined) return '';
  const name = text(container.name);
  const uid = text(container.id);
  if (name === '' && uid === '') return '';
  const image = text(container.image);
  const imageObject = image === '' ? '' : objectOf('uid', image, member('name', image));
  return objectOf('name', name, member('uid', uid) + member('image', imageObject));
}

/** A resource of a type; nothing where neither id nor name is known. `others` are its further members. */
function resource(type: string, uid: string, name: string, others: string, role: string): string {
  if (uid === '' && name === '') return '';
  return objectOf('uid', uid, `${member('name', name)}${others}${member('type', text(type))}${role}`);
}
