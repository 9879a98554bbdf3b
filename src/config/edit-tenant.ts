import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { CloudName } from '../identity/clouds.ts';
import { credentialKeys } from './auth.ts';
import { YamlSplicer } from './splice-yaml.ts';

/** What of a tenant's entry is written: the identity, with paths as they are to stand in the file. */
export interface WrittenTenant {
  readonly name: string;
  readonly id: string;
  /** Left out for the commercial cloud, which is the default. */
  readonly cloud: CloudName;
  readonly auth: WrittenAuth;
}

/**
 * `auth` of a tenant as it stands in a file; credentials are references to files, never the values. Without any, the one
 * that the entry has stays.
 */
export interface WrittenAuth {
  readonly clientId: string;
  readonly certificate?: { readonly path: string };
  readonly clientSecret?: string;
  readonly workloadIdentity?: Readonly<Record<string, never>>;
  readonly user?: { readonly cache: string; readonly key: string };
}

/** An edited configuration, and what is new in it: one line each, without credentials. */
export interface Edited {
  readonly text: string;
  readonly changes: readonly string[];
}

/**
 * Returns the configuration with the identity of a tenant: of the entry at `index`, or of a new one with a source of its
 * Graph alerts. All else, comments and order too, stays. The text is the same where nothing changes.
 */
export function editTenant(before: string, index: number | undefined, tenant: WrittenTenant): Edited {
  const text = index === undefined ? before : withoutRemark(before, index);
  const document = parseDocument(text);
  const changes = index === undefined ? addTenant(document, tenant) : setAuth(document, index, tenant);
  if (changes.length === 0) return { text: before, changes };
  const splicer = new YamlSplicer(text);
  if (index === undefined) spliceTenant(splicer, tenant);
  else spliceAuth(splicer, index, parseDocument(text), document);
  return { text: splicer.result(document) ?? written(document, text), changes };
}

/**
 * Returns the configuration with the identity of the tenant at `index` set aside: a comment says which application it
 * was and since when (`when`, a day), and nothing signs in with it any more.
 */
export function setAuthAside(text: string, index: number, when: string): Edited {
  const document = parseDocument(text);
  const entry = document.getIn(['tenants', index]);
  const auth = document.getIn(['tenants', index, 'auth']);
  if (!isMap(entry) || !isMap(auth)) return { text, changes: [] };
  const clientId = String(auth.get('clientId'));
  const remark = ` auth was set aside on ${when}, with the application ${clientId}: run \`defender-siem provision\` to have one again`;
  entry.delete('auth');
  entry.comment = entry.comment ? `${entry.comment}\n${remark}` : remark;
  const splicer = new YamlSplicer(text);
  splicer.remark(['tenants', index], 'auth', remark);
  return {
    text: splicer.result(document) ?? written(document, text),
    changes: [`- ${pathOf(index)}.auth (application ${clientId})`],
  };
}

/** What `setAuthAside` leaves in an entry. */
const remarkLine = /^ *# auth was set aside on .*`defender-siem provision`.*\n?/gm;

function withoutRemark(text: string, index: number): string {
  const entry = parseDocument(text).getIn(['tenants', index]);
  if (!isMap(entry) || !entry.range) return text;
  const [from, , to] = entry.range;
  return text.slice(0, from) + text.slice(from, to).replaceAll(remarkLine, '') + text.slice(to);
}

/** Says to the splicer what has changed in the entry between two states of the document. */
function spliceAuth(splicer: YamlSplicer, index: number, before: Document, after: Document): void {
  const entry = ['tenants', index];
  const was = plainMap(before.getIn(entry));
  const is = plainMap(after.getIn(entry));
  if (was.cloud !== is.cloud) splicer.set(entry, { cloud: is.cloud }, 'id');
  if (was.auth === undefined || was.auth === null) {
    splicer.set(entry, { auth: is.auth }, 'cloud' in was ? 'cloud' : 'id');
    return;
  }
  const [old, current] = [plainMap(was.auth), plainMap(is.auth)];
  const keys = new Set([...Object.keys(old), ...Object.keys(current)]);
  const changed = [...keys].filter((key) => !isDeepStrictEqual(old[key], current[key]));
  splicer.set([...entry, 'auth'], Object.fromEntries(changed.map((key) => [key, current[key]])), 'clientId');
}

