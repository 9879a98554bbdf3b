import { createReadStream } from 'node:fs';
import { nearest } from '../config/suggest.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { readCapture } from '../lint/capture/capture.ts';
import type { Captured } from '../lint/capture/captured.ts';
import { languages } from '../lint/index.ts';
import { type LanguageFinding, type LintOptions, lintMessage } from '../lint/message.ts';
import { printable } from '../lint/text.ts';
import { type Command, type Invocation, type Io, textOption } from './command.ts';
import { LintTally } from './lint-tally.ts';

/** Exit code when there are errors, or there was nothing to read. */
const notGood = 2;
/** As much of a message is shown as tells which one it is. */
const shownCharacters = 100;

/**
 * `defender-siem lint`: reads messages from files, standard input or a capture of the network, and tells of each what
 * is wrong with it by the standard of its language. The exit code is 2 when there is an error or no message at all;
 * warnings leave it 0.
 */
export const lint: Command = {
  options: {
    as: { type: 'string' },
    'max-bytes': { type: 'string' },
    quiet: { type: 'boolean', short: 'q' },
    json: { type: 'boolean' },
  },
  positionals: '[FILE…]',
  help: [
    `  --as LANGUAGE           what each message must be, or carry: ${languages.map(({ name }) => name).join(', ')};`,
    '                          without it each message is taken for what it begins like',
    '  --max-bytes NUMBER      warns of messages longer than the receiver takes',
    '  --quiet                 prints the summary alone',
    '  --json                  prints each finding as a JSON object on a line; the summary goes to standard error',
    'FILE holds a message on each line, a stream as it went over TCP (octet counting, RELP, HTTP), or is a capture',
    '(pcap, pcapng) of tcpdump or Wireshark; - and none are standard input. A syslog message is read with what it carries.',
    'Exit code: 0 no errors, 2 errors or no message at all. Warnings tell of what some readers stumble over.',
  ],
  async run(invocation) {
    const { io, positionals } = invocation;
    const options = optionsOf(invocation);
    const tally = new LintTally();
    for (const path of positionals.length === 0 ? ['-'] : positionals) {
      await lintInput(path, options, tally, invocation);
      if (io.stop.aborted) break;
    }
    const tell = invocation.options.json === true ? io.err : io.out;
    for (const line of tally.summary()) tell(line);
    if (tally.messages === 0) io.err('defender-siem: no message was found, so nothing is known to be good');
    return tally.withErrors > 0 || tally.messages === 0 ? notGood : 0;
  },
};

async function lintInput(
  path: string,
  options: LintOptions,
  tally: LintTally,
  { io, options: { quiet, json } }: Invocation,
): Promise<void> {
  const name = path === '-' ? 'standard input' : path;
  try {
    for await (const captured of readCapture(path === '-' ? io.inputChunks() : createReadStream(path))) {
      const checked = captured.bytes === undefined ? undefined : lintMessage(captured.bytes, options);
      const framing = captured.findings.map(
        (finding): LanguageFinding => ({ ...finding, language: undefined }),
      );
      const findings = [...framing, ...(checked?.findings ?? [])];
      tally.add(checked?.languages, findings);
      const where = `${name}, ${captured.where}`;
      if (json === true)
        for (const finding of findings)
          io.out(JSON.stringify({ where, languages: checked?.languages ?? [], ...finding }));
      else if (quiet !== true && findings.length > 0)
        print(io, where, captured, checked?.languages ?? [], findings);
      if (io.stop.aborted) return;
    }
  } catch (error) {
    throw new ConnectorError('ARGUMENTS_INVALID', `cannot read ${name}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function print(
  io: Io,
  where: string,
  { bytes }: Captured,
  names: readonly string[],
  findings: readonly LanguageFinding[],
): void {
  io.out(`${printable(where)}${names.length === 0 ? '' : ` (${names.join(' > ')})`}`);
  if (bytes !== undefined) {
    const text = Buffer.from(bytes.subarray(0, shownCharacters * 4)).toString('utf8');
    io.out(`  | ${printable(text.slice(0, shownCharacters))}${text.length > shownCharacters ? '…' : ''}`);
  }
  for (const { level, language, at, message, rule } of findings) {
    const place = [language, at].filter((part) => part !== undefined).join(' ');
    io.out(printable(`  ${level}: ${place === '' ? '' : `${place}: `}${message} [${rule}]`));
  }
}

function optionsOf(invocation: Invocation): LintOptions {
  const name = textOption(invocation, 'as');
  const as = languages.find((language) => language.name === name);
  if (name !== undefined && as === undefined) {
    const names = languages.map((language) => language.name);
    const suggestion = nearest(name, names);
    const hint = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `--as ${name}: the languages are ${names.join(', ')}${hint}`,
    );
  }
  const size = textOption(invocation, 'max-bytes');
  const maxBytes = size === undefined ? undefined : Number(size);
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw new ConnectorError('ARGUMENTS_INVALID', `--max-bytes ${size}: must be a whole number of bytes`);
  }
  return { as, maxBytes };
}
