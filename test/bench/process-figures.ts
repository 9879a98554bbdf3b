import { readFileSync } from 'node:fs';

/** Ticks of a second in /proc/PID/stat: the same on every Linux that Node runs on (sysconf(3), _SC_CLK_TCK). */
const ticksPerSecond = 100;

/** Returns the most memory that a process ever held, bytes (proc(5), VmHWM). Throws where there is no such process. */
export function peakMemoryOf(pid: number | 'self'): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Returns user and system time of a process and all its threads, seconds. Throws where there is no such process. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may hold anything; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
