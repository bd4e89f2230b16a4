import { redirectTarget as targetOf } from "../../../hub/index.ts";
import { wrongBytes } from "./answer-check.ts";

/** Where a redirect leads, by the rules that metadata goes by. @throws TransferFault for what is no web address. */
export function redirectTarget(location: string, current: string, endpoint: string): string {
  const target = targetOf(location, current, endpoint);
  if (target === null) throw wrongBytes("a redirect to nowhere");
  return target;
}
