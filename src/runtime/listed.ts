/** A part in a list: told by its name, loaded when it is needed. What nobody names costs a start nothing. */
export interface Listed<Part> {
  /** As the configuration calls it; the part itself has the same name. */
  readonly name: string;
  load(): Promise<Part>;
}

/** Loads the parts of a list, in its order. */
export function loadAll<Part>(list: readonly Listed<Part>[]): Promise<readonly Part[]> {
  return Promise.all(list.map((each) => each.load()));
}
