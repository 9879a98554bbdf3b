import type { Language } from './language.ts';

/** Every language that messages can be checked in; a text is taken for the first that recognises it. */
export const languages: readonly Language[] = [];
