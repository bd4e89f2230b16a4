import type { Command } from "commander";
import type { Profile, ProfileView } from "../../contract/profiles.ts";
import { everyPage } from "../api/every-page.ts";
import { usageError } from "../command-error.ts";
import { findProfile, nameOf } from "../find-profile.ts";
import { printFields, printTable } from "../format/table.ts";
import { emptyProfile, kebab, profileFields } from "../profile-fields.ts";
import type { ProfileOptions } from "../profile-fields.ts";
import { addProfileOptions, addUnsetOption } from "../profile-options.ts";
import { addPlaceOptions, placeFields } from "../profile-places.ts";
import type { PlaceOptions } from "../profile-places.ts";
import { confirm } from "../read-input.ts";
import { restartAdvice } from "../restart-advice.ts";
import type { Runtime } from "../runtime.ts";
import { startAndWait } from "../wait-for-server.ts";
import { addPlacement } from "./placement.ts";
import { addProfileFiles } from "./profile-files.ts";

export function addProfiles(program: Command, runtime: Runtime): void {
  const profiles = program.command("profiles").description("named ways to serve a model");
  profiles
    .command("list", { isDefault: true })
    .description("list profiles")
    .option("-a, --all", "also the one that each model has by itself")
    .action((options: { all?: boolean }) => listProfiles(runtime, options.all === true));
  profiles
    .command("show")
    .description("show one profile")
    .argument("<name>", "a profile or a model")
    .action(async (name: string) => showProfile(runtime, await findProfile(runtime.client(), name)));
  const create = profiles
    .command("create")
    .description("create a profile")
    .argument("<slug>", "short name: a-z 0-9 . _ -")
    .option("--model <model>", "the model it serves; with --remote it may be left out");
  addPlaceOptions(addProfileOptions(create), { isNew: true }).action((slug: string, options: AllOptions) =>
    createProfile(runtime, slug, options),
  );
  const edit = profiles
    .command("edit")
    .description("change a profile; it says what waits for a restart")
    .argument("<name>", "a profile or a model")
    .option("--slug <slug>", "another short name")
    .option("--model <model>", "another model");
  addUnsetOption(addPlaceOptions(addProfileOptions(edit), { isNew: false })).action(
    (name: string, options: AllOptions) => editProfile(runtime, name, options),
  );
  profiles
    .command("delete")
    .description("delete a profile; the model stays")
    .argument("<name>", "a profile")
    .option("-y, --yes", "do not ask")
    .action((name: string, options: { yes?: boolean }) => deleteProfile(runtime, name, options.yes === true));
  profiles
    .command("duplicate")
    .description("copy a profile under a new short name")
    .argument("<name>", "a profile or a model")
    .argument("<slug>", "short name of the copy")
    .option("--name <text>", "name for people")
    .action(async (from: string, slug: string, { name }: { name?: string }) => {
      const { id } = await findProfile(runtime.client(), from);
      const body = { slug, ...(name === undefined ? {} : { name }) };
      report(runtime, await runtime.client().call("duplicateProfile", { params: { id }, body }), "Created");
    });
  profiles
    .command("restart")
    .description("stop a profile's server and start it with what the profile says now")
    .argument("<name>", "a profile or a model")
    .action((name: string) => restartProfile(runtime, name));
  addPlacement(profiles, runtime);
  addProfileFiles(profiles, runtime);
}

type AllOptions = ProfileOptions & PlaceOptions;

async function restartProfile(runtime: Runtime, wanted: string): Promise<void> {
  const profile = await findProfile(runtime.client(), wanted);
  const name = nameOf(profile);
  const server = await startAndWait(runtime, runtime.client(), profile.id, name, "restartProfile");
  if (runtime.isJson()) return runtime.terminal.json(server);
  runtime.terminal.line(`${name} is ready again.`);
}

async function listProfiles({ terminal, isJson, client }: Runtime, isAll: boolean): Promise<void> {
  const filter = isAll ? {} : { implicit: false };
  const page = await everyPage((query) => client().call("listProfiles", { query: { ...query, ...filter } }));
  if (isJson()) return terminal.json(page);
  if (page.items.length === 0) {
    terminal.note("No profiles yet; every model also runs without one. Create: mlx-manager profiles create --help");
    return;
  }
  printTable<Profile>(
    terminal,
    [
      { title: "PROFILE", value: nameOf },
      { title: "MODEL", value: ({ model }) => model, shrinks: true },
      { title: "REVISION", value: ({ revision }) => revision.slice(0, 12) },
      { title: "ENGINE", value: ({ engine, kind }) => (kind === "cluster" ? `${engine}, cluster` : engine) },
      { title: "NAME", value: ({ name }) => name, shrinks: true },
    ],
    page.items,
  );
}

