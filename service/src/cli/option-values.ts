import { InvalidArgumentError } from "commander";

/** Parsers of option values; the thrown error names the option and becomes exit code 2. */
export function numberBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= minimum && value <= maximum)) {
      throw new InvalidArgumentError(`Allowed: a number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

export function wholeNumber(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < minimum || value > maximum) {
      const upTo = maximum === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${maximum}`;
      throw new InvalidArgumentError(`Allowed: a whole number of at least ${minimum}${upTo}.`);
    }
    return value;
  };
}

/** `500MB`, `1.5 GB`, `20000`: bytes in powers of 1000, as sizes are shown. */
export function byteSize(text: string): number {
  const [, number = "", unit = ""] = /^\s*([\d.]+)\s*([kmgt]?)b?\s*$/i.exec(text) ?? [];
  const value = Number(number) * 1000 ** " kmgt".indexOf(unit.toLowerCase() || " ");
  if (number === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Allowed: a size such as 500MB or 20GB.");
  return Math.round(value);
}

export function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidArgumentError("Allowed: a JSON object.");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentError("Allowed: a JSON object.");
}

export function numberAmong(values: readonly number[]): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && values.includes(value)) return value;
    throw new InvalidArgumentError(`Allowed: ${values.join(", ")}.`);
  };
}
