import { types } from "node:util";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

/*
 * Jest runs tests in a realm of their own, whose `Error` is not the one that Node's core throws: `instanceof Error`
 * would be false for every system error, unlike in the running service. This makes both count; classes derived from
 * `Error` keep their own meaning.
 */
const plain = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(value) {
    if (plain.call(this, value)) return true;
    if (this !== Error) return false;
    return types.isNativeError(value) || Object.prototype.toString.call(value) === "[object DOMException]";
  },
});
