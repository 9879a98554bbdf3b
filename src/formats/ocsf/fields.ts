import type { FormatField } from '../format.ts';

export const ocsfFields: readonly FormatField[] = [];