function showProfile({ terminal, isJson }: Runtime, profile: ProfileView): void {
  if (isJson()) return terminal.json(profile);
  const { sampling, engineOptions, limits, lifecycle, batching } = profile;
  const options = Object.entries({ ...sampling, ...engineOptions, ...limits, ...lifecycle });
  printFields(terminal, [
    ["profile", profile.slug ?? `(of the model ${profile.model})`],
    ...[["name", profile.name] as const, ["model", profile.model] as const, ["revision", profile.revision] as const],
    ["engine", `${profile.engine} (${profile.engineChoice.reason.replace(/\.$/, "")})`],
    ...placeOf(profile),
    ...options.map(
      ([key, value]) => [kebab(key), typeof value === "object" ? JSON.stringify(value) : String(value)] as const,
    ),
    ...(profile.systemPrompt === null ? [] : [["system-prompt", profile.systemPrompt] as const]),
    ["batching", batching.on ? "on" : `off: ${batching.reason ?? ""}`],
    ["id", profile.id],
  ]);
}

function placeOf({ remote, cluster }: ProfileView): (readonly [name: string, value: string])[] {
  if (remote !== null) {
    const key = remote.hasKey ? "stored" : "none";
    return [["remote", remote.baseUrl] as const, ["remote-model", remote.model] as const, ["remote-key", key] as const];
  }
  if (cluster === null) return [];
  const hosts = cluster.hosts.map(({ host, ips }) => `${host} (${ips.join(", ")})`).join("\n");
  return [["cluster", `${cluster.mode} parallel over ${cluster.backend}`] as const, ["hosts", hosts] as const];
}

async function createProfile(runtime: Runtime, slug: string, options: AllOptions): Promise<void> {
  const { model } = options;
  if (model === undefined && options.remote === undefined)
    throw usageError("Name the model it serves: --model <owner/name>, or --remote <url> --remote-model <name>");
  const place = await placeFields(options, null, runtime.terminal);
  const { remoteKey, ...rest } = place;
  const body = {
    ...{ slug, ...(model === undefined ? {} : { model }) },
    ...{ ...profileFields(options, emptyProfile), ...rest },
    ...(typeof remoteKey === "string" ? { remoteKey } : {}),
  };
  report(runtime, await runtime.client().call("createProfile", { body }), "Created");
}

async function editProfile(runtime: Runtime, name: string, options: AllOptions): Promise<void> {
  const profile = await findProfile(runtime.client(), name);
  const { slug, model } = options;
  const body = {
    ...(slug === undefined ? {} : { slug }),
    ...(model === undefined ? {} : { model }),
    ...profileFields(options, profile),
    ...(await placeFields(options, profile.remote, runtime.terminal)),
  };
  if (Object.keys(body).length === 0) throw usageError("Say what to change. See: mlx-manager profiles edit --help");
  const changed = await runtime.client().call("updateProfile", { params: { id: profile.id }, body });
  report(runtime, changed, "Changed");
  if (changed.needsRestart) runtime.terminal.note(restartAdvice(nameOf(changed), changed.restartKeys));
}

async function deleteProfile(runtime: Runtime, name: string, isSure: boolean): Promise<void> {
  const { terminal, client, exitWith } = runtime;
  const { id } = await findProfile(client(), name);
  if (!isSure) {
    if (!terminal.isInteractive) throw usageError("Nobody can be asked here. Add --yes to delete.");
    if (!(await confirm(terminal, `Delete the profile ${name}?`))) {
      terminal.note("Kept.");
      return exitWith(1);
    }
  }
  report(runtime, await client().call("deleteProfile", { params: { id } }), "Deleted");
}

function report({ terminal, isJson }: Runtime, profile: Profile, done: string): void {
  if (isJson()) return terminal.json(profile);
  terminal.line(`${done} ${nameOf(profile)}.`);
}
