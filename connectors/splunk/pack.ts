import { writeFileSync } from 'node:fs';
import { addOnName, addOnPackage } from './add-on.ts';

// Writes the add-on's package to the file named, by default into the folder where it is called.
const file = process.argv[2] ?? `${addOnName}.tgz`;
writeFileSync(file, addOnPackage());
process.stdout.write(`${file}\n`);
