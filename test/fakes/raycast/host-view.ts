import { createElement } from "react";
import type { FunctionComponent, ReactNode } from "react";

export interface ViewProps {
  children?: ReactNode;
  [name: string]: unknown;
}

/**
 * A component of the stand-in: one host node `type` with the plain props, and one `slot` node for each prop that holds a
 * view of its own (`actions`, `detail`, …), so that everything a command declares is really rendered.
 */
export function hostView(type: string, slots: readonly string[] = []): FunctionComponent<ViewProps> {
  const View = ({ children, ...props }: ViewProps) => {
    const plain = Object.fromEntries(Object.entries(props).filter(([name]) => !slots.includes(name)));
    const filled = slots.filter((name) => props[name] !== undefined && props[name] !== null && props[name] !== false);
    const views = filled.map((name) => createElement("slot", { key: name, name }, props[name] as ReactNode));
    return createElement(type, plain, views, children);
  };
  View.displayName = type;
  return View;
}
