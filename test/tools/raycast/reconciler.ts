/** A React renderer whose host is a plain tree of nodes, the tree Raycast would draw. */
import createReconciler from "react-reconciler";
import { ConcurrentRoot, DefaultEventPriority, NoEventPriority } from "react-reconciler/constants.js";
import type { ReactNode } from "react";

/** One host node of the stand-in: `list`, `list-item`, `action`, `slot`, … */
export interface HostNode {
  type: string;
  props: Record<string, unknown>;
  children: HostNode[];
  parent: HostNode | undefined;
  /** Unique for the life of the node: tells a kept node from a replaced one. */
  serial: number;
  hidden: boolean;
}

interface Events {
  /** After each commit that changed the host tree. */
  onCommit(): void;
  onError(error: unknown): void;
}

export interface HostRoot {
  node: HostNode;
  /** Renders and waits until effects ran. */
  update(element: ReactNode): void;
  /** Runs what React has scheduled, effects included. */
  flush(): void;
}

interface Container {
  node: HostNode;
  events: Events;
}

/** React takes null for "no host context yet". */
const NO_CONTEXT = {};

let nextSerial = 1;
let priority = NoEventPriority as number;

export function createHostRoot(events: Events): HostRoot {
  const node = createNode("root", {});
  const container: Container = { node, events };
  const root = reconciler.createContainer(
    container,
    ConcurrentRoot,
    null,
    false,
    null,
    "",
    (error: unknown) => events.onError(error),
    // Caught by a boundary of the command itself: the command's answer is what the test sees.
    () => undefined,
    (error: unknown) => events.onError(error),
    null,
  );
  return {
    node,
    update(element) {
      reconciler.updateContainerSync(element, root, null, undefined);
      this.flush();
    },
    flush() {
      reconciler.flushSyncWork();
      while (reconciler.flushPassiveEffects()) reconciler.flushSyncWork();
    },
  };
}

function createNode(type: string, props: Record<string, unknown>): HostNode {
  const { children: _children, ...plain } = props;
  return { type, props: plain, children: [], parent: undefined, serial: nextSerial++, hidden: false };
}

function place(parent: HostNode, child: HostNode, before?: HostNode): void {
  remove(child.parent, child);
  const at = before === undefined ? parent.children.length : parent.children.indexOf(before);
  parent.children.splice(at, 0, child);
  child.parent = parent;
}

function remove(parent: HostNode | undefined, child: HostNode): void {
  const at = parent?.children.indexOf(child) ?? -1;
  if (at >= 0) parent!.children.splice(at, 1);
  child.parent = undefined;
}

const append = (parent: HostNode, child: HostNode) => place(parent, child);

const hostConfig = {
  supportsMutation: true,
  supportsPersistence: false,
  supportsHydration: false,
  isPrimaryRenderer: true,
  noTimeout: -1,
  scheduleTimeout: setTimeout,
  cancelTimeout: clearTimeout,
  scheduleMicrotask: queueMicrotask,
  supportsMicrotasks: true,

  createInstance: createNode,
  createTextInstance(text: string): never {
    throw new Error(`Raycast shows no bare text inside a view: ${JSON.stringify(text)}`);
  },
  appendInitialChild: append,
  finalizeInitialChildren: () => false,
  shouldSetTextContent: () => false,
  getRootHostContext: () => NO_CONTEXT,
  getChildHostContext: () => NO_CONTEXT,
  // What a ref to a form field holds.
  getPublicInstance: (node: HostNode) => ({ ...node.props, focus: () => undefined, reset: () => undefined }),

  prepareForCommit: () => null,
  resetAfterCommit: (container: Container) => container.events.onCommit(),
  preparePortalMount: () => undefined,
  appendChild: append,
  appendChildToContainer: (container: Container, child: HostNode) => append(container.node, child),
  insertBefore: place,
  insertInContainerBefore: (container: Container, child: HostNode, before: HostNode) =>
    place(container.node, child, before),
  removeChild: remove,
  removeChildFromContainer: (container: Container, child: HostNode) => remove(container.node, child),
  clearContainer(container: Container) {
    container.node.children = [];
  },
  commitUpdate(node: HostNode, _type: string, _before: unknown, props: Record<string, unknown>) {
    const { children: _children, ...plain } = props;
    node.props = plain;
  },
  commitMount: () => undefined,
  resetTextContent: () => undefined,
  hideInstance(node: HostNode) {
    node.hidden = true;
  },
  unhideInstance(node: HostNode) {
    node.hidden = false;
  },
  detachDeletedInstance: () => undefined,
  getInstanceFromNode: () => null,
  getInstanceFromScope: () => null,
  prepareScopeUpdate: () => undefined,
  beforeActiveInstanceBlur: () => undefined,
  afterActiveInstanceBlur: () => undefined,

  setCurrentUpdatePriority(next: number) {
    priority = next;
  },
  getCurrentUpdatePriority: () => priority,
  resolveUpdatePriority: () => (priority === NoEventPriority ? DefaultEventPriority : priority),
  shouldAttemptEagerTransition: () => false,
  requestPostPaintCallback: () => undefined,
  trackSchedulerEvent: () => undefined,
  resolveEventType: () => null,
  resolveEventTimeStamp: () => -1.1,
  maySuspendCommit: () => false,
  preloadInstance: () => true,
  startSuspendingCommit: () => undefined,
  suspendInstance: () => undefined,
  waitForCommitToBeReady: () => null,
  NotPendingTransition: null,
  HostTransitionContext: { $$typeof: Symbol.for("react.context"), _currentValue: null, _currentValue2: null },
  resetFormInstance: () => undefined,
};

/** What we use of react-reconciler 0.31; its published types still describe 0.30's arguments. */
interface Reconciler {
  createContainer(...given: unknown[]): unknown;
  updateContainerSync(element: ReactNode, root: unknown, parent: null, callback: undefined): void;
  flushSyncWork(): void;
  flushPassiveEffects(): boolean;
}

const reconciler = createReconciler(hostConfig as never) as unknown as Reconciler;
