/** One call, as it stands in the text. */
export interface GraphCallText {
  readonly title: string;
  /** What to know before it is sent, or to keep of its answer; one line each. */
  readonly notes?: readonly string[];
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Behind `/v1.0`. */
  readonly path: string;
  readonly body?: unknown;
}
