// Every contender with the demo model in mlx_lm.server. The engine's own time is many times what any of them adds.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeCachedModel } from "../../test/tools/cached-model.ts";
import { sharedEnginesPath } from "../../test/tools/engine-environment.ts";
import { demoModelPath, enginePython, firstToken, startByHand } from "../engines/by-hand.ts";
import { names } from "./contender.ts";
import type { Ways } from "./contender.ts";
import { model, startLiteLlm, startLlamaSwap, startService, withKey } from "./scripted-contenders.ts";

export async function realWays(folder: string): Promise<Ways> {
  const enginesPath = await sharedEnginesPath();
  const python = enginePython(enginesPath);
  const byHand = await startByHand(python, demoModelPath);
  await firstToken(byHand.url, "default_model");
  return {
    direct() {
      const rest = { headers: {}, model: "default_model", processId: null, startMs: null };
      return Promise.resolve({ name: names.direct, url: byHand.url, ...rest, end: () => byHand.stop() });
    },
    async mlxManager(main) {
      const home = join(folder, "home");
      await writeCachedModel(join(home, "hub"), model);
      const { url, program } = await startService(home, main, { MLX_MANAGER_ENGINES_PATH: enginesPath });
      return withKey(url, program);
    },
    async llamaSwap(path) {
      const command = `${python} -m mlx_lm server --model ${demoModelPath} --host 127.0.0.1 --port \${PORT}`;
      const lines = ["models:", `  "${model}":`, `    cmd: ${command}`, "    useModelName: default_model"];
      const configuration = join(folder, "llama-swap.yaml");
      await writeFile(configuration, [...lines, "    concurrencyLimit: 1000", ""].join("\n"));
      return startLlamaSwap(path, configuration, model);
    },
    liteLlm: (path) => startLiteLlm(path, folder, `${byHand.url}/v1`),
  };
}
