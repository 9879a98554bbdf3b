import { jsonSchema } from '../config/json-schema.ts';
import { parts } from '../parts.ts';
import type { Command } from './command.ts';

/** `defender-siem schema`: prints the configuration's JSON Schema, for editors. */
export const schema: Command = {
  options: {},
  async run({ io }) {
    io.out(JSON.stringify(jsonSchema(parts), null, 2));
    return 0;
  },
};
