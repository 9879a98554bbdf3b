import { type Expression, type Statement, statementsOf } from './syntax.ts';

/** A value of a template. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Reads a file that the source loads: its text, or its value where it is JSON or YAML. */
export interface Loader {
  text(path: string): string;
  value(path: string): Json;
}

/**
 * Compiles Bicep to the ARM template that stands for the same deployment: parameters, variables, resources and outputs.
 * Names that are not declared and functions that are not known throw.
 */
export function compileBicep(source: string, loader: Loader): Json {
  const statements = statementsOf(source);
  return new Compiler(statements, loader).template();
}

/** Functions that Bicep and ARM share, by name. */
const shared: ReadonlySet<string> = new Set([
  'guid',
  'resourceGroup',
  'string',
  'subscription',
  'subscriptionResourceId',
]);

class Compiler {
  readonly #statements: readonly Statement[];
  readonly #loader: Loader;
  readonly #byName: ReadonlyMap<string, Statement>;
  /** Resources of this template that the expression at hand names. */
  #named = new Set<string>();

  constructor(statements: readonly Statement[], loader: Loader) {
    this.#statements = statements;
    this.#loader = loader;
    this.#byName = new Map(
      statements
        .filter(({ keyword }) => keyword !== 'output')
        .map((statement) => [statement.name, statement]),
    );
  }

  template(): Json {
    const of = (keyword: Statement['keyword']) =>
      this.#statements.filter((statement) => statement.keyword === keyword && !statement.existing);
    return {
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters: Object.fromEntries(of('param').map((each) => [each.name, this.#parameter(each)])),
      variables: Object.fromEntries(of('var').map(({ name, value }) => [name, this.#value(value)])),
      resources: of('resource').map((each) => this.#resource(each)),
      outputs: Object.fromEntries(
        of('output').map(({ name, type, value }) => [name, { type, value: this.#value(value) }]),
      ),
    };
  }

  #parameter({ type, value, decorators }: Statement): Json {
    const { description, allowed, ...others } = decorators;
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined) throw new Error(`@${unknown} is not known`);
    return {
      type,
      ...(value === undefined ? {} : { defaultValue: this.#value(value) }),
      ...(allowed === undefined ? {} : { allowedValues: this.#value(allowed) }),
      ...(description === undefined ? {} : { metadata: { description: this.#value(description) } }),
    };
  }

  #resource({ type, value }: Statement): Json {
    const [kind = '', apiVersion = ''] = type.split('@');
    if (value?.kind !== 'object') throw new Error(`${type} is no object`);
    this.#named = new Set();
    const members = new Map(value.members);
    const { parent, scope, name, dependsOn, ...rest } = Object.fromEntries(members);
    if (name === undefined) throw new Error(`${type} has no name`);
    const whole = {
      type: kind,
      apiVersion,
      ...(scope === undefined ? {} : { scope: bracketed(this.#scopeOf(scope)) }),
      name: this.#nameValue(name, parent),
      ...Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, this.#value(each)])),
    };
    if (dependsOn?.kind === 'array') for (const each of dependsOn.items) this.#note(each);
    const needed = [...this.#named].map((each) => bracketed(this.#idOf(each)));
    return needed.length === 0 ? whole : { ...whole, dependsOn: needed };
  }

  #nameValue(name: Expression, parent: Expression | undefined): Json {
    if (parent === undefined) return this.#value(name);
    return bracketed(`format('{0}/{1}', ${this.#nameOf(this.#note(parent))}, ${this.#code(name)})`);
  }

  /** Notes that the resource at hand comes after another one; returns that one's symbol. */
  #note(expression: Expression): string {
    if (expression.kind !== 'name') throw new Error('a resource is to be named');
    if (this.#statement(expression.name).existing === false) this.#named.add(expression.name);
    return expression.name;
  }

  #scopeOf(scope: Expression): string {
    const symbol = this.#note(scope);
    const [type = ''] = this.#statement(symbol).type.split('@');
    return `format('${type}/{0}', ${this.#nameOf(symbol)})`;
  }

  #statement(name: string): Statement {
    const statement = this.#byName.get(name);
    if (statement === undefined) throw new Error(`${name} is not declared`);
    return statement;
  }

  #memberOf(symbol: string, name: string): Expression | undefined {
    const { value } = this.#statement(symbol);
    return value?.kind === 'object' ? value.members.find(([key]) => key === name)?.[1] : undefined;
  }

  #nameOf(symbol: string): string {
    const name = this.#memberOf(symbol, 'name');
    if (name === undefined) throw new Error(`${symbol} has no name`);
    return this.#code(name);
  }

  #idOf(symbol: string): string {
    const [type = ''] = this.#statement(symbol).type.split('@');
    const parent = this.#memberOf(symbol, 'parent');
    const names = [...(parent?.kind === 'name' ? [this.#nameOf(parent.name)] : []), this.#nameOf(symbol)];
    return `resourceId('${type}', ${names.join(', ')})`;
  }

  /** A value where a template has JSON. */
  #value(expression: Expression | undefined): Json {
    if (expression === undefined) throw new Error('a value is missing');
    switch (expression.kind) {
      case 'literal':
        return typeof expression.value === 'string' ? plain(expression.value) : expression.value;
      case 'object':
        return Object.fromEntries(expression.members.map(([key, value]) => [key, this.#value(value)]));
      case 'array':
        return expression.items.map((item) => this.#value(item));
      case 'call': {
        const loaded = this.#loaded(expression.name, expression.values);
        return loaded === undefined ? bracketed(this.#code(expression)) : escaped(loaded);
      }
      default:
        return bracketed(this.#code(expression));
    }
  }

  #loaded(name: string, values: readonly Expression[]): Json | undefined {
    const [path] = values;
    if (!name.startsWith('load') || path?.kind !== 'literal') return undefined;
    if (name === 'loadTextContent') return this.#loader.text(String(path.value));
    if (name === 'loadJsonContent' || name === 'loadYamlContent')
      return this.#loader.value(String(path.value));
    throw new Error(`${name} is not known`);
  }

  /** The same within brackets, in ARM's expressions. */
  #code(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return typeof expression.value === 'string' ? quoted(expression.value) : String(expression.value);
      case 'text': {
        const pattern = expression.texts
          .map((text, index) => (index === 0 ? text : `{${index - 1}}${text}`))
          .join('');
        const values = expression.inserted.map((each) => this.#code(each));
        return `format(${[quoted(pattern), ...values].join(', ')})`;
      }
      case 'name': {
        const { keyword } = this.#statement(expression.name);
        if (keyword === 'param') return `parameters('${expression.name}')`;
        if (keyword === 'var') return `variables('${expression.name}')`;
        throw new Error(`${expression.name} is a resource: name a member of it`);
      }
      case 'call':
        if (!shared.has(expression.name)) throw new Error(`the function ${expression.name} is not known`);
        return `${expression.name}(${expression.values.map((value) => this.#code(value)).join(', ')})`;
      case 'member':
        return this.#member(expression);
      default:
        throw new Error(`${expression.kind} within an expression is not read here`);
    }
  }

  #member({ of, name }: Extract<Expression, { kind: 'member' }>): string {
    if (of.kind === 'name' && this.#statement(of.name).keyword === 'resource') {
      this.#note(of);
      if (name === 'id') return this.#idOf(of.name);
      if (name === 'name') return this.#nameOf(of.name);
      if (name === 'properties') {
        const [, apiVersion = ''] = this.#statement(of.name).type.split('@');
        return `reference(${this.#idOf(of.name)}, '${apiVersion}')`;
      }
      throw new Error(`${of.name}.${name} is not known before the deployment`);
    }
    return `${this.#code(of)}.${name}`;
  }
}

function bracketed(code: string): string {
  return `[${code}]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text that begins with a bracket would be read as an expression. */
function plain(text: string): string {
  return text.startsWith('[') ? `[${text}` : text;
}

function escaped(value: Json): Json {
  if (typeof value === 'string') return plain(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(escaped);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escaped(each)]));
}
