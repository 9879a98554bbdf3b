import { type Random, randomOf } from './random.ts';

/** Somebody who works at the simulated firm. */
export interface Person {
  readonly accountName: string;
  readonly displayName: string;
  readonly domainName: string;
  readonly upn: string;
  readonly sid: string;
  readonly entraId: string;
}

/** A device of the simulated firm, as Defender knows it. */
export interface Device {
  readonly id: string;
  readonly entraId: string;
  readonly hostName: string;
  readonly dnsDomain: string;
  readonly platform: string;
  readonly version: string;
  readonly build: number;
  readonly group: string;
  readonly groupId: number;
  readonly tags: readonly string[];
  readonly address: string;
  readonly owner: Person;
  readonly risk: string;
  readonly firstSeenDaysAgo: number;
}

/** Who and what there is to attack: the same for the same seed. */
export interface Firm {
  person(index: number): Person;
  workstation(index: number): Device;
  server(index: number): Device;
  anyone(random: Random): Person;
  anyWorkstation(random: Random): Device;
  anyServer(random: Random): Device;
}

/** `.example` never resolves (RFC 2606), so that nothing of the simulation points at anybody. */
export const firmDomain = 'contoso.example';

const people = 600;
const workstations = 400;
const servers = 60;
const firstNames =
  'Adele Alex Amara Bianca Caleb Chidi Dana Elena Farid Grady Hana Ingrid Isaiah Jola Kenji Lidia Lynne Mateo Megan Miriam Nestor Noor Patti Pradeep Quinn Rosa Sanjay Tuyet Wanjiru Zofia'.split(
    ' ',
  );
const lastNames =
  'Abebe Bergström Castro Delgado Edwards Fischer Gerhart Haddad Ito Johansson Kowalska Langer Malik Nguyen Okafor Parekh Quiroga Rossi Shah Tanaka Usman Vance Wilber Yamada Zelenka'.split(
    ' ',
  );
const departments = [
  { code: 'FIN', group: 'EMEA Finance', id: 11 },
  { code: 'HR', group: 'EMEA Staff', id: 12 },
  { code: 'ENG', group: 'AMER Engineering', id: 21 },
  { code: 'SAL', group: 'APAC Sales', id: 31 },
  { code: 'EXE', group: 'Executives', id: 41 },
] as const;
const serverKinds = ['DC', 'SQL', 'FILE', 'WEB', 'EXCH', 'APP'] as const;

/** Returns the firm of `seed`. */
export function createFirm(seed: number): Firm {
  const person = remember((index) => makePerson(seed, index));
  const workstation = remember((index) => makeWorkstation(seed, index, person));
  const server = remember((index) => makeServer(seed, index, person));
  return {
    person,
    workstation,
    server,
    anyone: (random) => person(random.between(0, people - 1)),
    anyWorkstation: (random) => workstation(random.between(0, workstations - 1)),
    anyServer: (random) => server(random.between(0, servers - 1)),
  };
}

function makePerson(seed: number, index: number): Person {
  const random = randomOf(seed, 'person', index);
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const ascii = `${first}.${last}`
    .normalize('NFD')
    .replace(/[^\w.]/g, '')
    .toLowerCase();
  const accountName = `${ascii}${index}`;
  return {
    accountName,
    displayName: `${first} ${last}`,
    domainName: 'CONTOSO',
    upn: `${accountName}@${firmDomain}`,
    sid: `S-1-5-21-${random.between(1e8, 2e9)}-${random.between(1e8, 2e9)}-${random.between(1e8, 2e9)}-${1104 + index}`,
    entraId: random.guid(),
  };
}

function makeWorkstation(seed: number, index: number, person: (index: number) => Person): Device {
  const random = randomOf(seed, 'workstation', index);
  const department = random.pick(departments);
  const newer = random.chance(0.6);
  return {
    id: random.hex(40),
    entraId: random.guid(),
    hostName: `${department.code.toLowerCase()}-ws-${String(index).padStart(4, '0')}`,
    dnsDomain: `corp.${firmDomain}`,
    platform: newer ? 'Windows11' : 'Windows10',
    version: newer ? '24H2' : '22H2',
    build: newer ? 26100 : 19045,
    group: department.group,
    groupId: department.id,
    tags: random.chance(0.2) ? ['VIP'] : [],
    address: `10.${department.id}.${index >> 8}.${index & 255 || 1}`,
    owner: person(random.between(0, people - 1)),
    risk: random.pick(['none', 'low', 'medium', 'high']),
    firstSeenDaysAgo: random.between(20, 900),
  };
}

function makeServer(seed: number, index: number, person: (index: number) => Person): Device {
  const random = randomOf(seed, 'server', index);
  const kind = serverKinds[index % serverKinds.length] ?? 'APP';
  const linux = kind === 'WEB';
  return {
    id: random.hex(40),
    entraId: random.guid(),
    hostName: `srv-${kind.toLowerCase()}-${String(index).padStart(2, '0')}`,
    dnsDomain: `corp.${firmDomain}`,
    platform: linux ? 'Ubuntu' : 'WindowsServer2022',
    version: linux ? '24.4' : '21H2',
    build: linux ? 0 : 20348,
    group: 'Servers',
    groupId: 51,
    tags: kind === 'DC' ? ['Tier0', 'Critical'] : ['Server'],
    address: `10.50.0.${index + 10}`,
    owner: person(random.between(0, 9)),
    risk: random.pick(['low', 'medium', 'high']),
    firstSeenDaysAgo: random.between(100, 1500),
  };
}

function remember<T>(make: (index: number) => T): (index: number) => T {
  const made = new Map<number, T>();
  return (index) => {
    const known = made.get(index);
    if (known !== undefined) return known;
    const fresh = make(index);
    made.set(index, fresh);
    return fresh;
  };
}
