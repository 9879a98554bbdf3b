import type { Datagram } from './ip.ts';

/** Datagrams whose fragments are held at most; those that began first go first. */
const maxOpen = 256;
const maxDatagram = 65_535;

/** Puts the fragments of IP datagrams together, in whatever order they come. */
export class Fragments {
  readonly #open = new Map<string, { readonly parts: Map<number, Buffer>; end: number | undefined }>();

  /** Number of datagrams of which some fragments are lacking. */
  get incomplete(): number {
    return this.#open.size;
  }

  /** Returns a datagram that is whole with this one; undefined while fragments of it lack. */
  add(datagram: Datagram): Datagram | undefined {
    const { fragment } = datagram;
    if (fragment === undefined) return datagram;
    const held = this.#open.get(fragment.id) ?? { parts: new Map<number, Buffer>(), end: undefined };
    this.#open.set(fragment.id, held);
    const end = fragment.offset + datagram.payload.length;
    if (end > maxDatagram) return undefined;
    held.parts.set(fragment.offset, Buffer.from(datagram.payload));
    if (!fragment.more) held.end = end;
    const payload = joined(held.parts, held.end);
    if (payload === undefined) {
      const oldest = this.#open.size > maxOpen ? this.#open.keys().next().value : undefined;
      if (oldest !== undefined) this.#open.delete(oldest);
      return undefined;
    }
    this.#open.delete(fragment.id);
    return { ...datagram, payload, fragment: undefined };
  }
}

function joined(parts: ReadonlyMap<number, Buffer>, end: number | undefined): Buffer | undefined {
  if (end === undefined) return undefined;
  const payload = Buffer.alloc(end);
  let filled = 0;
  for (const [offset, part] of [...parts].toSorted(([a], [b]) => a - b)) {
    if (offset > filled) return undefined;
    part.copy(payload, offset);
    filled = Math.max(filled, offset + part.length);
  }
  return filled >= end ? payload : undefined;
}
