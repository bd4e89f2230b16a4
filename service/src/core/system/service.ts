import { arch, cpus, release, type as osType } from "node:os";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { MachineMemory, SystemFacts } from "../../contract/system.ts";
import { systemCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { createMemoryReader } from "./memory.ts";
import { engineSupport } from "./support.ts";

/** Facts of the machine. Engine states are added by compose. */
export interface Machine {
  memory(): MachineMemory;
  facts(): Promise<SystemFacts>;
  support(): { supported: boolean; reason: string | null };
}

export interface MachineDependencies {
  readonly log: Log;
  /** The folder whose disk is told: the model cache. It need not exist yet. */
  readonly diskPath: string;
}

export function createMachine({ log, diskPath }: MachineDependencies): Machine {
  const reader = createMemoryReader(log);
  const support = () => engineSupport(process.platform, arch(), release());
  return {
    memory: () => reader.read(),
    support,
    async facts() {
      const [memory, disk, python, uv, operatingSystem] = await Promise.all([
        reader.refresh(),
        readDisk(diskPath),
        findTool("python3", ["--version"]),
        findTool("uv", ["--version"]),
        nameOperatingSystem(),
      ]);
      const processors = cpus();
      return {
        ...{ platform: process.platform, architecture: arch(), operatingSystem, memory, disk, python, uv },
        chip: processors[0]?.model.trim() ?? "unknown",
        cores: processors.length,
        node: process.versions.node,
        engineSupport: support(),
      };
    },
  };
}

async function readDisk(path: string): Promise<SystemFacts["disk"]> {
  try {
    const { blocks, bavail, bsize } = await statfs(path);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    const parent = dirname(path);
    return parent === path ? null : readDisk(parent);
  }
}

async function findTool(name: string, args: string[]): Promise<SystemFacts["python"]> {
  const { execa } = await import("execa");
  const found = await execa("/usr/bin/env", ["which", name], { reject: false, timeout: 5000 });
  const path = found.stdout.trim();
  if (found.failed || path === "") return { path: null, version: null };
  const asked = await execa(path, args, { reject: false, timeout: 5000 });
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec(`${asked.stdout} ${asked.stderr}`)?.[1] ?? null;
  return { path, version };
}

async function nameOperatingSystem(): Promise<string> {
  if (process.platform !== "darwin") return `${osType()} ${release()}`;
  const { execa } = await import("execa");
  const version = await execa("/usr/bin/sw_vers", ["-productVersion"], { reject: false, timeout: 5000 });
  return `macOS ${version.stdout.trim() || release()}`;
}
