import { Action, ActionPanel, Icon } from "@raycast/api";
import type { HubFilters } from "../api/schemas.ts";

interface Props {
  filters: HubFilters;
  setFilters(filters: HubFilters): void;
}

const BITS = ["2", "3", "4", "5", "6", "8", "16"];
const CAPABILITIES = ["chat", "tools", "thinking", "vision", "audio", "embeddings"];

/** What results must have: kept between openings, said above the list, cleared by one action. */
export function FilterActions({ filters, setFilters }: Props) {
  const { fits, bits, capability } = filters;
  const isFiltered = fits !== undefined || bits !== undefined || capability !== undefined;
  return (
    <>
      <Action
        title={fits === undefined ? "Show Only What Fits" : "Show Also What Does Not Fit"}
        icon={Icon.MemoryChip}
        shortcut={{ modifiers: ["cmd", "shift"], key: "f" }}
        onAction={() => setFilters(changed(filters, "fits", fits === undefined ? "true" : undefined))}
      />
      <ActionPanel.Submenu title="Filter by Quantization" icon={Icon.Filter}>
        <Choice title="Any" isChosen={bits === undefined} choose={() => setFilters(changed(filters, "bits"))} />
        {BITS.map((value) => (
          <Choice
            key={value}
            title={`${value}-bit`}
            isChosen={bits === value}
            choose={() => setFilters(changed(filters, "bits", value))}
          />
        ))}
      </ActionPanel.Submenu>
      <ActionPanel.Submenu title="Filter by Capability" icon={Icon.Filter}>
        <Choice
          title="Any"
          isChosen={capability === undefined}
          choose={() => setFilters(changed(filters, "capability"))}
        />
        {CAPABILITIES.map((value) => (
          <Choice
            key={value}
            title={value}
            isChosen={capability === value}
            choose={() => setFilters(changed(filters, "capability", value))}
          />
        ))}
      </ActionPanel.Submenu>
      {isFiltered && <Action title="Clear Filters" icon={Icon.XMarkCircle} onAction={() => setFilters({})} />}
    </>
  );
}

function Choice({ title, isChosen, choose }: { title: string; isChosen: boolean; choose(): void }) {
  return <Action title={title} icon={isChosen ? Icon.CheckCircle : Icon.Circle} onAction={choose} />;
}

function changed<Key extends keyof HubFilters>(filters: HubFilters, key: Key, value?: HubFilters[Key]): HubFilters {
  const entries = Object.entries({ ...filters, [key]: value }).filter(([, kept]) => kept !== undefined);
  return Object.fromEntries(entries) as HubFilters;
}
