// The types of what preact.js exports, as far as the console uses them. Written by hand, for the type check only.

/** What a component returns. */
export type View = unknown;
export type Ref<T> = { current: T };
export interface Signal<T> { value: T; peek(): T; subscribe(fn: (value: T) => void): () => void }
export interface ReadonlySignal<T> { readonly value: T; peek(): T }

export function html(strings: TemplateStringsArray, ...values: unknown[]): View;
export function h(type: unknown, props: object | null, ...children: unknown[]): View;
export function render(view: View, parent: Element): void;
export class Component<P = {}, S = {}> {
  props: P & { children?: View };
  state: S;
  constructor(props?: P);
  setState(state: Partial<S>): void;
  componentDidCatch?(error: unknown): void;
  render(props: P & { children?: View }, state: S): View;
}

export function useState<T>(first: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useRef<T>(first: T): Ref<T>;
export function useRef<T>(): Ref<T | undefined>;
export function useMemo<T>(make: () => T, inputs?: unknown[]): T;
export function useEffect(run: () => void | (() => void), inputs?: unknown[]): void;
export function useLayoutEffect(run: () => void | (() => void), inputs?: unknown[]): void;

export function signal<T>(first: T): Signal<T>;
export function computed<T>(fn: () => T): ReadonlySignal<T>;
export function effect(fn: () => void | (() => void)): () => void;
export function batch<T>(fn: () => T): T;
export function untracked<T>(fn: () => T): T;
export function useSignal<T>(first: T): Signal<T>;
export function useComputed<T>(fn: () => T): ReadonlySignal<T>;
export function useSignalEffect(fn: () => void | (() => void)): void;
