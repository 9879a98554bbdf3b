import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { fillJournal } from '../prefill.ts';

// A process of its own that makes a store with a backlog: `fill.ts PATH SOURCE SINK COUNT`.

const [, , path = '', source = '', sink = '', count = '0'] = process.argv;
await using store = openSqliteStore(path);
await store.registerSources([source], Date.now());
await store.registerSinks([sink], Date.now());
await fillJournal(store, source, Number(count));
