export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/** From `Python 3.11.7` or `3.11.7`; null when there is no version in it. */
export function parsePythonVersion(text: string): PythonVersion | null {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (!match) return null;
  return { major: Number(match[1]), minor: Number(match[2]), text: match[0] };
}

/** Our locks hold for 3.11 and later; wheels of MLX exist up to 3.14. */
export function isFitPython({ major, minor }: PythonVersion): boolean {
  return major === 3 && minor >= 11 && minor <= 14;
}
