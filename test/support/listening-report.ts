/** What the program writes to standard error as soon as it can take a signal, before the count of its modules. */
export const listens = 'takes SIGTERM, modules loaded: ';

/** Options of Node with which the program reports when it listens for SIGTERM; with `signal` it is then sent that. */
export function reportListening(signal?: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): readonly string[] {
  // The system knows by then: Node's own listener for new listeners was there first.
  const script = `
import { registerHooks } from 'node:module';
let modules = 0;
registerHooks({
  load(url, context, load) {
    if (url.startsWith('file:')) modules += 1;
    return load(url, context);
  },
});
process.on('newListener', (name) => {
  if (name !== 'SIGTERM') return;
  process.stderr.write('${listens}' + modules + '\\n');
  ${signal === undefined ? '' : `process.kill(process.pid, '${signal}');`}
});`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
