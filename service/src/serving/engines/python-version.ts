/** What a Python says of itself. */
export interface PythonFacts {
  /** The real interpreter, behind the shims of version managers. */
  readonly executable: string;
  readonly version: string;
  /** As `platform.machine()` names it: `arm64`, `x86_64`, `aarch64`. */
  readonly machine: string;
  /** Debian keeps `venv` and `ensurepip` in packages of their own; uv needs neither. */
  readonly hasVenv: boolean;
  /** The build without the global lock has an ABI of its own, for which MLX has no wheels. */
  readonly isFreeThreaded: boolean;
}

/** Prints the facts as one line of JSON, on any Python 3. */
export const factsProgram = [
  "import importlib.util, json, platform, sys, sysconfig",
  "has = lambda name: importlib.util.find_spec(name) is not None",
  "print(json.dumps({'executable': sys.executable, 'version': platform.python_version(),",
  "  'machine': platform.machine(), 'hasVenv': has('venv') and has('ensurepip'),",
  "  'isFreeThreaded': bool(sysconfig.get_config_var('Py_GIL_DISABLED'))}))",
].join("\n");

/** Null when the text is not what `factsProgram` prints. */
export function parseFacts(text: string): PythonFacts | null {
  const line = text.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) return null;
  try {
    const facts = JSON.parse(line) as PythonFacts;
    return typeof facts.executable === "string" && typeof facts.version === "string" ? facts : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Our locks hold for CPython 3.11 and later, MLX has wheels up to 3.14, and wheels are for one processor: on a Mac an
 * Intel Python runs too, but could not import what the lock names.
 * @param architecture as Node names it.
 */
export function isFitPython({ version, machine, isFreeThreaded }: PythonFacts, architecture: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  const isOurs = architecture === "x64" ? /^(x86_64|amd64)$/i.test(machine) : /^(arm64|aarch64)$/i.test(machine);
  return major === 3 && minor !== undefined && minor >= 11 && minor <= 14 && isOurs && !isFreeThreaded;
}
