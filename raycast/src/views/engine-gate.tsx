import { ActionPanel, List } from "@raycast/api";
import { getProgressIcon } from "@raycast/utils";
import { useRef } from "react";
import type { ReactNode } from "react";
import { EngineActions } from "../actions/engine-actions.tsx";
import { fraction } from "../format/percent.ts";
import { engineLook } from "../palette.ts";
import { engineNews } from "./engine-text.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";

interface Props {
  service: ServiceHandle;
  placeholder: ReactNode;
  children: () => ReactNode;
}

/** Stands before a view that cannot do without the engine. Once open it stays open: an answer on screen is not taken away. */
export function EngineGate({ service, placeholder, children }: Props): ReactNode {
  const isOpen = useRef(false);
  const news = engineNews(service.state);
  if (service.isLoaded && news === undefined) isOpen.current = true;
  if (isOpen.current) return children();
  if (news === undefined) return placeholder;
  const look = engineLook(news.engine.state);
  const share = fraction(news.job?.done, news.job?.total);
  const actions = (
    <ActionPanel>
      <EngineActions news={news} service={service} />
    </ActionPanel>
  );
  return (
    <List isLoading={news.engine.state === "installing"} searchBarPlaceholder={news.title} actions={actions}>
      <List.EmptyView
        icon={share > 0 ? getProgressIcon(share, look.color) : { source: look.icon, tintColor: look.color }}
        title={news.title}
        description={news.description}
        actions={actions}
      />
    </List>
  );
}
