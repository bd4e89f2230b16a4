/** Ctrl-C as an event. While nobody listens, the system's own answer stands: the process ends. */
export interface Interrupts {
  /** @returns the end of listening. */
  listen(handler: () => void): () => void;
}

export const processInterrupts: Interrupts = {
  listen(handler) {
    process.on("SIGINT", handler);
    return () => void process.off("SIGINT", handler);
  },
};
