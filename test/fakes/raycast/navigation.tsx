/** The stack of views. All views of the stack stay mounted, as in Raycast; only the top one is seen and steered. */
import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { noteRecorded, raycast } from "./record.ts";

interface Entry {
  key: number;
  view: ReactNode;
  onPop: (() => void) | undefined;
}
interface Navigation {
  push(view: ReactNode, onPop?: () => void): void;
  pop(): void;
}

const NavigationContext = createContext<Navigation | undefined>(undefined);
let activeStack: { popToRoot(): void } | undefined;

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === undefined) throw new Error("useNavigation outside a rendered command");
  return navigation;
}

export async function popToRoot(): Promise<void> {
  raycast.poppedToRoot += 1;
  activeStack?.popToRoot();
  noteRecorded();
}

/** The renderer wraps a command in this; `navigation-view` host nodes are the views, the last one is on top. */
export function NavigationStack({ children }: { children: ReactNode }): ReactNode {
  const [pushed, setPushed] = useState<Entry[]>([]);
  // The truth between renders: two pops in one turn must not pop the same view.
  const current = useRef<Entry[]>([]);
  const nextKey = useRef(1);

  const replace = useCallback((entries: Entry[]) => {
    current.current = entries;
    setPushed(entries);
  }, []);
  const navigation = useMemo<Navigation>(
    () => ({
      push: (view, onPop) => replace([...current.current, { key: nextKey.current++, view, onPop }]),
      pop: () => {
        const top = current.current.at(-1);
        if (top === undefined) return;
        replace(current.current.slice(0, -1));
        top.onPop?.();
      },
    }),
    [replace],
  );

  useEffect(() => {
    const stack = {
      popToRoot: () => {
        const gone = current.current.toReversed();
        replace([]);
        for (const entry of gone) entry.onPop?.();
      },
    };
    activeStack = stack;
    return () => {
      if (activeStack === stack) activeStack = undefined;
    };
  }, [replace]);

  return (
    <NavigationContext.Provider value={navigation}>
      {createElement("navigation-view", { key: 0, pop: navigation.pop }, children)}
      {pushed.map(({ key, view }) => createElement("navigation-view", { key, pop: navigation.pop }, view))}
    </NavigationContext.Provider>
  );
}
