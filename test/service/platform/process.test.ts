import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { isAlive, isGroupAlive, processStart, signalGroup } from "../../../service/src/platform/process/identity.ts";
import { closedLog, createLogFile } from "../../../service/src/platform/process/log-file.ts";
import type { LogSource } from "../../../service/src/platform/process/log-file.ts";
import { createLineSplitter } from "../../../service/src/platform/process/line-splitter.ts";
import { createMailbox } from "../../../service/src/platform/process/mailbox.ts";
import { createTail } from "../../../service/src/platform/process/tail.ts";
import { temporaryFolder } from "../../tools/temporary-folder.ts";

describe("a mailbox", () => {
  test("runs commands one after the other, in the order they came", async () => {
    const mailbox = createMailbox();
    const steps: string[] = [];
    const command = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise(setImmediate);
      steps.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([mailbox.post(command("a")), mailbox.post(command("b"))])).toEqual(["a", "b"]);
    expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  test("goes on after a command that failed, and only its poster hears of it", async () => {
    const mailbox = createMailbox();
    const failed = mailbox.post(() => Promise.reject(new Error("no")));
    const next = mailbox.post(() => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  test("is idle when everything posted has run", async () => {
    const mailbox = createMailbox();
    let done = false;
    void mailbox.post(async () => {
      await new Promise(setImmediate);
      done = true;
    });
    await mailbox.idle();
    expect(done).toBe(true);
  });
});

describe("a tail", () => {
  test("keeps the last lines, the open one too", () => {
    const tail = createTail(3);
    for (const chunk of ["a\nb\n", "c", "c\nd\n", "open"]) tail.push(chunk);
    expect(tail.lines()).toEqual(["cc", "d", "open"]);
  });

  test("reads every kind of line end, also when a chunk ends in its middle", () => {
    const tail = createTail();
    for (const chunk of ["a\r", "\nb\rc", "\r\nd\r"]) tail.push(chunk);
    expect(tail.lines()).toEqual(["a", "b", "c", "d"]);
  });

  test("cuts a line that never ends", () => {
    const tail = createTail(2, 10);
    for (let count = 0; count < 100; count += 1) tail.push("0123456789");
    tail.push("end\n");
    expect(tail.lines()).toEqual(["0123456789"]);
    tail.push("x".repeat(30));
    expect(tail.lines()).toEqual(["0123456789", "x".repeat(10)]);
  });
});

describe("a process' identity", () => {
  const start = async () => {
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    return { child, pid: child.pid as number, ended: once(child, "close") };
  };

  test("is the same while it lives, differs from others', and is none after its end", async () => {
    const one = await start();
    const identity = processStart(one.pid);
    expect(identity).not.toBeNull();
    expect(processStart(one.pid)).toBe(identity);
    expect(processStart(process.pid)).not.toBe(identity);
    one.child.kill("SIGKILL");
    await one.ended;
    expect([processStart(one.pid), isAlive(one.pid)]).toEqual([null, false]);
  });

  test("tells a later process that got the same pid apart", async () => {
    const one = await start();
    // Rows keep pid and start; a stranger with the pid has another start.
    const row = { pid: one.pid, startedAt: `${processStart(one.pid)}-earlier` };
    expect(processStart(row.pid)).not.toBe(row.startedAt);
    expect(isAlive(row.pid)).toBe(true);
    one.child.kill("SIGKILL");
    await one.ended;
  });

  test("survives a name with spaces and parentheses", async () => {
    const child = spawn("/bin/sh", ["-c", "sleep 60"], { argv0: "odd) name (1", stdio: "ignore" });
    await once(child, "spawn");
    expect(processStart(child.pid as number)).toMatch(/^[0-9a-f-]{36}:\d+$|:/);
    child.kill("SIGKILL");
    await once(child, "close");
  });

  test("a group is signalled whole, and a gone one is no error", async () => {
    const one = await start();
    expect(isGroupAlive(one.pid)).toBe(true);
    expect(signalGroup(one.pid, "SIGKILL")).toBe(true);
    await one.ended;
    expect([isGroupAlive(one.pid), signalGroup(one.pid, "SIGKILL")]).toEqual([false, false]);
  });
});

describe("a log file", () => {
  const folder = temporaryFolder();
  const never = new AbortController().signal;
  const readAll = async (log: LogSource, tail = 1000, follow = false, signal: AbortSignal = never) => {
    let text = "";
    for await (const chunk of log.read({ tail, follow, signal })) text += chunk;
    return text;
  };
  const written = (text: string | Buffer) => {
    writeFileSync(folder.in("some.log"), text);
    return closedLog(folder.in("some.log"));
  };

  test.each([
    ["a\nb\nc\n", 2, "b\nc\n"],
    ["a\nb\nc", 2, "b\nc"],
    ["a\nb\n", 5, "a\nb\n"],
    ["a\r\nb\r\nc\r\n", 1, "c\r\n"],
    ["a\n\n\n", 2, "\n\n"],
    ["a\nb\n", 0, ""],
    ["", 3, ""],
    ["\n", 1, "\n"],
  ])("%j gives as its last %d lines %j", async (text, tail, expected) => {
    expect(await readAll(written(text), tail)).toBe(expected);
  });

  test("finds its last lines over many pieces", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${"ä".repeat(20)}`);
    const text = await readAll(written(`${lines.join("\n")}\n`), 15_000);
    expect(text).toBe(`${lines.slice(5000).join("\n")}\n`);
  });

  test("splits no character, wherever a piece ends", async () => {
    const text = `x${"ä€🙂".repeat(30_000)}\n`;
    expect(await readAll(written(text))).toBe(text);
  });

  test("that was never written, or is cleaned up, is empty", async () => {
    expect(await readAll(closedLog(folder.in("none.log")))).toBe("");
  });

  test("can be read from the moment it is made, is its owner's alone, and goes on where it was", async () => {
    const file = folder.in("deep", "some.log");
    const log = createLogFile(file);
    expect(await readAll(log)).toBe("");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    log.write("first\n");
    await log.close();
    const again = createLogFile(file);
    again.write("second\n");
    await again.close();
    await again.close();
    again.write("too late\n");
    expect(readFileSync(file, "utf8")).toBe("first\nsecond\n");
  });

  test("is followed by many until it is closed, and every one sees everything", async () => {
    const log = createLogFile(folder.in("some.log"));
    log.write("before\n");
    const readers = Array.from({ length: 20 }, () => readAll(log, 10, true));
    let expected = "before\n";
    // Written at every moment of the readers' turns: a change between a look and the wait must not be missed.
    for (let count = 0; count < 200; count += 1) {
      log.write(`${count}\n`);
      expected += `${count}\n`;
      if (count % 3 === 0) await new Promise(setImmediate);
    }
    await log.close();
    for (const text of await Promise.all(readers)) expect(text).toBe(expected);
  });

  test("is followed until the reader leaves, and leaves no listener behind", async () => {
    const log = createLogFile(folder.in("some.log"));
    const controller = new AbortController();
    let listening = 0;
    const signal = Object.assign(Object.create(controller.signal) as AbortSignal, {
      addEventListener: (...words: Parameters<AbortSignal["addEventListener"]>) => {
        listening += 1;
        controller.signal.addEventListener(...words);
      },
      removeEventListener: (...words: Parameters<AbortSignal["removeEventListener"]>) => {
        listening -= 1;
        controller.signal.removeEventListener(...words);
      },
    });
    Object.defineProperty(signal, "aborted", { get: () => controller.signal.aborted });
    const lines = log.read({ tail: 10, follow: true, signal })[Symbol.asyncIterator]();
    for (let count = 0; count < 5; count += 1) {
      log.write(`${count}\n`);
      expect((await lines.next()).value).toBe(`${count}\n`);
    }
    const last = lines.next();
    controller.abort();
    expect((await last).done).toBe(true);
    expect(listening).toBe(0);
    await log.close();
  });

  test("that cannot be written says so once, and ends", async () => {
    const failures: Error[] = [];
    const log = createLogFile(folder.in("gone", "some.log"), (error) => failures.push(error));
    rmSync(folder.in("gone"), { recursive: true });
    const reader = readAll(log, 0, true);
    log.write("lost\n");
    await log.close();
    expect(await reader).toBe("");
    expect(failures.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(["ENOENT"]);
  });

  test("is turned over when it is full: at most two files, and a follower misses nothing", async () => {
    const file = folder.in("full.log");
    const log = createLogFile(file, undefined, { fileBytes: 1000 });
    const lines = log.read({ tail: 0, follow: true, signal: never })[Symbol.asyncIterator]();
    let [read, expected] = ["", ""];
    for (let count = 0; count < 200; count += 1) {
      const line = `line ${count} ${"x".repeat(20)}\n`;
      log.write(line);
      expected += line;
      while (read.length < expected.length) read += String((await lines.next()).value);
    }
    const kept = await readAll(log, 1000);
    await log.close();
    expect(read).toBe(expected);
    expect((await lines.next()).done).toBe(true);
    expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThan(2 * 1100);
    // The last lines are found over both files, while it lives and afterwards.
    expect(kept).toBe(readFileSync(`${file}.1`, "utf8") + readFileSync(file, "utf8"));
    expect(expected.endsWith(kept)).toBe(true);
    expect(await readAll(closedLog(file), 1000)).toBe(kept);
    expect(await readAll(closedLog(file), 30)).toBe(`${expected.trimEnd().split("\n").slice(-30).join("\n")}\n`);
  });

  test("leaves out what comes faster than it can be written, and says how much", async () => {
    const file = folder.in("flood.log");
    const log = createLogFile(file, undefined, { waitingBytes: 3000 });
    for (let count = 0; count < 10; count += 1) log.write(`${"x".repeat(999)}\n`);
    const reader = log.read({ tail: 0, follow: true, signal: never })[Symbol.asyncIterator]();
    let read = "";
    while (read.length < 3000) read += String((await reader.next()).value);
    log.write("after\n");
    await log.close();
    expect(readFileSync(file, "utf8")).toBe(
      `${`${"x".repeat(999)}\n`.repeat(3)}[7000 bytes were left out: they came faster than they could be written]\nafter\n`,
    );
  });
});

describe("a line splitter", () => {
  test("gives whole lines whatever way the bytes are cut, and the open one at the end", () => {
    const bytes = Buffer.from("one ä\r\ntwo\rthree\n\nopen €");
    for (let size = 1; size <= bytes.length; size += 1) {
      const lines: string[] = [];
      const splitter = createLineSplitter((line) => lines.push(line));
      for (let start = 0; start < bytes.length; start += size) splitter.push(bytes.subarray(start, start + size));
      splitter.end();
      expect(lines).toEqual(["one ä", "two", "three", "", "open €"]);
    }
  });

  test("never keeps a line without end whole", () => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line), 10);
    for (let count = 0; count < 5; count += 1) splitter.push(Buffer.from("12345678"));
    splitter.end();
    expect(lines.every(({ length }) => length <= 10)).toBe(true);
    expect(lines.join("")).toBe("12345678".repeat(5));
  });
});
