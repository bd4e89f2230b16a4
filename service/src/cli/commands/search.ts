import { Option } from "commander";
import type { Command } from "commander";
import { Capability, HubSort } from "../../contract/hub.ts";
import type { HubModel, HubPage } from "../../contract/hub.ts";
import { formatCount } from "../format/count.ts";
import { formatFit } from "../format/fit.ts";
import { formatBytes, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import { byteSize, wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface SearchOptions {
  readonly author?: string;
  readonly sort: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly bits?: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly architecture?: string;
  readonly can?: string;
  readonly fits?: boolean;
  readonly context?: number;
}

export function addSearch(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("search")
    .description("search the Hugging Face Hub")
    .argument("[query...]", "words of the model's name")
    .option("--author <name>", 'whose models; "" for everyone (left out: the setting hubAuthor)')
    .addOption(new Option("--sort <order>", "order").choices(HubSort.options).default("downloads"))
    .option("--limit <number>", "how many, at most 100", wholeNumber(1, 100), 20)
    .option("--cursor <cursor>", "the next page, as the last one told")
    .option("--fits", "only what fits this machine")
    .option("--context <tokens>", "the context it shall fit with", wholeNumber(256))
    .option("--bits <list>", "quantization, for example 4,8")
    .option("--min-size <size>", "for example 500MB", byteSize)
    .option("--max-size <size>", "for example 20GB", byteSize)
    .option("--architecture <name>", "a model type or a family, for example qwen3")
    .option("--can <list>", `all of: ${Capability.options.join(", ")}`)
    .action(async (words: string[], options: SearchOptions) => {
      const query = words.join(" ");
      const { author, sort, limit, cursor, bits, architecture, context, fits, can, minSize, maxSize } = options;
      const page = await client().call("searchHub", {
        query: {
          ...{ query, author, sort, limit, cursor, bits, architecture, context, fits },
          ...{ capability: can, sizeMin: minSize, sizeMax: maxSize },
        },
      });
      if (isJson()) return terminal.json(page);
      const source = sourceOf(page);
      if (source !== "") terminal.note(source);
      if (page.items.length === 0) {
        terminal.note(`Nothing found for "${query}".${author === "" ? "" : ' Search everyone\'s models: --author ""'}`);
        if (page.nextCursor !== null) terminal.note(`Look further: add --cursor ${page.nextCursor}`);
        return;
      }
      printTable<HubModel>(
        terminal,
        [
          { title: "MODEL", value: ({ id }) => id, shrinks: true },
          { title: "SIZE", value: sizeOf, align: "right" },
          { title: "PARAMS", value: ({ parameters }) => formatCount(parameters), align: "right" },
          { title: "QUANT", value: ({ quantization }) => quantization?.label ?? unknown },
          { title: "DOWNLOADS", value: ({ downloads }) => formatCount(downloads), align: "right" },
          { title: "LIKES", value: ({ likes }) => formatCount(likes), align: "right" },
          { title: "FITS", value: ({ fit }) => formatFit(fit) },
          { title: "NOTE", value: noteOf },
        ],
        page.items,
      );
      if (page.nextCursor !== null) terminal.note(`More: add --cursor ${page.nextCursor}`);
    });
}

/** What is to be said when the Hub itself did not answer just now; else nothing. */
export function sourceOf({ source, stale, problem }: Pick<HubPage, "source" | "stale" | "problem">): string {
  if (source === "local") return "Offline: only what is known on this machine.";
  if (problem !== null) return `An earlier answer: ${problem.message}`;
  return stale ? "An earlier answer, as the Hub is slow." : "";
}

export function sizeOf({ sizeBytes, sizeIsEstimate }: HubModel): string {
  return sizeBytes === null ? unknown : `${sizeIsEstimate ? "~" : ""}${formatBytes(sizeBytes)}`;
}

function noteOf({ here, downloadId, gated, private: isPrivate, supported }: HubModel): string {
  const notes = [here ? "here" : "", downloadId === null ? "" : "downloading", gated === "no" ? "" : "gated"];
  return [...notes, isPrivate ? "private" : "", supported === false ? "no engine runs it" : ""]
    .filter(Boolean)
    .join(", ");
}
