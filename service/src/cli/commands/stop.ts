import type { Command } from "commander";
import type { Server } from "../../contract/servers.ts";
import type { Client } from "../api/client.ts";
import { everyPage } from "../api/every-page.ts";
import { notFoundError, usageError } from "../command-error.ts";
import { findProfile } from "../find-profile.ts";
import type { Runtime } from "../runtime.ts";

export function addStop(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("stop")
    .description("stop a server")
    .argument("[name]", "a model, a profile, an alias or a server's id")
    .option("-a, --all", "stop every server")
    .action(async (name: string | undefined, { all }: { all?: boolean }) => {
      if ((name === undefined) === (all !== true)) throw usageError("Name what to stop, or give --all.");
      const api = client();
      const { items } = await everyPage((query) => api.call("listServers", { query: { ...query, running: true } }));
      const profileIds =
        name === undefined ? items.map(({ profileId }) => profileId) : await profilesOf(api, items, name);
      const stopped: Server[] = [];
      for (const id of new Set(profileIds)) {
        stopped.push(...(await api.call("stopProfile", { params: { id } })).items);
      }
      if (isJson()) return terminal.json({ items: stopped, nextCursor: null });
      if (stopped.length === 0) terminal.note(name === undefined ? "No server runs." : `${name} does not run.`);
      for (const { profile } of stopped) terminal.line(`Stopped ${profile}.`);
    });
}

/** A model's id means every server of that model; anything else means one profile. */
async function profilesOf(api: Client, running: readonly Server[], name: string): Promise<string[]> {
  const meant = running.filter(({ id, profile, model }) => id === name || profile === name || model === name);
  if (meant.length > 0) return meant.map(({ profileId }) => profileId);
  const { id } = await findProfile(api, name);
  if (!running.some(({ profileId }) => profileId === id))
    throw notFoundError(`${name} does not run. See: mlx-manager ps`);
  return [id];
}
