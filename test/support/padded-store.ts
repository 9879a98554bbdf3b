import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../src/store/sqlite.ts';

/** Makes a store, where there is none, and adds so many bytes to its file that no pruning takes away. */
export async function padStore(path: string, bytes: number): Promise<void> {
  await openSqliteStore(path)[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  db.exec('DROP TABLE IF EXISTS padding; CREATE TABLE padding (bytes BLOB)');
  db.prepare('INSERT INTO padding VALUES (zeroblob(?))').run(bytes);
  db.close();
}
