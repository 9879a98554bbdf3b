import { ConnectorError } from '../errors.ts';
import type { Endpoints } from '../identity/clouds.ts';
import type { Plan } from '../provision/plan.ts';
import { printers } from '../provision/print/index.ts';
import type { Printer } from '../provision/print/printer.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Invocation, textOption } from './command.ts';

/** The option that prints a plan in place of carrying it out, and what `--help` says of it. */
export const printOptions = { print: { type: 'string' } } as const;
export const printHelp =
  '  --print LANGUAGE        graph, azure-cli, terraform or bicep: prints the plan for those who may not run it here';

/** Returns what prints the plan; undefined where it is to be carried out. Throws ARGUMENTS_INVALID. */
export function printerOption(invocation: Invocation): Printer | undefined {
  const named = textOption(invocation, 'print');
  const printer = printers.find(({ format }) => format === named);
  if (named === undefined || printer !== undefined) return printer;
  const formats = printers.map(({ format }) => format).join(', ');
  throw new ConnectorError('ARGUMENTS_INVALID', `--print ${named}: there are ${formats}`);
}

/** Returns whether a plan is printed without a look at the directory: nobody was named who may look. */
export function printsUnseen({ options }: Invocation): boolean {
  const named = ['use-azure-cli', 'admin-client-id', 'dry-run'].some((name) => options[name] !== undefined);
  return options.print !== undefined && !named;
}

/** Prints a plan. */
export function printPlan(
  { io }: Invocation,
  printer: Printer,
  plan: Plan,
  { endpoints, clock }: { readonly endpoints: Endpoints; readonly clock: Pick<Clock, 'now'> },
): void {
  io.out(printer.print(plan, { endpoints, nowMs: clock.now() }).trimEnd());
}
