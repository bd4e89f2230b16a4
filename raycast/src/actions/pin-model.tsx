import { Action, Icon, Keyboard } from "@raycast/api";
import type { Client } from "../api/client.ts";
import { pinProfile } from "../api/requests.ts";
import type { Profile } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";

/** Whether its server may have to go for another; acts at once on one that runs. */
export function PinModel({ profile, client }: { profile: Profile; client: Client }) {
  const isPinned = profile.lifecycle.pinned === true;
  return (
    <Action
      title={isPinned ? "Unpin" : "Pin"}
      icon={isPinned ? Icon.TackDisabled : Icon.Tack}
      shortcut={Keyboard.Shortcut.Common.Pin}
      onAction={() =>
        attempt(isPinned ? "Not Unpinned" : "Not Pinned", () => pinProfile(client, profile.id, !isPinned))
      }
    />
  );
}
