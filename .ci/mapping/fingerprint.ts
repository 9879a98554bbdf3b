import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** All that the pages come from: what reads records, what writes events, what reads them back, and what asks. */
const code = [
  ...['src/*.ts', 'src/fields/**/*.ts', 'src/normalise/**/*.ts', 'src/formats/**/*', 'src/lint/**/*.ts'],
  ...['src/sinks/*.ts', 'connectors/**/*.ts', '.ci/mapping/*'],
];

/** What a page of how to read the others ends with: what they were made of, and what they were. */
const mark = /<!-- made of ([0-9a-f]{64}): ([0-9a-f]{64}) -->\n$/;

/** Returns the pages with the fingerprints of the code and of themselves on the first. */
export function marked(pages: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [first] = pages.keys();
  return new Map(
    [...pages].map(([path, text]) =>
      path === first
        ? [path, `${text}<!-- made of ${codeFingerprint()}: ${fingerprint(pages)} -->\n`]
        : [path, text],
    ),
  );
}

/** Returns a page without fingerprints. */
export function unmarked(text: string): string {
  return text.replace(mark, '');
}

/** True where pages bear the fingerprints of the code as it is, and of themselves: then they need not be made again. */
export function isCurrent(pages: ReadonlyMap<string, string>): boolean {
  const [first = ''] = pages.values();
  const [, ofCode, ofPages] = mark.exec(first) ?? [];
  const plain = new Map([...pages].map(([path, text]) => [path, unmarked(text)]));
  return ofPages === fingerprint(plain) && ofCode === codeFingerprint();
}

function codeFingerprint(): string {
  const paths = globSync(code, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();
  return fingerprint(paths.map((path) => [path.slice(root.length), readFileSync(path, 'utf8')]));
}

function fingerprint(files: Iterable<readonly [path: string, text: string]>): string {
  const hash = createHash('sha256');
  for (const [path, text] of files) hash.update(`${path}\n${text.length}\n${text}`);
  return hash.digest('hex');
}
