import { ConnectorError } from '../errors.ts';

/** Thrown by `Sink.send` when it failed before anything was on its way: no receiver can have any of the batch. */
export class NotSent extends ConnectorError {}
