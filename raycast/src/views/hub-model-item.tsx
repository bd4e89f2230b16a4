import { Color, Icon, List } from "@raycast/api";
import type { ReactNode } from "react";
import type { HubModel } from "../api/schemas.ts";
import { formatMemory } from "../format/bytes.ts";
import { formatCount } from "../format/count.ts";
import { formatModelSize } from "../format/model-size.ts";
import type { ModelDetailState } from "../hooks/use-model-detail.ts";
import { fitLook } from "../palette.ts";
import { HubModelDetailPane } from "./hub-model-detail.tsx";

interface Props {
  id: string;
  model: HubModel;
  isHere: boolean;
  isShowingDetail: boolean;
  exact: ModelDetailState | undefined;
  actions: ReactNode;
}

/** A search result: what it is, how large, whether it should fit. Never any progress (MODELS-03). */
export function HubModelItem({ id, model, isHere, isShowingDetail, exact, actions }: Props) {
  const [owner = "", name = ""] = model.id.split("/");
  return (
    <List.Item
      id={id}
      icon={
        isHere
          ? { value: { source: Icon.CheckCircle, tintColor: Color.Green }, tooltip: "On this Mac" }
          : { source: Icon.Box, tintColor: Color.SecondaryText }
      }
      title={name}
      {...(isShowingDetail ? {} : { subtitle: owner })}
      accessories={isShowingDetail ? shortAccessories(model, isHere) : allAccessories(model, isHere)}
      detail={<HubModelDetailPane model={model} isHere={isHere} exact={exact} />}
      actions={actions}
    />
  );
}

const HERE: List.Item.Accessory = { tag: { value: "Downloaded", color: Color.Green } };

function shortAccessories(model: HubModel, isHere: boolean): List.Item.Accessory[] {
  return isHere ? [HERE] : [{ text: formatModelSize(model) }];
}

function allAccessories(model: HubModel, isHere: boolean): List.Item.Accessory[] {
  const fit = fitLook(model.fit.verdict);
  return [
    ...(isHere ? [HERE] : []),
    ...(model.gated === "no" ? [] : [{ icon: Icon.Lock, tooltip: "Accept its license on Hugging Face first" }]),
    ...(model.quantization === null ? [] : [{ tag: model.quantization.label }]),
    { icon: { source: fit.icon, tintColor: fit.color }, tooltip: fitTooltip(model) },
    { text: formatModelSize(model), tooltip: model.sizeIsEstimate ? "Download, estimated" : "Download" },
    { icon: Icon.Download, text: formatCount(model.downloads), tooltip: "Downloads" },
  ];
}

function fitTooltip({ fit }: HubModel): string {
  const { label } = fitLook(fit.verdict);
  if (fit.neededBytes === null) return label;
  return `${label}: needs ${formatMemory(fit.neededBytes)} of ${formatMemory(fit.limitBytes)}`;
}
