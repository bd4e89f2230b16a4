/**
 * Renders a command of the extension without Raycast and lets a test use it as a person would: read rows, type, select,
 * choose actions. Runs in real time: updates arrive as the command makes them, tests wait for what they expect to see.
 */
import type { ReactNode } from "react";
import { NavigationStack } from "../fakes/raycast/navigation.tsx";
import { onRecorded } from "../fakes/raycast/record.ts";
import { createHostRoot } from "./raycast/reconciler.ts";
import type { HostNode } from "./raycast/reconciler.ts";
import { follow, keyOf, NO_SELECTION } from "./raycast/selection.ts";
import type { Selection } from "./raycast/selection.ts";
import {
  actionsOf,
  dropdownValues,
  fieldsOf,
  fieldValue,
  findAll,
  formValues,
  rowsOf,
  slot,
  textLines,
  textOf,
} from "./raycast/tree.ts";
import type { PanelAction, Row } from "./raycast/tree.ts";
import { createWaiting } from "./raycast/waiting.ts";

export type { HostNode } from "./raycast/reconciler.ts";
export type { PanelAction, Row } from "./raycast/tree.ts";

/** What the user typed into a view and where they stand in it. One per view of the stack. */
interface ViewState {
  searchText: string;
  selection: Selection;
  typed: Map<string, unknown>;
}

export type Screen = ReturnType<typeof render>;

