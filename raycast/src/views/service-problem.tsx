import { ActionPanel, List } from "@raycast/api";
import type { ServiceStatus } from "../api/check-service.ts";
import { ServiceProblemActions } from "../actions/service-problem-actions.tsx";
import { problemText } from "./service-problem-text.ts";
import type { Problem } from "./service-problem-text.ts";

interface Props {
  status: Problem;
  retry: () => Promise<ServiceStatus | undefined>;
}

/** The closed gate: what is wrong, with the next step under Enter. */
export function ServiceProblem({ status, retry }: Props) {
  const { icon, title, description } = problemText(status);
  const actions = (
    <ActionPanel>
      <ServiceProblemActions problem={status} retry={retry} />
    </ActionPanel>
  );
  return (
    <List searchBarPlaceholder={title} actions={actions}>
      <List.EmptyView icon={icon} title={title} description={description} actions={actions} />
    </List>
  );
}
