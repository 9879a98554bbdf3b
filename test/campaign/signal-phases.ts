import { existsSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/simulator/random.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { Section } from '../support/connector-config.ts';
import type { Answer, HttpReceiver, ReceivedRequest } from '../support/http-receiver.ts';
import { listens } from '../support/listening-report.ts';
import { padStore } from '../support/padded-store.ts';

/** What a run can be sent. */
export type SentSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'second SIGTERM';

/** What a phase finds: a tenant whose time stands still, and a receiver. */
export interface Setting {
  readonly simulator: Simulator;
  readonly receiver: HttpReceiver;
  /** Takes what a request holds, and says so. */
  readonly accept: (request: ReceivedRequest) => Answer;
  readonly folder: string;
  readonly random: Random;
}

/** How a phase is made to last. */
export interface Preparation {
  /** Changes to the sink's section, to the tenant's, and further sections of the configuration. */
  readonly sink?: Section;
  readonly tenant?: Section;
  readonly rest?: Section;
  /** In place of the phase's own look. */
  readonly isThere?: () => boolean;
  /** How long it is waited then, ms; not at all without it. */
  readonly afterMs?: number;
  /** In place of the phase's own. */
  readonly signals?: readonly SentSignal[];
  /** Ends what made it last. */
  readonly end?: () => void;
}

/** A phase of a run in which it is asked to stop. */
export interface Phase {
  readonly name: string;
  readonly prepare?: (setting: Setting) => Preparation | Promise<Preparation>;
  /** How often a round tries it, each time in a process of its own; once without it. */
  readonly processes?: number;
  /** Whether the run is in this phase, as seen from outside; the first request at the receiver says so by default. */
  readonly isThere?: (setting: Setting, stderr: string) => boolean;
  /** What is sent then; SIGTERM alone by default. */
  readonly signals?: readonly SentSignal[];
}

/** Every phase in which a run is asked to stop. */
export const phases: readonly Phase[] = [
  {
    name: 'first second',
    processes: 3,
    prepare: ({ random }) => ({
      afterMs: random.between(0, 1000),
      signals: random.pick<readonly SentSignal[]>([['SIGTERM'], ['SIGINT'], ['SIGHUP', 'SIGTERM']]),
    }),
    isThere: (_setting, stderr) => stderr.includes(listens),
  },
  { name: 'start', isThere: ({ folder }) => existsSync(join(folder, 'state.db')) },
  { name: 'token request', prepare: hangingAuthority },
  {
    name: 'mid-page',
    prepare: ({ simulator }) => {
      simulator.control.fault({ target: 'graph-alerts', kind: 'slow-body', pauseMs: 60_000 });
      return {};
    },
    isThere: ({ simulator }) => answers(simulator) >= 1,
  },
  {
    name: 'waiting for quota',
    prepare: ({ simulator }) => {
      simulator.control.fault({ target: 'graph-alerts', kind: 'throttle', retryAfterSeconds: 60 });
      return {};
    },
    isThere: ({ simulator }) => answers(simulator) >= 1,
  },
  {
    name: 'accepting',
    prepare: ({ folder, random }) => {
      const bytes = random.between(40_000, 400_000);
      return { isThere: () => walBytes(folder) > bytes };
    },
  },
  {
    name: 'mid-batch',
    prepare: ({ receiver, accept }) => {
      receiver.answer = async (request) => {
        await sleep(200);
        return accept(request);
      };
      return {};
    },
  },
  {
    name: 'backing off',
    prepare: ({ receiver }) => {
      receiver.answer = () => ({ status: 503 });
      return { sink: { retry: { initial: '1m', max: '1m' } } };
    },
  },
  { name: 'sink hanging', prepare: hangingSink },
  {
    name: 'store full',
    async prepare({ folder }) {
      await padStore(join(folder, 'state.db'), 65 * 2 ** 20);
      return { rest: { store: { path: './state.db', maxBytes: '64MiB' } } };
    },
    isThere: ({ folder }) => existsSync(join(folder, 'state.db-wal')),
  },
  { name: 'reload', signals: ['SIGHUP', 'SIGTERM'] },
  { name: 'two reloads, sink hanging', prepare: hangingSink, signals: ['SIGHUP', 'SIGHUP', 'SIGTERM'] },
  {
    name: 'asked again, sink hanging',
    prepare: (setting) => ({ ...hangingSink(setting), rest: { shutdown: { grace: '10m' } } }),
    signals: ['SIGTERM', 'second SIGTERM'],
  },
];

function hangingSink({ receiver }: Setting): Preparation {
  receiver.answer = () => 'hang';
  return {};
}

/** An authority that takes the connection and never says a word. */
async function hangingAuthority({ simulator }: Setting): Promise<Preparation> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).unref();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const authority = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    tenant: { endpoints: { ...simulator.endpoints, authority } },
    isThere: () => connections > 0,
    end: () => void server.close(),
  };
}

/** How many answers of the alerts API were begun. */
function answers(simulator: Simulator): number {
  const counts = simulator.control.requests()['graph-alerts'] ?? {};
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function walBytes(folder: string): number {
  return statSync(join(folder, 'state.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
}
