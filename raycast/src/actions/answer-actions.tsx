import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";
import type { ReactNode } from "react";
import { errorReport } from "../api/errors.ts";
import { isOver } from "../hooks/answer-state.ts";
import type { AnswerState } from "../hooks/answer-state.ts";

interface Props {
  answer: AnswerState;
  question: string;
  /** The view where another question is written. */
  form(question: string): ReactNode;
  stop(): void;
  askAgain(): void;
  isThinkingShown: boolean;
  toggleThinking(): void;
}

/** Enter stops while it is written, copies when it is done, tries again when it failed. */
export function AnswerActions(props: Props) {
  const { answer, question, form, stop, askAgain, isThinkingShown, toggleThinking } = props;
  const again = <Action title="Ask Again" icon={Icon.ArrowClockwise} onAction={askAgain} shortcut={REFRESH} />;
  return (
    <>
      <ActionPanel.Section>
        {!isOver(answer) && <Action title="Stop" icon={Icon.Stop} onAction={stop} />}
        {answer.phase === "failed" && again}
        {answer.text !== "" && (
          <Action.CopyToClipboard
            title="Copy Answer"
            icon={Icon.CopyClipboard}
            content={answer.text}
            shortcut={Keyboard.Shortcut.Common.Copy}
          />
        )}
        {answer.text !== "" && <Action.Paste title="Paste Answer" icon={Icon.TextInput} content={answer.text} />}
      </ActionPanel.Section>
      <ActionPanel.Section>
        <Action.Push
          title="Ask Something Else…"
          icon={Icon.SpeechBubble}
          shortcut={Keyboard.Shortcut.Common.New}
          target={form("")}
        />
        <Action.Push
          title="Edit Question…"
          icon={Icon.Pencil}
          shortcut={Keyboard.Shortcut.Common.Edit}
          target={form(question)}
        />
        {isOver(answer) && answer.phase !== "failed" && again}
        {answer.thinking !== "" && (
          <Action
            title={isThinkingShown ? "Hide Thinking" : "Show Thinking"}
            icon={Icon.LightBulb}
            shortcut={Keyboard.Shortcut.Common.ToggleQuickLook}
            onAction={toggleThinking}
          />
        )}
        {answer.error !== undefined && (
          <Action.CopyToClipboard title="Copy Error" icon={Icon.CopyClipboard} content={errorReport(answer.error)} />
        )}
      </ActionPanel.Section>
    </>
  );
}

const REFRESH = Keyboard.Shortcut.Common.Refresh;
