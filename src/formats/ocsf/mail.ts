import type { MailMessage } from '../../event.ts';
import { type Draft, emailOf } from './draft.ts';
import { list, member, objectOf, text } from './json.ts';

/**
 * 68–71: a mail. The schema wants a sender or a recipient: without either, what is told of it has no place. The sender
 * of its envelope is where it returns to: `smtp_from` is deprecated.
 */
export function emailObject(draft: Draft, path: string, message: MailMessage | undefined): string {
  if (message === undefined) return '';
  const from = emailOf(message.sender);
  const to = emailOf(message.recipient);
  if (from === undefined && to === undefined) {
    draft.unplace(path, 'from', message.sender);
    draft.unplace(path, 'to', message.recipient);
    draft.unplace(path, 'return_path', message.envelopeSender);
    draft.unplace(path, 'x_originating_ip', message.senderIp);
    draft.unplace(path, 'subject', message.subject);
    draft.unplace(path, 'message_uid', message.internetMessageId);
    draft.unplace(path, 'uid', message.networkMessageId);
    for (const url of message.urls) draft.unplace(path, 'urls.url_string', url);
    return '';
  }
  const recipient = draft.email(path, 'to', message.recipient);
  const senderIp = draft.ip(path, 'x_originating_ip', message.senderIp);
  return objectOf(
    'from',
    draft.observed(path, 'from', 'email', draft.email(path, 'from', message.sender)),
    member('to', list([draft.observed(path, 'to[0]', 'email', recipient)])) +
      member('return_path', draft.email(path, 'return_path', message.envelopeSender)) +
      member('subject', text(message.subject)) +
      member('message_uid', text(message.internetMessageId)) +
      member('uid', text(message.networkMessageId)) +
      member('x_originating_ip', list([draft.observed(path, 'x_originating_ip[0]', 'ip', senderIp)])) +
      member('urls', list(urlsOf(draft, path, message.urls))),
  );
}

function urlsOf(draft: Draft, path: string, urls: readonly string[]): readonly string[] {
  return urls.map((url) => objectOf('url_string', draft.url(path, 'urls.url_string', url)));
}
