// Installs the project's packages when they are missing or not those of package-lock.json, and says so. Plain
// JavaScript for the machine's own Node, since the project's Node comes with the packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.installed-from');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;

if (installed !== wanted) {
  const why = installed === undefined ? 'packages are missing' : 'packages are older than package-lock.json';
  console.error(`defender-siem: ${why}; running npm ci (once, about half a minute)`);
  const npm = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('defender-siem: npm ci failed; its messages are above. Is the npm registry reachable?');
    process.exit(npm.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