/** Renders `element` as Raycast renders a command's default export. Call `unmount()` at the end of the test. */
export function render(element: ReactNode) {
  // Updates come from sockets and timers at any moment; React's act() would demand to wrap each of them.
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = false;
  const states = new WeakMap<HostNode, ViewState>();
  const knownDropdowns = new WeakSet<HostNode>();
  const errors: unknown[] = [];
  const waiting = createWaiting({ failure: () => errors[0], describe: () => `On screen:\n${text()}` });
  let renders = 0;

  const root = createHostRoot({
    onCommit() {
      renders += 1;
      // Not inside the commit: callbacks of the command set state.
      queueMicrotask(afterCommit);
    },
    onError(error) {
      errors.push(error);
      waiting.wake();
    },
  });
  const stopListening = onRecorded(waiting.wake);

  function afterCommit() {
    if (root.node.children.length > 0) {
      announceDropdowns();
      updateSelection();
    }
    waiting.wake();
  }

  /** An uncontrolled dropdown of a search bar tells its value once when it appears. */
  function announceDropdowns() {
    for (const dropdown of findAll(root.node, ["dropdown"])) {
      if (knownDropdowns.has(dropdown)) continue;
      knownDropdowns.add(dropdown);
      const initial = dropdown.props.value ?? dropdown.props.defaultValue ?? dropdownValues(dropdown)[0];
      if (dropdown.props.value === undefined && initial !== undefined) call(dropdown.props.onChange, initial);
    }
  }

  function updateSelection(select?: string) {
    const view = findView();
    if (view === undefined) return;
    const state = stateOf(view);
    const before = select === undefined ? state.selection : { ...state.selection, key: select };
    const known = rowsOf(view, state.searchText);
    state.selection = follow(before, known, view.props.selectedItemId as string | undefined);
    if (state.selection.key !== before.key || select !== undefined) {
      const row = known[state.selection.index];
      call(view.props.onSelectionChange, row?.id ?? null);
    }
  }

  /** The view on top of the stack; undefined while a command renders nothing. */
  function findView(): HostNode | undefined {
    const top = root.node.children.findLast((node) => node.type === "navigation-view");
    return top?.children.find((node) => !node.hidden);
  }

  function view(): HostNode {
    throwErrors();
    const found = findView();
    if (found === undefined) throw new Error("The command renders no view");
    return found;
  }

  function stateOf(node: HostNode): ViewState {
    const state = states.get(node) ?? { searchText: "", selection: NO_SELECTION, typed: new Map() };
    states.set(node, state);
    return state;
  }

  const searchText = (node: HostNode) => (node.props.searchText as string | undefined) ?? stateOf(node).searchText;
  const typedOf = (node: HostNode) => (field: HostNode) => stateOf(node).typed.get(field.props.id as string);

  function rows(): Row[] {
    const top = view();
    return rowsOf(top, searchText(top));
  }

  function selected(): Row | undefined {
    return rows()[stateOf(view()).selection.index];
  }

  function row(which: string | Row): Row {
    const found = typeof which === "string" ? rows().find(({ id, title }) => id === which || title === which) : which;
    if (found === undefined) throw new Error(`No row "${which}". On screen:\n${text()}`);
    return found;
  }

  /** The panel ⌘K would open: of the given row, else of the selected one, else of the view or its empty view. */
  function actions(which?: string | Row): PanelAction[] {
    const target = which === undefined ? selected() : row(which);
    const empty = findAll(view(), ["empty-view"])[0];
    return actionsOf(
      slot(target?.node, "actions") ?? slot(target ? undefined : empty, "actions") ?? slot(view(), "actions"),
    );
  }

  async function runAction(title: string, which?: string | Row): Promise<void> {
    const panel = actions(which);
    const action = panel.find((candidate) => candidate.title === title);
    if (!action) throw new Error(`No action "${title}", only: ${panel.map((known) => known.title).join(", ")}`);
    await call(action.open);
    await action.perform(formValues(view(), typedOf(view())));
    await settle();
  }

  async function search(input: string): Promise<void> {
    const top = view();
    stateOf(top).searchText = input;
    stateOf(top).selection = { ...NO_SELECTION, asked: stateOf(top).selection.asked };
    updateSelection();
    call(top.props.onSearchTextChange, input);
    await settle();
  }

  async function select(which: string | Row): Promise<void> {
    updateSelection(keyOf(row(which)));
    await settle();
  }

  /** Chooses a value in the search bar's dropdown. */
  async function choose(value: string): Promise<void> {
    const dropdown = findAll(slot(view(), "searchBarAccessory") ?? view(), ["dropdown"])[0];
    if (!dropdown || !dropdownValues(dropdown).includes(value)) throw new Error(`No dropdown value "${value}"`);
    call(dropdown.props.onChange, value);
    await settle();
  }

  function field(id: string): HostNode {
    const found = fieldsOf(view()).find((candidate) => candidate.props.id === id);
    if (!found) throw new Error(`No field "${id}"`);
    return found;
  }

  /** Types into a field of a form, as `change` of the field and then leaving it. */
  async function change(id: string, value: unknown): Promise<void> {
    const target = field(id);
    stateOf(view()).typed.set(id, value);
    call(target.props.onChange, value);
    call(target.props.onBlur, { type: "blur", target: { id, value } });
    await settle();
  }

  function emptyView(): { title: string; description: string } | undefined {
    const empty = findAll(view(), ["empty-view"])[0];
    if (!empty || rows().length > 0) return undefined;
    return { title: textOf(empty.props.title), description: textOf(empty.props.description) };
  }

  /** The markdown on screen: of a Detail, or of the selected row's detail pane. */
  function markdown(): string {
    const top = view();
    if (top.type === "detail") return textOf(top.props.markdown);
    const pane = slot(selected()?.node, "detail");
    return top.props.isShowingDetail === true && pane ? textOf(findAll(pane, ["detail"])[0]?.props.markdown) : "";
  }

  function text(): string {
    const top = findView();
    if (top === undefined) return "";
    const known = rowsOf(top, searchText(top));
    const shown = new Set(known.map(({ node }) => node));
    const current = top.props.isShowingDetail === true ? known[stateOf(top).selection.index]?.node : undefined;
    return textLines(top, (node) => {
      if (node.type === "list-item" || node.type === "grid-item") return !shown.has(node);
      if (node.type === "empty-view") return known.length > 0;
      return node.type === "slot" && node.props.name === "detail" && node.parent !== current;
    }).join("\n");
  }

  /** Reaches the end of the list, as scrolling does. */
  async function loadMore(): Promise<void> {
    const pagination = view().props.pagination as { hasMore: boolean; onLoadMore(): void } | undefined;
    if (!pagination?.hasMore) throw new Error("The list has no further page");
    pagination.onLoadMore();
    await settle();
  }

  /** Escape: leaves the top view of the stack. */
  async function back(): Promise<void> {
    call(root.node.children.at(-1)?.props.pop);
    await settle();
  }

  /** Lets React finish what the last event started; not for answers from outside, those are waited for. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      root.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    throwErrors();
  }

  function throwErrors() {
    if (errors.length > 0) throw errors[0];
  }

  function unmount(): void {
    root.update(null);
    stopListening();
  }

  root.update(<NavigationStack>{element}</NavigationStack>);
  if (root.node.children.length > 0) afterCommit();

  return {
    /** The top view's host tree. */
    tree: view,
    rows,
    selected,
    /** Where the selection and the scroll stand in the list on top. */
    position: () => ({ ...stateOf(view()).selection }),
    text,
    markdown,
    emptyView,
    isLoading: () => view().props.isLoading === true,
    searchText: () => searchText(view()),
    fieldValue: (id: string) => fieldValue(field(id), typedOf(view())),
    actions,
    runAction,
    search,
    select,
    choose,
    change,
    loadMore,
    back,
    settle,
    waitFor: waiting.waitFor,
    unmount,
    get depth() {
      return root.node.children.filter((node) => node.type === "navigation-view").length;
    },
    get renders() {
      return renders;
    },
    get errors() {
      return errors;
    },
  };
}

function call(callback: unknown, ...given: unknown[]): unknown {
  return typeof callback === "function" ? callback(...given) : undefined;
}
