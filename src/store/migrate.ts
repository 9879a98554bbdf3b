import type { DatabaseSync } from 'node:sqlite';
import { ConnectorError } from '../errors.ts';
import { initial } from './migrations/001-initial.ts';

/** Every migration in order; the database's `user_version` is how many of them it has had. */
const migrations: readonly string[] = [initial];

/** The version of the schema that this release reads and writes. */
export const schemaVersion = migrations.length;

/** Marks a file as this program's (`application_id`): the letters DSIE. */
const applicationId = 0x44534945;

/**
 * Returns the version of the schema in a database: 0 for an empty one. Throws STORE_NEWER when a later release wrote
 * it, and STORE_UNUSABLE when it is some other program's database; neither changes the file.
 */
export function storedVersion(db: DatabaseSync, path: string): number {
  const { application_id: application } = db.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
  if (application !== applicationId && (tables > 0 || version > 0)) {
    throw new ConnectorError(
      'STORE_UNUSABLE',
      `store ${path}: it is a SQLite database of another program; set store.path to a file of its own`,
    );
  }
  if (version > schemaVersion) {
    throw new ConnectorError(
      'STORE_NEWER',
      `store ${path}: a later release wrote it (schema ${version}, this one knows ${schemaVersion}); ` +
        'install that release again, or restore the copy from before the upgrade',
    );
  }
  return version;
}

/** Brings a database to `schemaVersion`, each step in a transaction of its own: a crash between them is made good. */
export function migrate(db: DatabaseSync, path: string): void {
  for (let version = storedVersion(db, path); version < schemaVersion; version++) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(migrations[version] ?? '');
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}
