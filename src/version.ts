import { readFileSync } from 'node:fs';

/** Returns the version of the package, such as `0.1.0`. */
export function packageVersion(): string {
  // The package's file lies one folder further up from the built file than from the source.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version);
    } catch {}
  }
  return 'unknown';
}
