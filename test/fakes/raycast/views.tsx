/** List, Grid, Detail, Form, MenuBarExtra: host nodes for the renderer, no behaviour of their own. */
import { hostView } from "./host-view.ts";

const Metadata = Object.assign(hostView("metadata"), {
  Label: hostView("metadata-label"),
  Link: hostView("metadata-link"),
  Separator: hostView("metadata-separator"),
  TagList: Object.assign(hostView("metadata-tag-list"), { Item: hostView("metadata-tag") }),
});

const Dropdown = Object.assign(hostView("dropdown"), {
  Item: hostView("dropdown-item"),
  Section: hostView("dropdown-section"),
});

const EmptyView = hostView("empty-view", ["actions"]);

export const List = Object.assign(hostView("list", ["searchBarAccessory", "actions"]), {
  Item: Object.assign(hostView("list-item", ["actions", "detail"]), {
    Detail: Object.assign(hostView("detail", ["metadata"]), { Metadata }),
  }),
  Section: hostView("list-section"),
  EmptyView,
  Dropdown,
});

export const Grid = Object.assign(hostView("grid", ["searchBarAccessory", "actions"]), {
  Item: hostView("grid-item", ["actions"]),
  Section: hostView("grid-section"),
  EmptyView,
  Dropdown,
  Fit: { Contain: "contain", Fill: "fill" },
  Inset: { Zero: "zero", Small: "small", Medium: "medium", Large: "large" },
  ItemSize: { Small: "small", Medium: "medium", Large: "large" },
});

export const Detail = Object.assign(hostView("detail", ["actions", "metadata"]), { Metadata });

const field = (kind: string) => hostView(`form-${kind}`);

export const Form = Object.assign(hostView("form", ["actions", "searchBarAccessory"]), {
  Checkbox: field("checkbox"),
  DatePicker: Object.assign(field("date-picker"), { Type: { Date: "date", DateTime: "date_time" } }),
  Description: field("description"),
  Dropdown: Object.assign(field("dropdown"), {
    Item: hostView("dropdown-item"),
    Section: hostView("dropdown-section"),
  }),
  FilePicker: field("file-picker"),
  LinkAccessory: field("link-accessory"),
  PasswordField: field("password"),
  Separator: field("separator"),
  TagPicker: Object.assign(field("tag-picker"), { Item: hostView("tag-picker-item") }),
  TextArea: field("text-area"),
  TextField: field("text-field"),
});

export const MenuBarExtra = Object.assign(hostView("menu-bar"), {
  Item: hostView("menu-item"),
  Section: hostView("menu-section"),
  Separator: hostView("menu-separator"),
  Submenu: hostView("menu-submenu"),
});
