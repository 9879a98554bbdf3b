import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { icon } from './icon.ts';
import { type TarEntry, tar } from './tar.ts';

/** Name of the add-on: its folder in Splunk, and the id in its app.conf. */
export const addOnName = 'TA-defender-siem';

/** The icons that Splunk looks for, and their sides in pixels. */
const icons = { appIcon: 36, appIcon_2x: 72, appIconAlt: 36, appIconAlt_2x: 72 } as const;

/** Position of the operating system in a gzip header, and the value for "unknown" (RFC 1952 §2.3.1). */
const osByte = { at: 9, unknown: 255 } as const;

/** Returns the add-on's files, in the order of their paths, which begin with its name. */
export function addOnFiles(): readonly TarEntry[] {
  const folder = addOnFolder();
  const written = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => {
      const file = `${entry.parentPath}/${entry.name}`;
      const path = file.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '');
      return { path: `${addOnName}/${path}`, bytes: readFileSync(file) };
    });
  const drawn = Object.entries(icons).map(([name, side]) => ({
    path: `${addOnName}/static/${name}.png`,
    bytes: icon(side),
  }));
  return [...written, ...drawn].sort(byPath);
}

/** Returns the add-on as Splunk installs it: a tar.gz, the same bytes on every host with the same Node.js. */
export function addOnPackage(): Buffer {
  const files = addOnFiles();
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  const empty = Buffer.alloc(0);
  const entries = [...files, ...[...folders].map((path) => ({ path, bytes: empty }))].sort(byPath);
  const packed = gzipSync(tar(entries), { level: 9 });
  packed[osByte.at] = osByte.unknown;
  return packed;
}

/** Beside this file in the sources; in the npm package the sources' folder, from the compiled file's. */
function addOnFolder(): string {
  const places = [`${addOnName}/`, `../../../connectors/splunk/${addOnName}/`];
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (found === undefined) throw new Error(`the folder ${addOnName} is not where the package has it`);
  return found;
}

function parentsOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => `${names.slice(0, index + 1).join('/')}/`);
}

function byPath(left: TarEntry, right: TarEntry): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}
