import { z } from 'zod';

/** A file that must exist and be readable when the configuration is loaded, such as a certificate. */
export const readableFile = z.string().min(1).meta({
  id: 'readableFile',
  description: "A file that can be read; a relative path starts at the configuration file's folder.",
});

/** A file that the program makes by itself, such as the store. */
export const filePath = z.string().min(1).meta({
  id: 'filePath',
  description: "A file; a relative path starts at the configuration file's folder.",
});
