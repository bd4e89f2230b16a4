import type { Command } from "commander";
import type { Fit, HubModelDetail, HubSibling, HubSiblings } from "../../contract/hub.ts";
import { formatContext, formatCount } from "../format/count.ts";
import { formatFit } from "../format/fit.ts";
import { formatBytes, formatMemory, unknown } from "../format/size.ts";
import { printFields, printTable } from "../format/table.ts";
import { visible } from "../format/visible.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import { wholeNumber } from "../option-values.ts";
import type { Client } from "../api/client.ts";
import type { Runtime } from "../runtime.ts";
import { sizeOf, sourceOf } from "./search.ts";
import { isLocalAlone, printLocalModel, printSeen } from "./show-local.ts";

interface ShowOptions {
  readonly context?: number;
  readonly files?: boolean;
  readonly card?: boolean;
  readonly siblings?: boolean;
}

export function addShow(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("show")
    .description("show a model of the Hub or of this machine: will it run here, and which quantization is best")
    .argument("<model>", "owner/name or owner/name@revision")
    .option("--context <tokens>", "the context to predict memory for", wholeNumber(256))
    .option("--files", "list its files too")
    .option("--card", "print its card instead, as Markdown")
    .option("--no-siblings", "leave the other quantizations out")
    .action(async (reference: string, { context, files, card, siblings }: ShowOptions) => {
      const { id, revision } = parseModelReference(reference);
      const api = client();
      const params = modelParams(id);
      if (isLocalAlone(id)) {
        const model = await api.call("getModel", { params });
        if (isJson()) return terminal.json(model);
        return printLocalModel(terminal, model);
      }
      const detail = await api.call("getHubModel", { params, query: { context, revision } });
      if (isJson()) return terminal.json(detail);
      // A stranger's text: no character of it may steer the terminal.
      if (card === true) return terminal.line(visible(detail.card ?? "This model has no card."));
      const source = sourceOf(detail);
      if (source !== "") terminal.note(source);
      printFields(terminal, fieldsOf(detail));
      printFit(detail.fitTable);
      if (detail.here) await printWhatWasSeen(api, id);
      if (files === true) printFiles(detail);
      if (siblings !== false) printSiblings(await api.call("listHubSiblings", { params, query: { context } }), id);
      if (!detail.here) terminal.note(`Download it: mlx-manager pull ${reference}`);
    });

  async function printWhatWasSeen(api: Client, id: string): Promise<void> {
    const model = await api.call("getModel", { params: modelParams(id) });
    printSeen(terminal, model);
  }

  function printFit(table: readonly Fit[]): void {
    if (table.length === 0) return;
    terminal.line("");
    printTable<Fit>(
      terminal,
      [
        { title: "CONTEXT", value: ({ contextTokens }) => formatContext(contextTokens), align: "right" },
        { title: "MEMORY", value: ({ neededBytes }) => formatMemory(neededBytes), align: "right" },
        { title: "CACHE", value: ({ kvBytes }) => formatMemory(kvBytes), align: "right" },
        { title: "FITS", value: formatFit },
      ],
      table,
    );
  }

  function printFiles({ files }: HubModelDetail): void {
    terminal.line("");
    printTable<HubModelDetail["files"][number]>(
      terminal,
      [
        { title: "FILE", value: ({ path }) => path, shrinks: true },
        { title: "SIZE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
        { title: "NOTE", value: ({ here, needed }) => (here ? "here" : needed ? "" : "not downloaded") },
      ],
      files,
    );
  }

  function printSiblings({ items, base }: HubSiblings, id: string): void {
    if (items.filter((item) => item.id !== id).length === 0) return;
    terminal.line("");
    if (base !== null) terminal.line(`MLX versions of ${base}:`);
    printTable<HubSibling>(
      terminal,
      [
        { title: "MODEL", value: (item) => item.id, shrinks: true },
        { title: "QUANT", value: ({ quantization }) => quantization?.label ?? unknown },
        { title: "SIZE", value: sizeOf, align: "right" },
        { title: "MEMORY", value: ({ fit }) => formatMemory(fit.neededBytes), align: "right" },
        { title: "FITS", value: ({ fit }) => formatFit(fit) },
        { title: "DOWNLOADS", value: ({ downloads }) => formatCount(downloads), align: "right" },
        {
          title: "NOTE",
          value: ({ recommended, here }) =>
            [recommended ? "best that fits" : "", here ? "here" : ""].filter(Boolean).join(", "),
        },
      ],
      items,
    );
  }
}

function fieldsOf(detail: HubModelDetail): [string, string][] {
  const { fit, quantization, capabilities, localRevisions } = detail;
  const bits = quantization?.effectiveBits ?? null;
  return [
    ["Model", detail.id],
    ["Fits", `${formatFit(fit)}: ${formatMemory(fit.neededBytes)} of ${formatMemory(fit.limitBytes)}`],
    ["Longest context", `${formatContext(fit.largestContext)} of ${formatContext(detail.contextLength)}`],
    ["Download", sizeOf(detail)],
    ["Quantization", `${quantization?.label ?? unknown}${bits === null ? "" : `, ${bits.toFixed(1)} bits effective`}`],
    ["Parameters", formatCount(detail.parameters)],
    ["Architecture", `${detail.architecture ?? unknown}${detail.supported === false ? ", no engine runs it" : ""}`],
    ["Can", capabilities.join(", ") || unknown],
    ["Made from", detail.baseModel ?? unknown],
    [
      "License",
      `${detail.license ?? unknown}${detail.gated === "no" ? "" : `, to be accepted: ${detail.licenseUrl ?? detail.url}`}`,
    ],
    ["Revision", detail.revision.slice(0, 12)],
    ...localRevisions.map(({ revision, complete, refs, sizeBytes }): [string, string] => [
      complete ? "Here" : "Partly here",
      `${revision.slice(0, 12)}${refs.length === 0 ? "" : ` (${refs.join(", ")})`}, ${formatBytes(sizeBytes)}`,
    ]),
    ["Page", detail.url],
  ];
}
