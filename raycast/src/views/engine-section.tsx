import { ActionPanel, List } from "@raycast/api";
import { getProgressIcon } from "@raycast/utils";
import { EngineActions } from "../actions/engine-actions.tsx";
import { fraction } from "../format/percent.ts";
import { engineLook } from "../palette.ts";
import { engineNews } from "./engine-text.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";

/** One row above the models while the engine is not ready: without it nothing starts. */
export function EngineSection({ service }: { service: ServiceHandle }) {
  const news = engineNews(service.state);
  if (news === undefined) return null;
  const look = engineLook(news.engine.state);
  const share = fraction(news.job?.done, news.job?.total);
  return (
    <List.Section title="Engine">
      <List.Item
        id={`engine:${news.engine.id}`}
        icon={share > 0 ? getProgressIcon(share, look.color) : { source: look.icon, tintColor: look.color }}
        title={news.title}
        subtitle={news.description}
        accessories={[{ tag: { value: look.label, color: look.color } }]}
        actions={
          <ActionPanel>
            <EngineActions news={news} service={service} />
          </ActionPanel>
        }
      />
    </List.Section>
  );
}
