// Loaded into a process with --import: writes the most memory it ever held, in bytes, to the file that
// PEAK_MEMORY_FILE names, when it exits.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const own = '/proc/self/status';

/** Not `resourceUsage` where it can be helped: on Linux that still counts the process that started this one. */
/** @returns {number} */
function peakBytes() {
  if (!existsSync(own)) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(own, 'utf8'))?.[1]) * 1024;
}

const path = process.env.PEAK_MEMORY_FILE;
if (path !== undefined) process.on('exit', () => writeFileSync(path, String(peakBytes())));
