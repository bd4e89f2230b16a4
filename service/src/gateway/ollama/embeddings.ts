import { AppError } from "../../platform/errors.ts";
import type { EndpointInput } from "../answer.ts";
import type { OllamaDependencies } from "./dependencies.ts";

/** `POST /api/embed` and `/api/embeddings`. @throws AppError `unsupported`: no engine is asked for embeddings yet. */
export function answerEmbeddings(_dependencies: OllamaDependencies, { body, track }: EndpointInput): Promise<never> {
  const model = (body as { model?: unknown } | undefined)?.model;
  track.understood({ requestedModel: typeof model === "string" ? model : null });
  return Promise.reject(
    new AppError("unsupported", "Embeddings are not served yet. Ask a model that chats at /api/chat."),
  );
}
