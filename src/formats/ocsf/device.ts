import type { Device } from '../../event.ts';
import { reachable } from '../address.ts';
import { recently } from '../recent.ts';
import { type Choice, choiceOf, choices, chosen, unknown } from './choice.ts';
import { type Draft, hostnameOf } from './draft.ts';
import { list, listOfOne, member, objectOf, text } from './json.ts';

const riskLevels = choices({
  none: [0, 'Info'],
  informational: [0, 'Info'],
  low: [1, 'Low'],
  medium: [2, 'Medium'],
  high: [3, 'High'],
  critical: [4, 'Critical'],
});

/** Beginnings of platforms' names, and what they are of. */
const platforms: readonly (readonly [start: string, id: number, caption: string])[] = [
  ['windowsphone', 101, 'Windows Mobile'],
  ['windows', 100, 'Windows'],
  ['android', 201, 'Android'],
  ['macos', 300, 'macOS'],
  ['mac os', 300, 'macOS'],
  ['ipados', 302, 'iPadOS'],
  ['ios', 301, 'iOS'],
  ['solaris', 400, 'Solaris'],
  ['aix', 401, 'AIX'],
  ...['linux', 'ubuntu', 'debian', 'redhat', 'centos', 'suse', 'fedora', 'oracle'].map(
    (start) => [start, 200, 'Linux'] as const,
  ),
];

const unknownType = chosen('type_id', 'type', unknown).slice(1);

/** 33–42, 81, 83: a device; nothing where neither name nor address nor id is known. */
export function deviceObject(draft: Draft, path: string, device: Device | undefined): string {
  if (device === undefined) return '';
  const hostname = text(hostnameOf(device.name) ?? hostnameOf(device.shortName));
  const name = text(device.shortName) || text(device.name);
  const addresses = reachable(device.ipAddresses);
  const ip = text(addresses[0]);
  const known =
    member('hostname', draft.observed(path, 'hostname', 'hostname', hostname)) +
    member('name', name) +
    member('uid', text(device.id)) +
    member('ip', draft.observed(path, 'ip', 'ip', ip)) +
    member('instance_uid', text(device.vmId));
  if (known === '') return '';
  const domain = text(device.domain);
  if (domain !== '') draft.unplace(path, 'nt_domain', device.ntDomain);
  return (
    `{${unknownType}${known}` +
    member('uid_alt', text(device.entraId)) +
    member('domain', domain || text(device.ntDomain)) +
    (addresses.length < 2 ? '' : member('network_interfaces', interfaceList(addresses))) +
    member('os', osObject(draft, `${path}.os`, device)) +
    riskMembers(device.riskScore) +
    member('is_managed', managed(device.onboardingStatus)) +
    member('groups', listOfOne(objectOf('name', text(device.group)))) +
    member('first_seen_time', draft.time(path, 'first_seen_time', device.firstSeen)) +
    '}'
  );
}

/** 37: its addresses but for the first. */
function interfaceList(addresses: readonly string[]): string {
  return list(addresses.slice(1).map((at) => objectOf('ip', text(at))));
}

/** 39: the operating system; the schema wants its name. */
function osObject(draft: Draft, path: string, { os, osVersion, osBuild }: Device): string {
  const name = text(os);
  if (os === undefined || name === '') {
    draft.unplace(path, 'version', osVersion);
    draft.unplace(path, 'build', osBuild);
    return '';
  }
  return objectOf(
    'name',
    name,
    chosen('type_id', 'type', platformOf(os)) +
      member('version', text(osVersion)) +
      member('build', text(osBuild)),
  );
}

const platformOf = recently((os): Choice => {
  const name = os.toLowerCase();
  const found = platforms.find(([start]) => name.startsWith(start));
  return found === undefined ? unknown : { id: found[1], caption: `"${found[2]}"` };
}, 64);

function riskMembers(score: string | undefined): string {
  if (text(score) === '' || score === undefined || score.toLowerCase() === 'unknown') return '';
  return chosen('risk_level_id', 'risk_level', choiceOf(riskLevels, score));
}

/** 42: whether Defender manages it, by whether it is onboarded. */
function managed(onboarding: string | undefined): string {
  const word = onboarding?.toLowerCase();
  if (word === undefined || word === '' || word === 'unknown') return '';
  return String(word === 'onboarded');
}
