import { ip } from '../address.ts';
import { integerBetween, port } from '../number-text.ts';
import { recently } from '../recent.ts';
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

/** For each type, what stands between the place of an observable and its value. */
export const observableMembers = Object.fromEntries(
  Object.entries(observableTypes).map(([type, [id, caption]]) => [
    type,
    `","type_id":${id},"type":"${caption}","value":`,
  ]),
) as Readonly<Record<keyof typeof observableTypes, string>>;

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

// Devices, accounts and times are told in several places, and again by the next record.
const isHostname = recently((text) => hostname.test(text), 256);
const isEmail = recently((text) => email.test(text), 256);
const isUrl = recently((text) => text !== '' && !notUrl.test(text), 64);
const isIp = recently((text) => ip(text) !== undefined, 256);
const msOf = recently((text) => epochMsText(text) ?? '', 64);

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

  // The methods take where a value stands in two pieces, which are put together only where they are told.

  /** Notes a value as one that others look for, and returns it. */
  observed(object: string, name: string, type: Observable['type'], json: string): string {
    if (json !== '') this.observables.push({ path: pathOf(object, name), type, json });
    return json;
  }

  /** Notes a value that the schema has no place for. */
  unplace(object: string, name: string, value: string | undefined): void {
    if (value === undefined) return;
    const json = text(value);
    if (json !== '') this.unplaced.push({ path: pathOf(object, name), json });
  }

  ip(object: string, name: string, value: string | undefined): string {
    return this.#text(object, name, value, isIp);
  }

  port(object: string, name: string, value: string | undefined): string {
    return this.#number(object, name, value, port);
  }

  integer(object: string, name: string, value: string | undefined): string {
    return this.#number(object, name, value, readInteger);
  }

  long(object: string, name: string, value: string | undefined): string {
    return this.#number(object, name, value, readLong);
  }

  hash(object: string, name: string, value: string): string {
    if (hash.test(value)) return `"${value}"`;
    this.unplace(object, name, value);
    return '';
  }

  url(object: string, name: string, value: string | undefined): string {
    return this.#text(object, name, value, isUrl);
  }

  email(object: string, name: string, value: string | undefined): string {
    return this.#text(object, name, value, isEmail);
  }

  time(object: string, name: string, value: string | undefined): string {
    return this.#number(object, name, value, msOf);
  }

  #text(object: string, name: string, value: string | undefined, takes: (text: string) => boolean): string {
    if (value === undefined) return '';
    if (takes(value)) return text(value);
    this.unplace(object, name, value);
    return '';
  }

  /** `read` returns the digits, nothing for what is no such number. */
  #number(
    object: string,
    name: string,
    value: string | undefined,
    read: (text: string) => string | undefined,
  ): string {
    if (value === undefined) return '';
    const found = read(value) ?? '';
    if (found === '') this.unplace(object, name, value);
    return found;
  }
}

function pathOf(object: string, name: string): string {
  return object === '' ? name : `${object}.${name}`;
}

/** Returns the text when it is a host's name: letters, digits and hyphens between dots. */
export function hostnameOf(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= longestHostname && isHostname(value) ? value : undefined;
}

/** Returns the text when it is a mail address by the schema: its domain has a dot. */
export function emailOf(value: string | undefined): string | undefined {
  return value !== undefined && isEmail(value) ? value : undefined;
}
