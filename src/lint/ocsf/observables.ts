import { isObject, type JsonObject } from './validate.ts';

/** Types of observables that are objects, and have no value (schema, object observable). */
const objectTypes = new Set([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);

/** An observable that does not fit the event that it stands in. */
export interface OddObservable {
  readonly at: string;
  readonly message: string;
}

/** Returns the observables of an event whose names lead to nothing, or to another value than they repeat. */
export function oddObservables(event: JsonObject): readonly OddObservable[] {
  const { observables } = event;
  if (!Array.isArray(observables)) return [];
  return observables.flatMap((observable: unknown, index): readonly OddObservable[] => {
    if (!isObject(observable) || typeof observable.name !== 'string') return [];
    const at = `observables[${index}]`;
    const found = resolve(event, observable.name);
    if (found.length === 0) return [{ at: `${at}.name`, message: 'leads to no attribute of the event' }];
    const { value, type_id: type } = observable;
    if (value === undefined) {
      return objectTypes.has(Number(type)) || found.some(isObject)
        ? []
        : [{ at, message: 'has no value: it repeats what its name leads to' }];
    }
    return found.some((one) => !isObject(one) && String(one) === value)
      ? []
      : [{ at: `${at}.value`, message: 'is not what stands where its name leads to' }];
  });
}

/** Returns what stands at a path, in all elements of lists for which the path names none. */
function resolve(event: JsonObject, path: string): readonly unknown[] {
  let found: readonly unknown[] = [event];
  for (const part of path.split('.')) {
    const [, name = '', index] = /^(.*?)(?:\[(\d*)\])?$/.exec(part) ?? [];
    found = found.flatMap((value) => (isObject(value) && value[name] !== undefined ? [value[name]] : []));
    found = found.flatMap((value) => {
      if (!Array.isArray(value)) return [value];
      const list: readonly unknown[] = value;
      if (index === undefined || index === '') return list;
      const element = list[Number(index)];
      return element === undefined ? [] : [element];
    });
  }
  return found;
}
