/**
 * Lets time run so many times as fast in the whole process: dates, timers, and what was measured with them. Call it
 * before anything is loaded that keeps one of those. Sockets stay as fast as they are.
 */
export function hasten(speed: number, startMs: number): void {
  const realNow = performance.now.bind(performance);
  const beganAt = realNow();
  const nowMs = () => startMs + (realNow() - beganAt) * speed;
  const RealDate = Date;
  class FastDate extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      super(args[0] ?? nowMs());
    }
    static override now(): number {
      return Math.floor(nowMs());
    }
  }
  globalThis.Date = new Proxy(FastDate, {
    // All other ways to make one: of its parts, say.
    construct: (target, args) =>
      args.length > 1 ? Reflect.construct(RealDate, args) : Reflect.construct(target, args),
  }) as unknown as DateConstructor;
  performance.now = () => (realNow() - beganAt) * speed;
  const { setTimeout: realTimeout, setInterval: realInterval } = globalThis;
  globalThis.setTimeout = Object.assign(
    (callback: () => void, ms = 0, ...args: []) => realTimeout(callback, ms / speed, ...args),
    realTimeout,
  ) as typeof setTimeout;
  globalThis.setInterval = ((callback: () => void, ms = 0, ...args: []) =>
    realInterval(callback, ms / speed, ...args)) as typeof setInterval;
}
