import { z } from 'zod';
import type { SecurityEvent } from '../../src/event.ts';
import { datasetWords, ecsModule } from '../../src/formats/ecs/ecs-category.ts';

/** The data stream of a document: `logs-<dataset>-<namespace>` (formats reference §6.1). */
export interface DataStream {
  readonly dataset: string;
  readonly namespace: string;
}

/** Every word that can stand for `{kind}`. */
export const kindWords: readonly string[] = [...new Set(Object.values(datasetWords))];

/** The dataset of records as the format `ecs` writes them: the same as their `event.dataset`. */
export const ownDataset = `${ecsModule}.{kind}`;

/** Returns a dataset's name with `{kind}` filled in. */
export function datasetOf(template: string, event: Pick<SecurityEvent, 'kind'>): string {
  return template.replace('{kind}', datasetWords[event.kind]);
}

/** Returns the name by which a data stream is written to. */
export function dataStreamName({ dataset, namespace }: DataStream): string {
  return `logs-${dataset}-${namespace}`;
}

/** What no part of a data stream's name may hold: it would not be taken, or be read as another part (§6.1). */
const forbidden = /[\p{Lu}{}\\/*?"<>|\s,#:-]/u;

/** One part of a data stream's name. */
export const namePart = namedPart('');

/** A dataset, in which `{kind}` stands for the word of the record. */
export const datasetTemplate = namedPart('{kind}');

function namedPart(placeholder: string) {
  return z
    .string()
    .min(1)
    .max(100)
    .refine((text) => !forbidden.test(text.replace(placeholder, '')), {
      error: 'must be in lower case, without `-`, blanks and any of { } \\ / * ? " < > | , # :',
    });
}
