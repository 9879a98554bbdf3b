import { crc32, deflateSync } from 'node:zlib';

/** Colours of the picture: ground, shield, and the pulse across it. */
const palette = [
  [0x1f, 0x2a, 0x37],
  [0x2f, 0x8f, 0xd8],
  [0xff, 0xff, 0xff],
] as const;

/** Points of the pulse from left to right, as parts of the picture's side. */
const pulse: readonly (readonly [x: number, y: number])[] = [
  [0.24, 0.48],
  [0.4, 0.48],
  [0.46, 0.3],
  [0.54, 0.64],
  [0.6, 0.48],
  [0.76, 0.48],
];

/** Returns the add-on's icon as a PNG of `side` by `side` pixels: the same bytes for the same side. */
export function icon(side: number): Buffer {
  const rows = Array.from({ length: side }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: side }, (_, x) => colourAt((x + 0.5) / side, (y + 0.5) / side))]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 3], 8); // 8 bits each, by palette
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Index of the colour at a place of the unit square. */
function colourAt(x: number, y: number): number {
  const halfWidth = y < 0.55 ? 0.36 : 0.36 * Math.sqrt(Math.max(0, 1 - ((y - 0.55) / 0.37) ** 2));
  if (y < 0.1 || Math.abs(x - 0.5) > halfWidth) return 0;
  return distanceToPulse(x, y) < 0.035 ? 2 : 1;
}

function distanceToPulse(x: number, y: number): number {
  let nearest = 1;
  for (const [index, [x2, y2]] of pulse.entries()) {
    const [x1, y1] = pulse[Math.max(index - 1, 0)] ?? [x2, y2];
    const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
    const along = length === 0 ? 0 : ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length;
    const part = Math.min(1, Math.max(0, along));
    nearest = Math.min(nearest, Math.hypot(x - x1 - part * (x2 - x1), y - y1 - part * (y2 - y1)));
  }
  return nearest;
}
