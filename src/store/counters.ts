import type { Connection } from './connection.ts';

/** Prepares `StoreReader.counter` and `counters`, and the setting of counters within a transaction. */
export function prepareCounters(connection: Connection) {
  const set = connection.prepare(
    'INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const select = connection.prepare('SELECT value FROM counter WHERE name = ?');
  const selectAll = connection.prepare('SELECT name, value FROM counter WHERE name >= ? ORDER BY name');
  return {
    setCounters(counters: Readonly<Record<string, number>>): void {
      for (const [name, value] of Object.entries(counters)) set.run(name, value);
    },
    counter: (name: string): number =>
      connection.read(() => (select.get(name) as { value: number } | undefined)?.value ?? 0),
    counters: (prefix: string): Readonly<Record<string, number>> =>
      connection.read(() => {
        const found = new Map<string, number>();
        for (const row of selectAll.iterate(prefix)) {
          const { name, value } = row as { name: string; value: number };
          // Names that begin alike stand side by side.
          if (!name.startsWith(prefix)) break;
          found.set(name, value);
        }
        return Object.fromEntries(found);
      }),
  };
}
