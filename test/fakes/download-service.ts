/**
 * The download slice as a program of its own, to be killed: `node download-service.ts ENDPOINT DATABASE CACHE`.
 * Takes up what an earlier run left, then obeys JSON lines on stdin; tells every state, and replies, on stdout.
 */
import { createHash } from "node:crypto";
import { open, readFile, rm, statfs } from "node:fs/promises";
import { createInterface } from "node:readline";
import { settingDefaults } from "../../service/src/contract/settings.ts";
import { diskLookMs } from "../../service/src/library/downloads/disk-watch.ts";
import { createDownloads } from "../../service/src/library/downloads/index.ts";
import { createHub } from "../../service/src/library/hub/index.ts";
import { createModels } from "../../service/src/library/models/index.ts";
import { systemClock } from "../../service/src/platform/clock.ts";
import type { Clock } from "../../service/src/platform/clock.ts";
import { migrate, readMigrations } from "../../service/src/platform/database/migrate.ts";
import { openDatabase } from "../../service/src/platform/database/open.ts";
import { createEvents } from "../../service/src/platform/events.ts";
import { randomIds } from "../../service/src/platform/ids.ts";
import { createLog } from "../../service/src/platform/log.ts";
import { findPlace } from "../../service/src/platform/place.ts";

export interface DownloadServiceCommand {
  readonly number: number;
  readonly do: "create" | "pause" | "resume" | "retry" | "cancel" | "fill" | "remove" | "digest" | "look";
  /** A model for `create`, a download's id, or a path. */
  readonly subject: string;
  readonly bytes?: number;
}

const [endpoint = "", databasePath = "", cachePath = ""] = process.argv.slice(2);
const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
// The look at the disk is long in coming: the test says when.
const looks = new Set<() => void>();
let isLookWanted = false;
const clock: Clock = {
  ...systemClock,
  after(milliseconds, call) {
    if (milliseconds !== diskLookMs) return systemClock.after(milliseconds, call);
    if (isLookWanted) setImmediate(call);
    else looks.add(call);
    isLookWanted = false;
    return () => void looks.delete(call);
  },
};
const log = createLog({ debug: false });
const place = findPlace();
const database = openDatabase(databasePath);
migrate({ database, migrations: readMigrations(place.migrations), version: "0", now: () => new Date().toISOString() });
const events = createEvents({ clock, boot: "b", onListenerError: (error) => log.error({ error }, "listener") });
events.listen((event) => {
  if (event.type === "download.changed" || event.type === "download.progress") tell({ download: event.data });
});
const hub = createHub({
  ...{ endpoint, token: () => null, offline: false, proxy: null, caFile: null, deadlineMs: () => 5000, clock, log },
  segmentStallMs: () => 600_000,
});
const models = createModels({ database, events, clock, log, cachePath, demoModelPath: place.demoModel });
const settings = { values: () => settingDefaults, onChange: () => () => undefined };
const downloads = createDownloads({ database, events, clock, ids: randomIds, log, place, hub, models, settings });
downloads.recover();
tell({ started: process.pid });

async function obey({ do: verb, subject, bytes = 0 }: DownloadServiceCommand): Promise<unknown> {
  switch (verb) {
    case "create":
      return downloads.create({ model: subject, revision: "main" }).download;
    case "look":
      isLookWanted = looks.size === 0;
      for (const look of [...looks].splice(0)) {
        looks.delete(look);
        look();
      }
      return null;
    case "fill":
      return fillDisk(subject, bytes);
    case "remove":
      return rm(subject, { recursive: true, force: true });
    case "digest":
      return createHash("sha256")
        .update(await readFile(subject))
        .digest("hex");
    default:
      return downloads[verb](subject);
  }
}

/** Leaves so many bytes free on the disk of `path`, whatever else is being written there. */
async function fillDisk(path: string, bytesFree: number): Promise<void> {
  const block = Buffer.alloc(128 * 1024, 1);
  const file = await open(path, "w");
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(path);
      const left = bavail * bsize - bytesFree;
      if (left <= 0) return;
      await file.write(block.subarray(0, Math.min(block.length, left)));
    }
  } finally {
    await file.close();
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const command = JSON.parse(line) as DownloadServiceCommand;
  void obey(command).then(
    (value) => tell({ reply: command.number, value: value ?? null }),
    (error: unknown) => tell({ reply: command.number, error: String(error) }),
  );
});
lines.on("close", () => {
  void downloads.close().then(() => process.exit(0));
});
