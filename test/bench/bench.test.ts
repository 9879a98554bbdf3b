import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SyslogReceiver } from '../support/syslog-receiver.ts';
import { FrameCounter } from './counting.ts';
import { readOptions, usualParts } from './options.ts';
import { pageOf } from './page.ts';
import { atLeast, atMost } from './part.ts';
import { parts } from './parts.ts';
import { templates } from './peers/fields.ts';
import { relays } from './peers/relays.ts';
import { fillJournal } from './prefill.ts';
import { type Shape, shapes, writePages } from './records.ts';
import { medianOf, percentileOf, runRound } from './round.ts';
import { freshStore } from './stages/accepting.ts';
import { stages } from './stages/index.ts';

const records = 3;
let folder: string;
let receiver: SyslogReceiver;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  receiver = await SyslogReceiver.listen();
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function pagesOf(shape: Shape) {
  return writePages(shape, records, join(folder, shape.name));
}

/** Those that speak TLS take certificates, and a store takes a thread: they say nothing that the others do not. */
function testedOver({ name: shape }: Shape) {
  return stages.filter(({ delivers, name }) => {
    if (/^(?:whole|accept)/.test(name)) return shape === 'alerts' && !/-(?:tls|hec|json)$/.test(name);
    return delivers === undefined || /-tcp$|^plain$/.test(name);
  });
}

describe('the bench', () => {
  test.each(shapes)('does every stage over $name', async (shape) => {
    const pages = pagesOf(shape);
    const ports = { tcp: receiver.port, tls: 0, https: 0, ca: '' };
    for (const stage of testedOver(shape)) {
      const before = receiver.messages.length;
      const work = await stage.prepare({ pages, folder, receiver: ports });
      expect(await runRound(work, pages.files), stage.name).toMatchObject({ records });
      if (stage.delivers === 'counted') await receiver.received(before + records);
    }
  });

  test('fills a journal with records that differ', async () => {
    await using store = await freshStore(folder);
    await store.registerSinks(['bench'], 0);
    await fillJournal(store, 'bench', 5);
    const [progress] = await store.progress().then(({ sinks }) => sinks);
    expect(progress?.backlog).toBe(5);
  });

  test('counts messages whatever pieces they come in', () => {
    const stream = Buffer.from('5 first6 second10 the third\n');
    for (let cut = 0; cut <= stream.length; cut++) {
      const frames = new FrameCounter();
      frames.push(stream.subarray(0, cut));
      frames.push(stream.subarray(cut));
      expect(frames.count).toBe(3);
    }
    expect(() => new FrameCounter().push(Buffer.from('<134>'))).toThrow(SyntaxError);
  });

  test('writes as many fields for the relays of either shape', () => {
    for (const relay of relays) {
      for (const template of Object.values(templates)) {
        const text = relay.configuration({ from: 1, to: 2, folder, template });
        expect(text.match(/ (?:\w+)=(?:%\$!|\$\{)/g)?.length).toBe(14);
      }
    }
  });

  test('prints what was asked beside what was measured', () => {
    const targets = [atLeast('speed', 4, 3.9, ' x'), atMost('memory', 150, 149.6, ' MiB', 0)];
    const [part] = parts;
    if (part === undefined) throw new Error('there is no part');
    const page = pageOf(['--part', 'stages'], [{ part, findings: { text: 'a table\n', targets } }]);
    expect(page).toContain('npm run bench -- --part stages');
    expect(page).toMatch(/\| speed +\| +at least 4 x \| +3\.90 x \| \*\*missed\*\* \|/);
    expect(page).toMatch(/\| memory \| at most 150 MiB \| +150 MiB \| met +\|/);
  });

  test('takes options, and says what it does not know', () => {
    const known = parts.map(({ name }) => name);
    expect(readOptions([], known)).toMatchObject({ parts: usualParts, records: 20_000, rounds: 3 });
    expect(readOptions(['--peers'], known).parts).toEqual([...usualParts, 'peers']);
    expect(readOptions(['--part', 'all'], known).parts).toEqual(known);
    expect(() => readOptions(['--part', 'peer'], known)).toThrow('--part peer: there are stages, peers');
    expect(() => readOptions(['--records', 'many'], known)).toThrow('--records many');
  });

  test('knows the middle and the edge of what it measured', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(percentileOf([...Array(100).keys()], 0.99)).toBe(98);
    expect(() => medianOf([])).toThrow(RangeError);
  });
});
