import type { Process, User } from '../../event.ts';
import type { Draft } from './draft.ts';
import { fileObject } from './file.ts';
import { member, objectOf, text } from './json.ts';
import { userObject } from './party.ts';

/**
 * 55–60: a process with its parent. The schema wants an id of each: one whose number is not told, as in detections of
 * the SIEM API, is known by the record that tells of it.
 */
export function processObject(
  draft: Draft,
  path: string,
  process: Process | undefined,
  user?: User | undefined,
): string {
  if (process === undefined) return '';
  const { image } = process;
  const members =
    member('name', draft.observed(path, 'name', 'processName', text(image?.name))) +
    member('cmd_line', draft.observed(path, 'cmd_line', 'commandLine', text(process.commandLine))) +
    member('created_time', draft.time(path, 'created_time', process.started)) +
    member('file', fileObject(draft, `${path}.file`, image)) +
    member('user', userObject(draft, `${path}.user`, process.user ?? user)) +
    member('parent_process', parentObject(draft, `${path}.parent_process`, process));
  return identified(draft, path, process.pid, members, '');
}

/** 59, 60: the process that started it. */
export function parentObject(draft: Draft, path: string, process: Process | undefined): string {
  if (process === undefined) return '';
  const { parentImage, parentPid, parentStarted } = process;
  const members =
    member('name', text(parentImage?.name)) +
    member('created_time', draft.time(path, 'created_time', parentStarted)) +
    member('file', fileObject(draft, `${path}.file`, parentImage));
  return identified(draft, path, parentPid, members, '/parent');
}

function identified(
  draft: Draft,
  path: string,
  pid: string | undefined,
  members: string,
  suffix: string,
): string {
  const number = draft.integer(path, 'pid', pid);
  if (number !== '') return objectOf('pid', number, members);
  return members === '' ? '' : objectOf('uid', text(draft.processUid + suffix), members);
}
