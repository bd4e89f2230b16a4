import { PassThrough } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { readServerSentEvents } from "../../../service/src/cli/api/server-sent-events.ts";
import { progressLine } from "../../../service/src/cli/download-progress.ts";
import { printTable } from "../../../service/src/cli/format/table.ts";
import { createTerminal } from "../../../service/src/cli/terminal.ts";
import { fakeDownload } from "../../fakes/fake-service-state.ts";
import { createFakeTerminal } from "./command-line.ts";

const rows = [
  { name: "mlx-community/a-model-with-a-rather-long-name-4bit", size: "4.3 GB" },
  { name: "b\u001B[2Jc", size: "10 MB" },
];
const columns = [
  { title: "NAME", value: ({ name }: (typeof rows)[number]) => name, shrinks: true },
  { title: "SIZE", value: ({ size }: (typeof rows)[number]) => size, align: "right" as const },
];

describe("tables", () => {
  test("no line is wider than the terminal; the column that shrinks is cut", () => {
    const fake = createFakeTerminal(30);
    printTable(createTerminal(fake.streams, { NO_COLOR: "1" }), columns, rows);
    fake.streams.output.read();
    expect(fake.shown().trimEnd().split("\n")).toEqual([
      "NAME                      SIZE",
      "mlx-community/a-model…  4.3 GB",
      "b[2Jc                    10 MB",
    ]);
  });

  test("a pipe gets whole values without colors", () => {
    const output = new PassThrough();
    const streams = { input: new PassThrough(), output, errorOutput: new PassThrough() };
    printTable(createTerminal(streams, {}), columns, rows);
    expect(String(output.read())).toContain(`${rows[0]?.name}  4.3 GB\n`);
  });

  test("titles are bold on a terminal, and plain with NO_COLOR", () => {
    const [bold, plain] = [createFakeTerminal(), createFakeTerminal()];
    createTerminal(bold.streams, {}).line(createTerminal(bold.streams, {}).styles.bold("x"));
    createTerminal(plain.streams, { NO_COLOR: "1" }).line(
      createTerminal(plain.streams, { NO_COLOR: "1" }).styles.bold("x"),
    );
    for (const { streams } of [bold, plain]) streams.output.read();
    expect([bold.shown(), plain.shown()]).toEqual(["\u001B[1mx\u001B[22m\n", "x\n"]);
  });
});

describe("the progress line", () => {
  const download = fakeDownload("own/model", {
    bytesDone: 1e9,
    bytesTotal: 4e9,
    bytesPerSecond: 12.4e6,
    secondsLeft: 242,
  });

  test("shows share, bytes, speed and time left", () => {
    expect(progressLine(download, 80)).toBe(
      "downloading [#######-------------------]  25%  1 GB/4 GB  12.4 MB/s  4m 2s left",
    );
  });

  test.each([20, 40, 60, 120])("fits into %i columns", (width) => {
    expect(progressLine(download, width).length).toBeLessThanOrEqual(width);
  });

  test("shows no bar while the size is not known", () => {
    const planning = fakeDownload("own/model", { state: "planning", bytesTotal: null });
    expect(progressLine(planning, 80)).toBe("planning");
  });
});

describe("server-sent events", () => {
  const text = 'event: snapshot\r\ndata: {"a":"ü"}\r\n\r\n: loading 1/3\n\ndata: one\ndata: two\n\ndata: unfinished';
  const expected = [
    { event: "snapshot", data: '{"a":"ü"}', comment: null },
    { event: null, data: null, comment: "loading 1/3" },
    { event: null, data: "one\ntwo", comment: null },
  ];

  test.each([1, 2, 3, 7, 1000])("are the same in pieces of %i bytes", async (size) => {
    const bytes = Buffer.from(text);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const seen = [];
    for await (const event of readServerSentEvents(pieces())) seen.push(event);
    expect(seen).toEqual(expected);
  });
});
