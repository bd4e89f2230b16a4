import { Action, Alert, confirmAlert, Icon, Keyboard, showToast, Toast } from "@raycast/api";
import type { Client } from "../api/client.ts";
import { deleteModel } from "../api/requests.ts";
import type { Model } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { formatBytes } from "../format/bytes.ts";

/** Deletes after asking; the row goes with the service's event. */
export function DeleteModel({ model, client }: { model: Model; client: Client }) {
  const isReference = model.source === "folder";
  const remove = async () => {
    const confirmed = await confirmAlert({
      icon: Icon.Trash,
      title: isReference ? `Forget ${model.id}?` : `Delete ${model.id}?`,
      message: isReference
        ? "Its files stay where they are. It can be imported again."
        : `${formatBytes(model.sizeBytes)} are removed from this Mac. It can be downloaded again.`,
      primaryAction: { title: isReference ? "Forget Model" : "Delete Model", style: Alert.ActionStyle.Destructive },
    });
    if (!confirmed) return;
    const deleted = await attempt("Model Not Deleted", () => deleteModel(client, model.id));
    if (deleted !== undefined)
      await showToast({
        style: Toast.Style.Success,
        title: isReference ? "Model forgotten" : "Model deleted",
        message: model.id,
      });
  };
  return (
    <Action
      title={isReference ? "Forget Model" : "Delete Model"}
      icon={Icon.Trash}
      style={Action.Style.Destructive}
      shortcut={Keyboard.Shortcut.Common.Remove}
      onAction={remove}
    />
  );
}
