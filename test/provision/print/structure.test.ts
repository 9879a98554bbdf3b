import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/provision/plan.ts';
import { bicep } from '../../../src/provision/print/bicep.ts';
import { terraform } from '../../../src/provision/print/terraform.ts';
import { context, hostileName, plans } from './plans.ts';
import { type Lexis, type Token, tokensOf } from './structure.ts';

/** HCL: what an unescaped `${` or `%{` would run is not allowed in any text here. */
const hcl: Lexis = {
  quote: '"',
  comment: '#',
  readEscape(rest) {
    const [whole, , code] = /^\\(?:(["\\])|u([0-9a-f]{4}))|^[$%]{2}(?=\{)/.exec(rest) ?? [];
    if (whole === undefined) {
      if (/^[$%]\{/.test(rest)) throw new SyntaxError('a template in a text');
      return undefined;
    }
    return [
      code === undefined
        ? (whole[1] ?? '').replace('%%', '%')
        : String.fromCharCode(Number.parseInt(code, 16)),
      whole.length,
    ];
  },
};

/** Bicep: the one interpolation that is meant is the name that a federated credential hangs on. */
const bicepLexis: Lexis = {
  quote: "'",
  comment: '//',
  readEscape(rest) {
    const meant = '${connector.uniqueName}';
    if (rest.startsWith(meant)) return [meant, meant.length];
    if (rest.startsWith('${')) throw new SyntaxError('an interpolation in a text');
    const [whole, plain, code] = /^\\(?:(['\\$])|u\{([0-9a-f]+)\})/.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    return [plain ?? String.fromCodePoint(Number.parseInt(code ?? '', 16)), whole.length];
  },
};

const grantsOf = ({ steps }: Plan) =>
  steps.flatMap((step) =>
    step.kind === 'grant' ? [`${step.permission.resource} ${step.permission.value}`] : [],
  );

/** Returns the names of tokens, with texts in quotes, on one line. */
function flat(tokens: readonly Token[]): string {
  return tokens
    .filter(({ kind }) => kind !== 'line')
    .map(({ kind, value }) => (kind === 'text' ? JSON.stringify(value) : value))
    .join(' ');
}

describe('the module for Terraform', () => {
  test.each(Object.entries(plans))('of the plan %s holds together', (_, plan) => {
    const text = flat(tokensOf(terraform.print(plan, context), hcl));
    const declared = [...text.matchAll(/(resource|data) "(\w+)" "(\w+)" \{/g)].map(
      ([, kind, type, name]) => `${kind === 'data' ? 'data . ' : ''}${type} . ${name}`,
    );
    expect(new Set(declared).size).toBe(declared.length);
    const used = [...text.matchAll(/(data \. )?azuread_\w+ \. \w+/g)].map(([reference]) => reference);
    expect(used.filter((reference) => !declared.includes(reference))).toEqual([]);
    expect(
      [...text.matchAll(/var \. (\w+)/g)].every(([, name]) => text.includes(`variable "${name}" {`)),
    ).toBe(true);
    const granted = [
      ...text.matchAll(
        /"azuread_app_role_assignment" "\w+" \{ app_role_id = azuread_service_principal \. (\w+) \. app_role_ids \[ "([\w.]+)" \]/g,
      ),
    ].map(([, resource, value]) => `${resource} ${value}`);
    expect(granted).toEqual(grantsOf(plan));
  });

  test('takes any name as it is', () => {
    const plan = plans['hostile-names'];
    if (plan === undefined) throw new TypeError('no plan');
    const texts = tokensOf(terraform.print(plan, context), hcl).filter(({ kind }) => kind === 'text');
    expect(texts.map(({ value }) => value)).toContain(hostileName);
  });
});

describe('the file for Bicep', () => {
  test.each(Object.entries(plans))('of the plan %s holds together', (_, plan) => {
    const tokens = tokensOf(bicep.print(plan, context), bicepLexis);
    const text = flat(tokens);
    const declared = [
      ...text.matchAll(/(?:resource (\w+) "Microsoft\.Graph\/[\w/]+@v1\.0"|param (\w+))/g),
    ].map(([, resource, parameter]) => resource ?? parameter);
    expect(new Set(declared).size).toBe(declared.length);
    const used = [
      ...text.matchAll(/(\w+) \. (?:appRoles|oauth2PermissionScopes|appId|id|uniqueName)\b/g),
      ...text.matchAll(/key : (\w+)/g),
    ].map(([, name]) => name);
    expect(used.filter((name) => !declared.includes(name))).toEqual([]);
    const granted = [
      ...text.matchAll(
        /appRoleAssignedTo@v1\.0" = \{ appRoleId : filter \( (\w+) \. appRoles , offered => offered \. value == "([\w.]+)" \)/g,
      ),
    ].map(([, resource, value]) => `${resource} ${value}`);
    expect(granted).toEqual(grantsOf(plan));
  });

  test('takes any name as it is', () => {
    const plan = plans['hostile-names'];
    if (plan === undefined) throw new TypeError('no plan');
    const texts = tokensOf(bicep.print(plan, context), bicepLexis).filter(({ kind }) => kind === 'text');
    expect(texts.map(({ value }) => value)).toContain(hostileName);
  });
});
