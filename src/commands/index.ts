import type { CommandEntry } from './command.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'collects and delivers until SIGTERM or SIGINT; SIGHUP loads the configuration anew',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'once',
    summary: 'one round of every source, drains every sink, ends',
    load: async () => (await import('./once.ts')).once,
  },
  {
    name: 'check',
    summary: 'validates the configuration; --live also tries tenants, sources and sinks',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'format',
    summary: 'prints records from files or standard input, formatted, a line each',
    load: async () => (await import('./format.ts')).format,
  },
  {
    name: 'lint',
    summary: 'tells what is wrong with messages, from a file, standard input or a capture of the network',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'replay',
    summary: 'sends journal rows, or dead letters, again to a sink',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'backfill',
    summary: 'reads a past span of a source, beside the live watermark',
    load: async () => (await import('./backfill.ts')).backfill,
  },
  {
    name: 'status',
    summary: 'what is not well and why: sources, sinks, credentials, store, jobs; 1 when not healthy',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'provision',
    summary:
      'makes the app registration of a tenant, its permissions and credential, and writes the access down',
    load: async () => (await import('./provision.ts')).provision,
  },
  {
    name: 'deprovision',
    summary: 'removes what provision made, and only that',
    load: async () => (await import('./deprovision.ts')).deprovision,
  },
  {
    name: 'login',
    summary: 'signs a person in for a tenant with `auth.user`; --logout forgets the sign-in',
    load: async () => (await import('./login.ts')).login,
  },
  {
    name: 'simulate',
    summary: "a server that speaks Microsoft's APIs, for trying things out",
    load: async () => (await import('./simulate.ts')).simulate,
  },
  {
    name: 'demo',
    summary: 'simulator, connector and a receiver together; shows detections as they arrive',
    load: async () => (await import('./demo/demo.ts')).demo,
  },
  {
    name: 'schema',
    summary: "prints the configuration's JSON Schema",
    load: async () => (await import('./schema.ts')).schema,
  },
];
