import { expect, test } from 'vitest';
import { bodyFault, isPartial } from '../../src/http/api-answer.ts';
import { responseOf } from '../support/response.ts';

function answer(body: string, status = 200, headers: Record<string, string> = {}) {
  return responseOf({ status, headers, body });
}

test.each([
  ['an object', '{"value":[]}', undefined],
  ['an array with blanks around', ' \r\n\t[ ]\n', undefined],
  ['an object behind a byte order mark', '\ufeff{}', undefined],
  ['nothing', '', 'an empty body'],
  ['blanks', ' \n', 'an empty body'],
  ['a page of HTML', '<!DOCTYPE html><html></html>', 'text/html in place of JSON'],
  ['text', 'OK', 'text/html in place of JSON'],
  ['an object that was cut', '{"value":[{"id":"a"', 'cut short'],
  ['an array that was cut', '[{"a":1},', 'cut short'],
])('the body of a success: %s', (_case, body, fault) => {
  const found = bodyFault(answer(body, 200, { 'content-type': 'text/html; charset=utf-8' }));
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
});

test.each([
  ['200', answer('{}'), false],
  ['206', answer('{}', 206), true],
  ['a provider that was missing', answer('{}', 200, { warning: '199 - "Microsoft/MCAS/504/10000"' }), true],
  ['a notice of deprecation', answer('{}', 200, { warning: '299 - "This API is deprecated"' }), false],
  ['both', answer('{}', 200, { warning: '299 - "old", 199 - "Microsoft/MCAS/504/10000"' }), true],
])('partial: %s', (_case, given, partial) => expect(isPartial(given)).toBe(partial));
