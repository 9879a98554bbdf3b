import { readFile } from 'node:fs/promises';
import { catalogue } from '../catalogue.ts';
import { nearest } from '../config/suggest.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import type { Formatter } from '../formats/format.ts';
import { normalise, recogniseKind, recordOf } from '../normalise/index.ts';
import { readRecords } from '../normalise/read-records.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Command, type Invocation, type Io, textOption } from './command.ts';

/**
 * `defender-siem format --as cef`: reads records from files or standard input (NDJSON, a JSON array, a saved API
 * response, a message of an event hub), recognises what they are, and prints each formatted, on a line. A record that cannot be formatted is
 * named on standard error with its file and line, and the rest goes on; the exit code is then 2.
 */
export const format: Command = {
  options: {
    as: { type: 'string', default: 'cef' },
    'format-options': { type: 'string' },
    'max-bytes': { type: 'string' },
    'tenant-id': { type: 'string' },
  },
  positionals: '[FILE…]',
  help: [
    `  --as FORMAT             ${catalogue.formats.map(({ name }) => name).join(', ')} (cef)`,
    '  --format-options JSON   options of the format, as in the configuration: \'{"version":"1.0"}\'',
    '  --max-bytes NUMBER      shortens what is longer, as a sink does; without it nothing is shortened',
    '  --tenant-id ID          the tenant to name in each event',
    'FILE holds records as NDJSON, as a JSON array, a saved API response, or a message of an event hub; without one,',
    'standard input is read. Records are detections, alerts, incidents, rows of advanced hunting, machines, and any',
    'other object with an id.',
  ],
  async run(invocation) {
    const { io, positionals } = invocation;
    const formatter = await formatterOf(invocation);
    const maxBytes = maxBytesOf(textOption(invocation, 'max-bytes'));
    const tenantId = textOption(invocation, 'tenant-id');
    let failed = 0;
    for (const path of positionals.length === 0 ? ['-'] : positionals) {
      const text = path === '-' ? await io.readInput() : await read(path);
      failed += formatAll(
        text,
        path === '-' ? 'standard input' : path,
        (json) => {
          const kind = recogniseKind(json);
          if (kind === undefined)
            throw new Error('is no record of Defender: it has no id, and is no row of a hunting table');
          const record = { ...recordOf(kind, json), acceptedAtMs: systemClock.now() };
          const event = normalise(record, tenantId === undefined ? {} : { tenantId });
          const formatted = formatter(event, maxBytes);
          if (formatted.kind === 'oversize') throw new Error(formatted.reason);
          io.out(formatted.text);
        },
        io,
      );
    }
    if (failed > 0) io.err(`defender-siem: ${failed} record${failed === 1 ? '' : 's'} not formatted`);
    return failed === 0 ? 0 : 2;
  },
};

function formatAll(text: string, where: string, formatOne: (json: string) => void, io: Io): number {
  let failed = 0;
  try {
    for (const { json, line } of readRecords(text)) {
      try {
        formatOne(json);
      } catch (error) {
        failed++;
        io.err(`${where}, line ${line}: ${messageOf(error)}`);
      }
    }
  } catch (error) {
    failed++;
    io.err(`${where}: ${messageOf(error)}`);
  }
  return failed;
}

async function formatterOf(invocation: Invocation): Promise<Formatter> {
  const name = textOption(invocation, 'as') ?? 'cef';
  const named = catalogue.formats.find((candidate) => candidate.name === name);
  if (named === undefined) {
    const names = catalogue.formats.map((candidate) => candidate.name);
    const suggestion = nearest(name, names);
    const hint = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
    throw new ConnectorError('ARGUMENTS_INVALID', `--as ${name}: the formats are ${names.join(', ')}${hint}`);
  }
  const format = await named.load();
  const parsed = format.options.safeParse(optionsOf(textOption(invocation, 'format-options')));
  if (parsed.success) return format.create(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new ConnectorError('ARGUMENTS_INVALID', `--format-options: ${problems}`);
}

function optionsOf(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `--format-options takes JSON, such as {"version":"1.0"}: ${messageOf(error)}`,
    );
  }
}

function maxBytesOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new ConnectorError('ARGUMENTS_INVALID', `--max-bytes ${text}: must be a whole number of bytes`);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConnectorError('ARGUMENTS_INVALID', `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
