import { createRequire } from 'node:module';

// Microsoft's own parser of KQL, of which the types are those of a translated C# library: the few members used here are
// written down instead.

interface Diagnostic {
  readonly Message: string;
  readonly Severity: string;
  readonly Start: number;
}

interface Column {
  readonly Name: string;
  readonly Type: { readonly Name: string };
}

interface Collection<Item> {
  readonly Count: number;
  getItem(index: number): Item;
}

interface Language {
  readonly KustoCode: {
    ParseAndAnalyze(
      text: string,
      globals: object,
    ): {
      readonly ResultType: { readonly Columns?: Collection<Column> } | null;
      GetDiagnostics(): Collection<Diagnostic>;
    };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): { WithName(name: string): object } };
    readonly FunctionSymbol: {
      readonly $ctor16: new (name: string, parameters: string, body: string, description: string) => object;
    };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly object[]) => object };
  };
}

/** A function that a query can call, as Log Analytics saves it. */
export interface KqlFunction {
  readonly name: string;
  /** Parameters with types and defaults, without parentheses. */
  readonly parameters: string;
  readonly body: string;
}

/** What a query comes to. */
export interface Analysed {
  /** Each complaint of the parser, with the text that it is about. */
  readonly complaints: readonly string[];
  /** The columns of the result, with their types. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Reads KQL with the tables and functions of one workspace. Slow to load (1.5 s): in one test file only. */
export class Kusto {
  readonly #language: Language;
  readonly #globals: object;

  /** `tables`: columns and their types by name of the table. */
  constructor(
    tables: Readonly<Record<string, Readonly<Record<string, string>>>>,
    functions: readonly KqlFunction[],
  ) {
    this.#language = languageOf();
    const { TableSymbol, FunctionSymbol, DatabaseSymbol } = this.#language.Symbols;
    const members = [
      ...Object.entries(tables).map(([name, columns]) => {
        const declared = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
        return TableSymbol.From(`(${declared.join(', ')})`).WithName(name);
      }),
      ...functions.map(
        ({ name, parameters, body }) =>
          new FunctionSymbol.$ctor16(name, `(${parameters})`, `{ ${body}\n}`, ''),
      ),
    ];
    this.#globals = this.#language.GlobalState.Default.WithDatabase(
      new DatabaseSymbol.ctor('workspace', members),
    );
  }

  /** Returns what the parser says of a query. */
  analyse(query: string): Analysed {
    const code = this.#language.KustoCode.ParseAndAnalyze(query, this.#globals);
    const diagnostics = itemsOf(code.GetDiagnostics());
    const complaints = diagnostics.map(
      ({ Message, Severity, Start }) => `${Severity}: ${Message} at: ${query.slice(Start, Start + 60)}`,
    );
    const columns = code.ResultType?.Columns;
    const named =
      columns === undefined ? [] : itemsOf(columns).map(({ Name, Type }) => [Name, Type.Name] as const);
    return { complaints, columns: Object.fromEntries(named) };
  }

  /** Returns what the parser says of a function's body, its parameters being declared. */
  analyseFunction({ parameters, body }: KqlFunction): Analysed {
    return this.analyse(`let tested = (${parameters}) { ${body}\n};\ntested()`);
  }
}

/** Returns a function that yields the same columns and no row: what calls it is read in a fraction of the time. */
export function stubOf({ name, parameters }: KqlFunction, { columns }: Analysed): KqlFunction {
  const declared = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`);
  return { name, parameters, body: `datatable (${declared.join(', ')}) []` };
}

function itemsOf<Item>(collection: Collection<Item>): readonly Item[] {
  return Array.from({ length: collection.Count }, (_, index) => collection.getItem(index));
}

function languageOf(): Language {
  const load = createRequire(import.meta.url);
  load('@kusto/language-service-next/bridge.js');
  load('@kusto/language-service-next/Kusto.Language.Bridge.js');
  const { Kusto: loaded } = globalThis as unknown as { readonly Kusto: { readonly Language: Language } };
  return loaded.Language;
}
