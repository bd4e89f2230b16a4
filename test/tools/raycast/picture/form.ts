import type { HostNode } from "../reconciler.ts";
import { findAll, textOf } from "../tree.ts";
import { escapeHtml } from "./markup.ts";

/** A form: labels on the left, fields with their present value, errors below them. */
export function formMain(view: HostNode, valueOf: (field: HostNode) => unknown): string {
  const parts = view.children.flatMap((child) => (child.type === "slot" ? [] : [child]));
  return `<div class="form">${parts.map((part) => fieldHtml(part, valueOf)).join("")}</div>`;
}

function fieldHtml(field: HostNode, valueOf: (field: HostNode) => unknown): string {
  const { title, text, label, placeholder, error } = field.props;
  const name = `<label>${escapeHtml(textOf(title))}</label>`;
  if (field.type === "form-separator") return "";
  if (field.type === "form-description") return `${name}<span class="second">${escapeHtml(textOf(text))}</span>`;
  const value = valueOf(field);
  if (field.type === "form-checkbox")
    return `${name}<span>${value === true ? "☑" : "☐"} ${escapeHtml(textOf(label))}</span>`;
  const shown = field.type === "form-password" ? "•".repeat(textOf(value).length) : choiceTitle(field, value);
  const hint = `<span class="second">${escapeHtml(textOf(placeholder))}</span>`;
  const complaint = error ? `<span class="error-text">${escapeHtml(textOf(error))}</span>` : "";
  return `${name}<div><div class="field${error ? " error" : ""}">${shown === "" ? hint : escapeHtml(shown)}</div>${complaint}</div>`;
}

function choiceTitle(field: HostNode, value: unknown): string {
  const choice = findAll(field, ["dropdown-item"]).find((item) => item.props.value === value);
  return textOf(choice?.props.title ?? (Array.isArray(value) ? value.join(", ") : value));
}
