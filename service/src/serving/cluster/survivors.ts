import type { ProfileCluster } from "../../contract/profile-kinds.ts";
import type { HostShell } from "./host-shell.ts";
import { isThisMachine } from "./hosts.ts";

/**
 * Kills every process of the ssh user whose environment holds `$1`, looks again, and prints how many are left. POSIX
 * shell; Linux' /proc, or the `ps` of macOS.
 */
const script = `
marked() {
  if [ -d /proc/self ]; then
    for folder in /proc/[0-9]*; do
      if tr '\\0' '\\n' < "$folder/environ" 2>/dev/null | grep -qxF "$1"; then echo "\${folder#/proc/}"; fi
    done
  else
    ps -A -E -ww -o pid=,command= | grep -F " $1" | grep -v grep | awk '{print $1}'
  fi
}
tries=0
while [ "$tries" -lt 10 ]; do
  pids=$(marked "$1")
  [ -z "$pids" ] && break
  kill -9 $pids 2>/dev/null
  tries=$((tries + 1))
  sleep 0.3
done
marked "$1" | wc -l
`;

/**
 * Ends what a cluster left on its other hosts. Our own machine is seen to where its processes are run.
 * @param mark `NAME=value` as every rank carries it.
 * @returns the hosts where something is left, or that could not be asked.
 */
export async function endSurvivors(cluster: ProfileCluster, mark: string, shell: HostShell): Promise<string[]> {
  const others = cluster.hosts.filter((host) => !isThisMachine(host));
  const looks = others.map(async (host) => {
    // Not as an argument: the search would find itself.
    const { exitCode, output } = await shell.run(host, ["sh", "-s"], `set -- '${mark}'\n${script}`);
    return exitCode === 0 && output.trim() === "0" ? [] : [host.host];
  });
  return (await Promise.all(looks)).flat();
}
