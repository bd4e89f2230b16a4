/** What to do where a running server has older values. */
export function restartAdvice(name: string, keys: readonly string[]): string {
  return `${name} takes up ${keys.join(", ")} at its next start: mlx-manager profiles restart ${name}`;
}
