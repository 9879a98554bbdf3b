import { azureCli } from './azure-cli.ts';
import { bicep } from './bicep.ts';
import { graph } from './graph.ts';
import type { Printer } from './printer.ts';
import { terraform } from './terraform.ts';

/** The languages of `provision --print`. A new one is one file and one line here. */
export const printers: readonly Printer[] = [graph, azureCli, terraform, bicep];
