import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { script } from '../../src/admin/status-page-script.ts';

/** As much of a browser's node as the script uses. */
class FakeNode {
  readonly nodeName: string;
  readonly childNodes: FakeNode[];
  readonly #attributes: Map<string, string>;
  data: string;
  hidden = true;
  parent: FakeNode | undefined;

  constructor(nodeName: string, attributes: Record<string, string>, content: readonly FakeNode[] | string) {
    this.nodeName = nodeName;
    this.#attributes = new Map(Object.entries(attributes));
    this.childNodes = typeof content === 'string' ? [] : [...content];
    this.data = typeof content === 'string' ? content : '';
    for (const child of this.childNodes) child.parent = this;
  }

  get nodeType(): number {
    return this.nodeName === '#text' ? 3 : 1;
  }

  get attributes() {
    return [...this.#attributes].map(([name, value]) => ({ name, value }));
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: string): void {
    this.#attributes.set(name, value);
  }

  replaceWith(other: FakeNode): void {
    const siblings = this.parent?.childNodes ?? [];
    other.parent = this.parent;
    siblings[siblings.indexOf(this)] = other;
  }

  get words(): string {
    return this.data + this.childNodes.map(({ words }) => words).join('|');
  }
}

const word = (text: string) => new FakeNode('#text', {}, text);
const badge = (tone: string, text: string) => new FakeNode('P', { class: `badge ${tone}` }, [word(text)]);
const page = (...children: FakeNode[]) => new FakeNode('DIV', { id: 'page' }, children);

/** A browser that shows `shown`; `served` is what the server sends, undefined while it does not answer. */
function browser(shown: FakeNode) {
  const lost = new FakeNode('P', { id: 'lost' }, []);
  const asked: string[] = [];
  const state = {
    served: undefined as FakeNode | undefined | null,
    hidden: false,
    title: 'old',
    refresh: async () => {},
    becameVisible: async () => {},
  };
  runInContext(
    script,
    createContext({
      AbortSignal,
      Node: { TEXT_NODE: 3 },
      location: { href: 'http://127.0.0.1:9464/' },
      document: {
        get hidden() {
          return state.hidden;
        },
        set title(title: string) {
          state.title = title;
        },
        getElementById: (id: string) => (id === 'lost' ? lost : shown),
        addEventListener: (_event: string, listener: () => Promise<void>) => {
          state.becameVisible = listener;
        },
      },
      fetch: async (url: string) => {
        asked.push(url);
        if (state.served === undefined) throw new TypeError('fetch failed');
        return { text: async () => '' };
      },
      DOMParser: class {
        parseFromString() {
          return { title: 'new', getElementById: () => state.served };
        }
      },
      setInterval: (refresh: () => Promise<void>, ms: number) => {
        expect(ms).toBe(5000);
        state.refresh = refresh;
      },
    }),
  );
  return { state, lost, asked };
}

describe("the status page's script", () => {
  test('changes words and marks in place, so that focus and selection stay', async () => {
    const [state, untouched] = [badge('ok', 'Healthy'), badge('ok', '7')];
    const shown = page(state, untouched);
    const tab = browser(shown);
    tab.state.served = page(badge('bad', 'Not healthy'), badge('ok', '7'));
    await tab.state.refresh();
    expect(tab.asked).toEqual(['http://127.0.0.1:9464/']);
    expect(shown.childNodes[0]).toBe(state);
    expect(shown.childNodes[1]).toBe(untouched);
    expect([shown.words, state.getAttribute('class')]).toEqual(['Not healthy|7', 'badge bad']);
    expect(tab.state.title).toBe('new');
  });

  test('takes over what has another shape', async () => {
    const row = new FakeNode('TR', {}, [badge('ok', 'OK')]);
    const shown = page(row, badge('ok', '7'));
    const tab = browser(shown);
    tab.state.served = page(
      new FakeNode('TR', {}, [badge('bad', 'Not OK'), badge('bad', 'refused')]),
      badge('ok', '8'),
    );
    await tab.state.refresh();
    expect(shown.words).toBe('Not OK|refused|8');
  });

  test('says so while the server does not answer, and no longer once it does', async () => {
    const shown = page(badge('ok', 'Healthy'));
    const tab = browser(shown);
    await tab.state.refresh();
    expect([tab.lost.hidden, shown.words]).toEqual([false, 'Healthy']);
    tab.state.served = page(badge('ok', 'Healthy again'));
    await tab.state.refresh();
    expect([tab.lost.hidden, shown.words]).toEqual([true, 'Healthy again']);
  });

  test('does not take another page for the status page', async () => {
    const shown = page(badge('ok', 'Healthy'));
    const tab = browser(shown);
    tab.state.served = null;
    await tab.state.refresh();
    expect([tab.lost.hidden, shown.words]).toEqual([false, 'Healthy']);
  });

  test('asks nothing while nobody looks, and at once when somebody does', async () => {
    const tab = browser(page());
    tab.state.served = page();
    tab.state.hidden = true;
    await tab.state.refresh();
    expect(tab.asked).toEqual([]);
    tab.state.hidden = false;
    await tab.state.becameVisible();
    expect(tab.asked).toHaveLength(1);
  });
});
