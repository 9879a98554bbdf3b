import { ip } from '../address.ts';
import { integerBetween, port } from '../number-text.ts';
import { epochMsText } from '../time-text.ts';
import { text } from './json.ts';

/** Versions of OCSF that can be written. */
export const ocsfVersions = ['1.7.0', '1.8.0', '1.9.0'] as const;

/** A version of OCSF that can be written. */
export type OcsfVersion = (typeof ocsfVersions)[number];

/** Types of observables (formats reference §8.4), with the schema's captions. */
export const observableTypes = {
  hostname: [1, 'Hostname'],
  ip: [2, 'IP Address'],
  userName: [4, 'User Name'],
  email: [5, 'Email Address'],
  url: [6, 'URL String'],
  fileName: [7, 'File Name'],
  hash: [8, 'Hash'],
  processName: [9, 'Process Name'],
  commandLine: [13, 'Command Line'],
} as const satisfies Readonly<Record<string, readonly [id: number, caption: string]>>;

/** An attribute whose value others look for. */
export interface Observable {
  /** From the object that was drafted on. */
  readonly path: string;
  readonly type: keyof typeof observableTypes;
  /** The value as JSON. */
  readonly json: string;
}

/** A value that no attribute of the schema takes. */
export interface Unplaced {
  /** The attribute that it was meant for. */
  readonly path: string;
  readonly json: string;
}

const most64 = 2n ** 63n - 1n;
const most53 = 2n ** 53n - 1n;
const readInteger = integerBetween(0n, most53);
const readLong = integerBetween(0n, most64);
const hostname = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const email = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+$/;
const hash = /^[a-fA-F0-9]+$/;
const notUrl = /[\s\p{Cc}]/u;

/** Longer than any name of a host, and short enough to be looked at quickly. */
const longestHostname = 253;

/**
 * What is collected while an object is written: values that others look for, and values that the schema has no place
 * for. Each reader returns JSON, empty for what is none of its type, which is then told as not placed.
 */
export class Draft {
  readonly version: OcsfVersion;
  readonly observables: Observable[] = [];
  readonly unplaced: Unplaced[] = [];
  /** True when something of the extension `win` was written. */
  windows = false;
  /** Tells a process from others of other records where no id of its own is known. */
  readonly processUid: string;

  constructor(version: OcsfVersion, processUid: string) {
    this.version = version;
    this.processUid = processUid;
  }

  /** Notes a value as one that others look for, and returns it. */
  observed(path: string, type: Observable['type'], json: string): string {
    if (json !== '') this.observables.push({ path, type, json });
    return json;
  }

  /** Notes a value that the schema has no place for. */
  unplace(path: string, value: string | undefined): void {
    const json = text(value);
    if (json !== '') this.unplaced.push({ path, json });
  }

  ip(path: string, value: string | undefined): string {
    return this.#formed(path, value, ip);
  }

  port(path: string, value: string | undefined): string {
    return this.#number(path, value, port);
  }

  integer(path: string, value: string | undefined): string {
    return this.#number(path, value, readInteger);
  }

  long(path: string, value: string | undefined): string {
    return this.#number(path, value, readLong);
  }

  hash(path: string, value: string | undefined): string {
    return this.#formed(path, value, (told) => (hash.test(told) ? told : undefined));
  }

  url(path: string, value: string | undefined): string {
    return this.#formed(path, value, (told) => (told !== '' && !notUrl.test(told) ? told : undefined));
  }

  email(path: string, value: string | undefined): string {
    return this.#formed(path, value, emailOf);
  }

  time(path: string, value: string | undefined): string {
    return this.#number(path, value, epochMsText);
  }

  #formed(path: string, value: string | undefined, read: (text: string) => string | undefined): string {
    const found = value === undefined ? undefined : read(value);
    if (found !== undefined) return text(found);
    this.unplace(path, value);
    return '';
  }

  #number(path: string, value: string | undefined, read: (text: string) => string | undefined): string {
    const found = value === undefined ? undefined : read(value);
    if (found !== undefined) return found;
    this.unplace(path, value);
    return '';
  }
}

/** Returns the text when it is a host's name: letters, digits and hyphens between dots. */
export function hostnameOf(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= longestHostname && hostname.test(value) ? value : undefined;
}

/** Returns the text when it is a mail address by the schema: its domain has a dot. */
export function emailOf(value: string | undefined): string | undefined {
  return value !== undefined && email.test(value) ? value : undefined;
}
