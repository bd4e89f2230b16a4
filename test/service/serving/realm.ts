import { types } from "node:util";

/**
 * Jest runs tests in a realm of their own, where errors thrown by Node itself (`kill ESRCH`) are no instances of the
 * realm's `Error`. Importing this makes them so; classes derived from `Error` keep their own meaning.
 */
const ordinary = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, value: unknown): boolean {
    return this === Error ? types.isNativeError(value) : ordinary.call(this as () => void, value);
  },
});
