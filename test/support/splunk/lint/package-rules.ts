import { type PackedAddOn, type Rule, when } from './rule.ts';

/** What may be in an add-on without code of its own. */
const fileTypes = ['conf', 'csv', 'md', 'meta', 'png', 'xml'];
/** Folders of an add-on, and files beside them. */
const places = /^(?:default|lookups|metadata|static)\/|^README\.md$/;
/** Files that configure the instance and not the add-on, or that hold what others must not read. */
const instanceFiles = [
  'authentication',
  'authorize',
  'crawl',
  'deploymentclient',
  'distsearch',
  'indexes',
  'inputs',
  'limits',
  'outputs',
  'passwords',
  'server',
  'serverclass',
  'user-seed',
  'web',
];
/** Icons that Splunk shows, and their sides in pixels. */
const icons = { appIcon: 36, appIcon_2x: 72, appIconAlt: 36, appIconAlt_2x: 72 } as const;

const largestBytes = 5_000_000;

/** Rules about the archive and the files in it. */
export const packageRules: readonly Rule[] = [
  {
    name: 'one folder',
    check: ({ name, entries }) => [
      ...when(name === '', 'the archive has more than one folder at the top'),
      ...when(entries[0]?.type !== 'folder', 'the first entry is not the folder'),
    ],
  },
  {
    name: 'modes',
    check: ({ entries }) =>
      entries
        .filter(({ type, mode }) => mode !== (type === 'folder' ? 0o755 : 0o644) || type === 'other')
        .map(({ path, type, mode }) => `${path} is a ${type} of mode ${mode.toString(8)}`),
  },
  {
    name: 'owner',
    check: ({ entries }) =>
      entries.filter(({ owner, group }) => owner !== 0 || group !== 0).map(({ path }) => path),
  },
  {
    name: 'same bytes each time',
    check: ({ entries }) => {
      const paths = entries.map(({ path }) => path);
      const sorted = paths.toSorted((left, right) => (left < right ? -1 : 1));
      return [
        ...when(new Set(entries.map(({ mtime }) => mtime)).size > 1, 'entries have times of their own'),
        ...when(paths.join() !== sorted.join(), 'paths are not in order'),
      ];
    },
  },
  {
    name: 'hidden files',
    check: ({ files }) => files.filter((path) => /(?:^|\/)[.~_]|__MACOSX|\.(?:bak|orig|swp|tmp)$/.test(path)),
  },
  {
    name: 'file names',
    check: ({ files }) => files.filter((path) => !/^[\w./-]+$/.test(path) || path.includes('..')),
  },
  {
    name: 'file types',
    check: ({ files }) => files.filter((path) => !fileTypes.includes(path.split('.').at(-1) ?? '')),
  },
  { name: 'places', check: ({ files }) => files.filter((path) => !places.test(path)) },
  {
    name: 'nothing local',
    check: ({ files }) => files.filter((path) => /^local\/|^metadata\/local\.meta$/.test(path)),
  },
  {
    name: 'nothing of the instance',
    check: ({ files }) =>
      files.filter((path) => instanceFiles.some((name) => path.endsWith(`/${name}.conf`))),
  },
  {
    name: 'size',
    check: ({ entries }) => {
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
      return when(bytes > largestBytes, `${bytes} bytes`);
    },
  },
  {
    name: 'readme',
    check: (addOn) => when((addOn.text('README.md') ?? '').length < 100, 'README.md says nothing'),
  },
  {
    name: 'icons',
    check: (addOn) => Object.entries(icons).flatMap(([name, side]) => iconOf(addOn, name, side)),
  },
  {
    name: 'secrets',
    check: (addOn) =>
      addOn.files
        .filter((path) => path.endsWith('.conf'))
        .flatMap((path) =>
          (addOn.text(path) ?? '')
            .split('\n')
            .filter((line) => /^\s*(?:\w*password|\w*passwd|token|secret|pass4SymmKey)\s*=\s*\S/i.test(line))
            .map((line) => `${path}: ${line}`),
        ),
  },
];

/** A PNG names its sides in the first chunk. */
function iconOf(addOn: PackedAddOn, name: string, side: number): readonly string[] {
  const bytes = addOn.bytes(`static/${name}.png`);
  if (bytes === undefined) return [`static/${name}.png is missing`];
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return [`static/${name}.png is no PNG`];
  const sides = `${bytes.readUInt32BE(16)}×${bytes.readUInt32BE(20)}`;
  return when(sides !== `${side}×${side}`, `static/${name}.png is ${sides}, not ${side}×${side}`);
}
