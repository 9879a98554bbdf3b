import PQueue from 'p-queue';

/** Does all tasks, so many at a time, and yields what they come to in the order of the tasks, each as soon as it is its turn. */
export async function* inOrder<Value>(
  tasks: readonly (() => Promise<Value>)[],
  concurrency: number,
): AsyncGenerator<Value> {
  const queue = new PQueue({ concurrency });
  const results = tasks.map((task) => {
    const result = queue.add(task);
    // Whoever awaits it hears of it; until then it must not end the process.
    result.catch(() => {});
    return result;
  });
  try {
    for (const result of results) yield await result;
  } finally {
    queue.clear();
  }
}
