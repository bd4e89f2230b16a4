import { Option } from "commander";
import type { Command } from "commander";
import { HubSort } from "../../contract/hub.ts";
import type { HubModel } from "../../contract/hub.ts";
import { formatCount } from "../format/count.ts";
import { formatBytes, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface SearchOptions {
  readonly author?: string;
  readonly sort: string;
  readonly limit: number;
  readonly cursor?: string;
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
    .action(async (words: string[], { author, sort, limit, cursor }: SearchOptions) => {
      const query = words.join(" ");
      const page = await client().call("searchHub", { query: { query, author, sort, limit, cursor } });
      if (isJson()) return terminal.json(page);
      if (page.source === "local") terminal.note("Offline: only what is known on this machine.");
      if (page.items.length === 0) {
        terminal.note(`Nothing found for "${query}".${author === "" ? "" : ' Search everyone\'s models: --author ""'}`);
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
          { title: "FITS", value: ({ fit }) => (fit.fits === null ? unknown : fit.fits ? "yes" : "no") },
          { title: "NOTE", value: noteOf },
        ],
        page.items,
      );
      if (page.nextCursor !== null) terminal.note(`More: add --cursor ${page.nextCursor}`);
    });
}

function sizeOf({ sizeBytes, sizeIsEstimate }: HubModel): string {
  return sizeBytes === null ? unknown : `${sizeIsEstimate ? "~" : ""}${formatBytes(sizeBytes)}`;
}

function noteOf({ here, downloadId, gated, private: isPrivate }: HubModel): string {
  const notes = [here ? "here" : "", downloadId === null ? "" : "downloading", gated === "no" ? "" : "gated"];
  return [...notes, isPrivate ? "private" : ""].filter(Boolean).join(", ");
}
