import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { mayLieInContent } from '../../src/sources/narrowing.ts';

describe('a failure that may lie in what was asked for', () => {
  test.each([
    ['an answer of 500', new ConnectorError('API_FAILED', 'status 500', { status: 500 }), true],
    ['an answer that breaks off', new ConnectorError('API_UNREACHABLE', 'reset'), true],
    ['a token refused by the API', new ConnectorError('API_FAILED', 'status 401', { status: 401 }), false],
    ['a call too many', new ConnectorError('API_FAILED', 'status 429', { status: 429 }), false],
    ['a permission that is missing', new ConnectorError('PERMISSION_MISSING', 'none'), false],
    ['a token endpoint that is away', new ConnectorError('IDENTITY_UNAVAILABLE', 'refused'), false],
    ['a store that cannot be used', new ConnectorError('STORE_UNUSABLE', 'full'), false],
    ['a bug', new TypeError('undefined is no function'), false],
  ])('%s: %s', (_name, failure, may) => {
    expect(mayLieInContent(failure)).toBe(may);
  });
});
