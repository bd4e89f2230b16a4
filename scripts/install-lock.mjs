import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

const beatMilliseconds = 1000;
const staleMilliseconds = 20_000;
const pollMilliseconds = 150;

/**
 * Runs the work while holding a lock file; waits, with one line, for whoever holds it.
 * The holder touches its file every second. It is taken to be gone when its process no longer exists on this machine, or when
 * the file was not touched for 20 s: a process id alone means nothing across containers or after a reboot.
 * @param {{file: string, write: (text: string) => void}} options
 */
export async function withInstallLock({ file, write }, work) {
  const token = `${JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() })}\n`;
  await acquire(file, token, write);
  const beat = setInterval(() => touch(file, token), beatMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (content(file) === token) rmSync(file, { force: true });
  }
}

async function acquire(file, token, write) {
  let seen = null;
  for (let isFirst = true; !create(file, token); isFirst = false) {
    const holder = content(file);
    if (holder === null) continue;
    if (isFirst) write(`mlx-manager: waiting for process ${parseHolder(holder).pid}, which is installing packages\n`);
    const touchedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (seen?.holder !== holder || seen.touchedAt !== touchedAt) seen = { holder, touchedAt, since: Date.now() };
    if (isGone(parseHolder(holder)) || Date.now() - seen.since > staleMilliseconds) remove(file, holder, token);
    else await wait(pollMilliseconds);
  }
}

/** The file of a holder that was killed before it wrote its name stays empty, and is stale after 20 s like any other. */
function create(file, token) {
  try {
    writeFileSync(file, token, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  }
}

/**
 * Moves a dead holder's file away. Another waiter may have done so already and hold the lock by now: then the file that was
 * moved is not the one that was judged, and it is put back.
 */
function remove(file, holder, token) {
  if (content(file) !== holder) return;
  const aside = `${file}.${JSON.parse(token).id}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (content(aside) !== holder) create(file, content(aside));
  rmSync(aside, { force: true });
}

function touch(file, token) {
  if (content(file) === token) utimesSync(file, new Date(), new Date());
}

function content(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function parseHolder(holder) {
  try {
    return JSON.parse(holder);
  } catch (error) {
    if (error instanceof SyntaxError) return { pid: "unknown", host: null };
    throw error;
  }
}

function isGone({ pid, host }) {
  if (host !== hostname() || !Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
