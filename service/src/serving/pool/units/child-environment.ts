/** What an engine may need of the service's own environment. Keys and tokens never are. */
const passed = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"];
const passedPrefixes = ["LC_", "MLX_", "OMP_"];

/** Marks every process that an engine starts as ours, so that its survivors are known for certain. No secret. */
export const serverMark = "ENGINE_OF_MLX_MANAGER_SERVER";

/**
 * The environment of an engine's process: a short list of what is passed on, no network, no telemetry.
 * `MLX_…` configures the library, `MLX_MANAGER_…` holds our own key and stays here.
 */
export function childEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  serverId: string,
): Record<string, string> {
  const kept = Object.entries(inherited).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isPassed(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    HF_HUB_OFFLINE: "1",
    TRANSFORMERS_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    DO_NOT_TRACK: "1",
    PYTHONUNBUFFERED: "1",
    TOKENIZERS_PARALLELISM: "false",
    [serverMark]: serverId,
  };
}

function isPassed(name: string): boolean {
  if (name.startsWith("MLX_MANAGER_")) return false;
  return passed.includes(name) || passedPrefixes.some((prefix) => name.startsWith(prefix));
}
