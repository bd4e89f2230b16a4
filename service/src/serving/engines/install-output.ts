/** How far an installation is, told from what uv or pip prints. Packages counted as far as the tool names them. */
export interface InstallCount {
  readonly phase: "downloading packages" | "installing packages";
  readonly done: number;
}

/**
 * Reads line after line. uv names only the larger packages while it downloads them and tells at the end that all are
 * there; pip names each one as it begins with it.
 * @returns the new count, or null when the line tells nothing new.
 */
export function createInstallCounter(total: number): (line: string) => InstallCount | null {
  const downloaded = new Set<string>();
  const installed = new Set<string>();
  const downloading = (): InstallCount => ({ phase: "downloading packages", done: Math.min(downloaded.size, total) });
  let collecting: string | null = null;
  return (line) => {
    const has = (pattern: RegExp): string | null => pattern.exec(line)?.[1] ?? null;
    const fetched = has(/^\s*Downloaded (\S+)/);
    if (fetched !== null) return downloaded.add(fetched) && downloading();
    const begun = has(/^Collecting ([A-Za-z0-9._-]+)/);
    if (begun !== null) {
      // The one before is done when the next begins.
      if (collecting !== null) downloaded.add(collecting);
      collecting = begun;
      return downloading();
    }
    const placed = has(/^ \+ ([A-Za-z0-9._-]+)==/);
    if (placed !== null) {
      installed.add(placed);
      return { phase: "installing packages", done: Math.min(installed.size, total) };
    }
    if (/^Prepared \d+ package|^Installing collected packages/.test(line))
      return { phase: "installing packages", done: 0 };
    if (/^Successfully installed /.test(line)) return { phase: "installing packages", done: total };
    return null;
  };
}