function plainMap(value: unknown): Readonly<Record<string, unknown>> {
  const plain: unknown = isMap(value) ? value.toJSON() : value;
  return typeof plain === 'object' && plain !== null ? { ...plain } : {};
}

function spliceTenant(splicer: YamlSplicer, tenant: WrittenTenant): void {
  splicer.append(['tenants'], entryOf(tenant));
  splicer.append(['sources'], firstSource(tenant));
}

function entryOf({ name, id, cloud, auth }: WrittenTenant) {
  return { name, id, ...(cloud === 'commercial' ? {} : { cloud }), auth };
}

function firstSource({ name }: WrittenTenant) {
  return { name: `${name}-alerts`, type: 'graph-alerts', tenant: name };
}

function addTenant(document: Document, tenant: WrittenTenant): string[] {
  const { name, id, cloud, auth } = tenant;
  if (document.contents === null) document.contents = document.createNode({}) as never;
  append(document, 'tenants', entryOf(tenant));
  append(document, 'sources', firstSource(tenant));
  return [
    `+ tenants: ${name} (${id}${cloud === 'commercial' ? '' : `, ${cloud}`})`,
    ...flat('auth', auth).map((line) => `+ ${name}.${line}`),
    `+ sources: ${name}-alerts (graph-alerts)`,
  ];
}

function append(document: Document, key: string, value: unknown): void {
  if (isSeq(document.get(key))) document.addIn([key], document.createNode(value));
  else document.set(key, document.createNode([value]));
}

function setAuth(document: Document, index: number, { auth, cloud, name }: WrittenTenant): string[] {
  const changes: string[] = [];
  const at = ['tenants', index, 'auth'];
  const known = document.getIn(['tenants', index, 'cloud']) ?? 'commercial';
  if (known !== cloud) {
    document.setIn(['tenants', index, 'cloud'], cloud);
    changes.push(`+ ${name}.cloud: ${cloud}`);
  }
  const present = document.getIn(at);
  if (!isMap(present)) {
    document.setIn(at, document.createNode(auth));
    return [...changes, ...flat('auth', auth).map((line) => `+ ${name}.${line}`)];
  }
  const named = credentialKeys.some((key) => key in auth);
  for (const key of named ? credentialKeys : []) {
    if (auth[key as keyof WrittenAuth] !== undefined || !present.has(key)) continue;
    changes.push(`- ${name}.auth.${key}`);
    present.delete(key);
  }
  for (const [key, value] of Object.entries(auth)) {
    if (isSame(present, key, value)) continue;
    if (present.has(key)) changes.push(`- ${name}.${shown(`auth.${key}`, present.get(key))}`);
    present.set(document.createNode(key), document.createNode(value));
    changes.push(...flat(`auth.${key}`, value).map((line) => `+ ${name}.${line}`));
  }
  return changes;
}

function isSame(map: YAMLMap, key: string, value: unknown): boolean {
  const present = map.get(key);
  const plain = isMap(present) || isSeq(present) ? (present.toJSON() as unknown) : present;
  // What stands beside the keys that are written, such as a token file, is the operator's.
  if (isMap(present) && typeof value === 'object' && value !== null && Object.keys(value).length === 0)
    return true;
  return JSON.stringify(plain) === JSON.stringify(value);
}

/** Returns `path: value`, a line for each value; a credential that does not stand there by reference is not shown. */
function flat(path: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [shown(path, value)];
  const entries = Object.entries(value);
  return entries.length === 0
    ? [`${path}: {}`]
    : entries.flatMap(([key, item]) => flat(`${path}.${key}`, item));
}

function shown(path: string, value: unknown): string {
  const plain = isScalar(value) ? value.value : value;
  if (typeof plain === 'object' && plain !== null) return path;
  const secret = /(clientSecret|password|key)$/.test(path) && !/^\$\{/.test(String(plain));
  return `${path}: ${secret ? '[secret]' : String(plain)}`;
}

function pathOf(index: number): string {
  return `tenants[${index}]`;
}

/** The text in the file's own way of indenting. */
function written(document: Document, text: string): string {
  const step = /^( +)(?![ #-])\S/m.exec(text)?.[1]?.length;
  return document.toString({
    lineWidth: 0,
    indent: step === 4 ? 4 : 2,
    indentSeq: !/^[^\s#-][^\n]*:[ \t]*\n- /m.test(text),
    flowCollectionPadding: !/\{\S/.test(text),
  });
}
