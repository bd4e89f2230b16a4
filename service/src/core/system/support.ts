/** Whether MLX runs here at all: macOS 14+ on Apple silicon, or Linux x86-64. */
export function engineSupport(
  platform: string,
  architecture: string,
  release: string,
): { supported: boolean; reason: string | null } {
  if (platform === "darwin") {
    if (architecture !== "arm64") return no("MLX needs a Mac with Apple silicon.");
    // Darwin 23 is macOS 14.
    return Number(release.split(".")[0]) >= 23 ? yes : no("MLX needs macOS 14 or newer.");
  }
  if (platform === "linux")
    return architecture === "x64" ? yes : no("On Linux the engine is installed for x86-64 only.");
  return no("MLX runs on macOS with Apple silicon and on Linux x86-64.");
}

const yes = { supported: true, reason: null };
const no = (reason: string) => ({ supported: false, reason });
