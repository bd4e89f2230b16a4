import { Action, Icon, showToast, Toast } from "@raycast/api";
import { checkModelUpdate, fetchVerification, repairModel, startDownload, verifyModel } from "../api/requests.ts";
import type { Client } from "../api/client.ts";
import type { Download, Model } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { followJob } from "../feedback/follow-job.ts";
import { formatBytes } from "../format/bytes.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";

/** Are its files right, and are they the newest? */
export function LibraryActions({ model, service }: { model: Model; service: ServiceHandle }) {
  const { client, absorbDownload } = service;
  const begin = async (title: string, request: () => Promise<Download>) => {
    const download = await attempt(title, request);
    if (download !== undefined) absorbDownload(download);
  };
  const repair = () => begin("Repair Not Started", () => repairModel(client, model.id));
  const isOnHub = model.source === "hub-cache";
  return (
    <>
      {isOnHub && model.updateAvailable === true && (
        <Action
          title="Download Update"
          icon={Icon.ArrowUpCircle}
          onAction={() => begin("Update Not Started", () => startDownload(client, model.id))}
        />
      )}
      {isOnHub && <Action title="Verify Files" icon={Icon.Shield} onAction={() => verify(client, model, repair)} />}
      {isOnHub && <Action title="Repair" icon={Icon.Hammer} onAction={repair} />}
      {isOnHub && model.updateAvailable !== true && (
        <Action title="Check for Update" icon={Icon.ArrowUpCircle} onAction={() => checkUpdate(client, model)} />
      )}
      {model.revisions[0] !== undefined && (
        <Action.ShowInFinder title="Show Files in Finder" path={model.revisions[0].path} />
      )}
    </>
  );
}

/** A toast follows the check to its end; the check itself goes on without it. */
async function verify(client: Client, model: Model, repair: () => Promise<void>): Promise<void> {
  const begin = () => verifyModel(client, model.id);
  const toast = await followJob({ client, title: "Verifying", subject: model.id, failure: "Not Verified", begin });
  if (toast === undefined) return;
  const result = await attempt("Not Verified", () => fetchVerification(client, model.id));
  if (result === undefined) return;
  toast.primaryAction = undefined;
  if (result.result !== "wrong") {
    toast.style = Toast.Style.Success;
    toast.title = result.result === "right" ? "Every file is right" : "No wrong file found";
    toast.message = `${result.filesChecked} files, ${formatBytes(result.bytesChecked)}`;
    return;
  }
  toast.style = Toast.Style.Failure;
  toast.title = `${result.wrongFiles.length} wrong ${result.wrongFiles.length === 1 ? "file" : "files"}`;
  toast.message = result.wrongFiles.map(({ path }) => path).join(", ");
  toast.primaryAction = { title: "Repair", onAction: () => void repair() };
}

async function checkUpdate(client: Client, model: Model): Promise<void> {
  const checked = await attempt("Update Not Checked", () => checkModelUpdate(client, model.id));
  if (checked === undefined) return;
  const title = checked.updateAvailable === true ? "An update is available" : "It is the newest revision";
  await showToast({ style: Toast.Style.Success, title, message: model.id });
}
