import { Option } from "commander";
import type { Command } from "commander";
import * as z from "zod";
import { ProfileCluster } from "../contract/profile-kinds.ts";
import type { ProfileRemote } from "../contract/profile-kinds.ts";
import type { ProfilePatch } from "../contract/profiles.ts";
import { usageError } from "./command-error.ts";
import { readText } from "./profile-fields.ts";
import { readAll, readSecret } from "./read-input.ts";
import type { Terminal } from "./terminal.ts";

export interface PlaceOptions {
  readonly cluster?: string;
  readonly remote?: string;
  readonly remoteModel?: string;
  /** True: ask for it. False: forget it. */
  readonly remoteKey?: boolean;
  /** One process of this machine again. */
  readonly here?: boolean;
}

const ofRemote = ["remote", "remoteModel", "remoteKey"];

/** Where a profile is served when it is not by one process of this machine. */
export function addPlaceOptions(command: Command, { isNew }: { isNew: boolean }): Command {
  command
    .addOption(
      new Option("--cluster <path>", "serve it by several machines: a file with hosts, mode, backend").conflicts([
        ...ofRemote,
      ]),
    )
    .option("--remote <url>", "serve it elsewhere, such as https://api.example.com/v1")
    .option("--remote-model <name>", "the model's name there")
    .option("--remote-key", "ask for the key of that service, or read it from a pipe");
  if (isNew) return command;
  return command
    .option("--no-remote-key", "forget the key")
    .addOption(
      new Option("--here", "serve it by one process of this machine again").conflicts(["cluster", ...ofRemote]),
    );
}

/** @param present what the profile has already; an address is replaced by the API as a whole. */
export async function placeFields(
  { cluster, remote, remoteModel, remoteKey, here }: PlaceOptions,
  present: ProfileRemote | null,
  terminal: Terminal,
): Promise<Pick<ProfilePatch, "kind" | "cluster" | "remote" | "remoteKey">> {
  if (here === true) return { kind: "process", cluster: null, remote: null };
  if (cluster !== undefined) return { kind: "cluster", cluster: readCluster(cluster), remote: null };
  const isElsewhere = remote !== undefined || remoteModel !== undefined || remoteKey !== undefined;
  if (!isElsewhere) return {};
  const baseUrl = remote ?? present?.baseUrl;
  const model = remoteModel ?? present?.model;
  if (baseUrl === undefined || model === undefined)
    throw usageError("A model elsewhere needs its address and its name there: --remote <url> --remote-model <name>");
  const key = remoteKey === true ? await readKey(terminal, baseUrl) : remoteKey === false ? null : undefined;
  return {
    ...{ kind: "remote", cluster: null },
    remote: { baseUrl, model, ...(present?.headers ? { headers: present.headers } : {}) },
    ...(key === undefined ? {} : { remoteKey: key }),
  };
}

function readCluster(path: string): ProfileCluster {
  const parsed = ProfileCluster.safeParse(parse(readText(path), path));
  if (!parsed.success)
    throw usageError(`${path} is no host list: ${z.prettifyError(parsed.error)}\nIt holds hosts, mode and backend.`);
  return parsed.data;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${path} is no JSON. It holds hosts, mode and backend.`);
    throw error;
  }
}

async function readKey(terminal: Terminal, baseUrl: string): Promise<string> {
  const text = terminal.isInteractive
    ? await readSecret(terminal, `Key for ${baseUrl}: `)
    : await readAll(terminal.input);
  const key = text.trim();
  if (/^[\x21-\x7e]{1,1500}$/.test(key)) return key;
  throw usageError("That is no key: 1 to 1500 visible ASCII characters without spaces.");
}
