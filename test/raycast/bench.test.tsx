/** The bench itself: what the stand-in and the renderer promise to the tests of our commands. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { useEffect, useState } from "react";
import {
  Action,
  ActionPanel,
  Cache,
  Color,
  confirmAlert,
  Detail,
  environment,
  Form,
  getPreferenceValues,
  Icon,
  List,
  popToRoot,
  showToast,
  Toast,
  useNavigation,
} from "@raycast/api";
import type * as Utilities from "../../raycast/node_modules/@raycast/utils";
import * as standIn from "../fakes/raycast-api.tsx";
import { extensionFolder } from "../fakes/raycast/extension-folder.ts";
import { raycast, resetRaycast, visibleToast } from "../fakes/raycast/record.ts";
import { render } from "../tools/raycast-render.tsx";
import type { Screen } from "../tools/raycast-render.tsx";

// By its path: the package is installed for the extension alone, and only this file of it is an ES module.
const utilitiesFile = join(extensionFolder, "node_modules/@raycast/utils/dist/module.js");
const { useCachedPromise, useForm } = (await import(utilitiesFile)) as typeof Utilities;

const screens: Screen[] = [];
function show(element: Parameters<typeof render>[0]): Screen {
  const screen = render(element);
  screens.push(screen);
  return screen;
}

afterEach(() => {
  for (const screen of screens.splice(0)) screen.unmount();
  resetRaycast();
});

describe("the stand-in for @raycast/api", () => {
  test("exports only names that the real package declares, and all that @raycast/utils imports", () => {
    const declared = readFileSync(join(extensionFolder, "node_modules/@raycast/api/types/index.d.ts"), "utf8");
    for (const name of Object.keys(standIn)) {
      expect(declared).toMatch(
        new RegExp(`^ ?export declare (abstract )?(const|class|function|enum|namespace) ${name}\\b`, "m"),
      );
    }
    const utilities = readFileSync(join(extensionFolder, "node_modules/@raycast/utils/dist/module.js"), "utf8");
    const imported = [...utilities.matchAll(/import \{([^}]*)\} from "@raycast\/api"/g)].flatMap((match) =>
      match[1]!.split(","),
    );
    const names = imported.map((name) => name.trim().split(" as ")[0]!).filter((name) => name !== "");
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys(standIn)).toEqual(expect.arrayContaining(names));
  });

  test("icons and colours carry the values of the real package", () => {
    expect(Icon.Download).toBe("download-16");
    expect(Color.Green).toBe("raycast-green");
  });

  test("preferences are the manifest's defaults under what a test sets", () => {
    expect(getPreferenceValues()).toEqual({ serviceUrl: "http://127.0.0.1:10242", apiKey: undefined });
    raycast.preferences = { apiKey: "secret" };
    expect(getPreferenceValues()).toMatchObject({ apiKey: "secret" });
    expect(environment.extensionName).toBe("mlx-manager");
  });

  test("a toast changed after it was shown keeps its history, and a new one takes its place", async () => {
    const toast = await showToast({ style: Toast.Style.Animated, title: "Starting" });
    toast.style = Toast.Style.Failure;
    toast.title = "Did not start";
    expect(visibleToast()).toMatchObject({ style: "FAILURE", title: "Did not start" });
    expect(raycast.toasts[0]!.history[0]).toMatchObject({ style: "ANIMATED", title: "Starting" });
    await showToast({ title: "Other" });
    expect(visibleToast()?.title).toBe("Other");
  });

  test("an alert is dismissed unless the test answered it", async () => {
    expect(await confirmAlert({ title: "Delete?" })).toBe(false);
    raycast.alertAnswers.push(true);
    expect(await confirmAlert({ title: "Delete?" })).toBe(true);
    expect(raycast.alerts).toHaveLength(2);
  });

  test("caches of one namespace share their entries, and subscribe works without its object", () => {
    const cache = new Cache({ namespace: "models" });
    const { subscribe } = cache;
    const heard: unknown[] = [];
    subscribe((key, data) => heard.push([key, data]));
    cache.set("list", "[]");
    expect(new Cache({ namespace: "models" }).get("list")).toBe("[]");
    expect(heard).toEqual([["list", "[]"]]);
  });
});

function Numbers({ items, selectedItemId }: { items: string[]; selectedItemId?: string }) {
  return (
    <List selectedItemId={selectedItemId}>
      <List.Section title="Numbers">
        {items.map((item) => (
          <List.Item
            key={item}
            id={item}
            title={item}
            accessories={[{ text: "small" }, { tag: { value: "4-bit", color: Color.Blue } }]}
            actions={
              <ActionPanel>
                <ActionPanel.Section title="Main">
                  <Action.CopyToClipboard title="Copy Number" content={item} />
                  <Action.Push title="Show Number" target={<Detail markdown={`# ${item}`} />} />
                </ActionPanel.Section>
              </ActionPanel>
            }
          />
        ))}
      </List.Section>
      <List.EmptyView title="No numbers" />
    </List>
  );
}

describe("the renderer", () => {
  test("shows rows with section and accessories, filters them as Raycast does, and shows the empty view when none is left", async () => {
    const screen = show(<Numbers items={["one", "two", "three"]} />);
    expect(screen.rows().map(({ title, section, accessories }) => ({ title, section, accessories }))).toContainEqual({
      title: "two",
      section: "Numbers",
      accessories: ["small", "4-bit"],
    });
    expect(screen.emptyView()).toBeUndefined();
    await screen.search("t");
    expect(screen.rows().map(({ title }) => title)).toEqual(["two", "three"]);
    await screen.search("nothing like it");
    expect(screen.emptyView()?.title).toBe("No numbers");
    expect(screen.text()).toContain("No numbers");
  });

  test("an action acts on the selected row, and a pushed view is left by Escape", async () => {
    const screen = show(<Numbers items={["one", "two"]} />);
    await screen.select("two");
    expect(screen.actions().map(({ title, section }) => `${section}: ${title}`)).toEqual([
      "Main: Copy Number",
      "Main: Show Number",
    ]);
    await screen.runAction("Copy Number");
    expect(raycast.clipboard).toEqual(["two"]);
    await screen.runAction("Show Number");
    expect([screen.depth, screen.markdown()]).toEqual([2, "# two"]);
    await screen.back();
    expect([screen.depth, screen.selected()?.title]).toEqual([1, "two"]);
    await screen.runAction("Show Number");
    await popToRoot();
    await screen.waitFor(() => screen.depth === 1);
  });

  test("the selection follows its item across updates and falls to the neighbour when the item goes", async () => {
    let update = (_items: string[]) => {};
    const Changing = () => {
      const [items, setItems] = useState(["a", "b", "c"]);
      update = setItems;
      return <Numbers items={items} />;
    };
    const screen = show(<Changing />);
    await screen.select("b");
    update(["x", "a", "b", "c"]);
    await screen.waitFor(() => screen.rows().length === 4);
    expect(screen.selected()?.id).toBe("b");
    update(["x", "a", "c"]);
    await screen.waitFor(() => screen.rows().length === 3);
    expect(screen.selected()?.id).toBe("c");
  });

  test("the command moves the selection only when it asks for another item", async () => {
    let update = (_selected: string) => {};
    const Asking = () => {
      const [selected, setSelected] = useState("b");
      update = setSelected;
      return <Numbers items={["a", "b", "c"]} selectedItemId={selected} />;
    };
    const screen = show(<Asking />);
    expect(screen.selected()?.id).toBe("b");
    await screen.select("a");
    expect(screen.selected()?.id).toBe("a");
    update("c");
    await screen.waitFor(() => screen.selected()?.id === "c");
  });

  test("hooks of @raycast/utils run on the same React", async () => {
    const Loading = () => {
      const { data, isLoading } = useCachedPromise(
        async (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`),
        [3],
      );
      return <Numbers items={isLoading ? [] : (data ?? [])} />;
    };
    const screen = show(<Loading />);
    await screen.waitFor(() => screen.rows().length === 3);
  });

  test("a form hands over what was typed, and shows its errors", async () => {
    const submitted: unknown[] = [];
    const Named = () => {
      const { pop } = useNavigation();
      const { handleSubmit, itemProps } = useForm<{ name: string }>({
        onSubmit: (values) => {
          submitted.push(values);
          pop();
        },
        validation: { name: (value) => (value ? undefined : "A name is needed") },
      });
      return (
        <Form
          actions={
            <ActionPanel>
              <Action.SubmitForm title="Save" onSubmit={handleSubmit} />
            </ActionPanel>
          }
        >
          <Form.TextField title="Name" {...itemProps.name} />
        </Form>
      );
    };
    const screen = show(<Named />);
    await screen.runAction("Save");
    expect(screen.text()).toContain("A name is needed");
    await screen.change("name", "fast");
    await screen.runAction("Save");
    expect(submitted).toEqual([{ name: "fast" }]);
  });

  test("an uncontrolled dropdown tells its first value once, and a chosen one after that", async () => {
    const heard: string[] = [];
    const screen = show(
      <List
        searchBarAccessory={
          <List.Dropdown tooltip="Sort" onChange={(value) => heard.push(value)}>
            <List.Dropdown.Item title="Downloads" value="downloads" />
            <List.Dropdown.Item title="Likes" value="likes" />
          </List.Dropdown>
        }
      />,
    );
    await screen.settle();
    await screen.choose("likes");
    expect(heard).toEqual(["downloads", "likes"]);
  });

  test("an error thrown while rendering reaches the test, and bare text is one", async () => {
    const Broken = () => {
      const [broken, setBroken] = useState(false);
      useEffect(() => setBroken(true), []);
      if (broken) throw new Error("broken on purpose");
      return <List />;
    };
    const screen = show(<Broken />);
    await expect(screen.waitFor(() => false)).rejects.toThrow("broken on purpose");
    const bare = show(<List>{"0"}</List>);
    expect(() => bare.rows()).toThrow("no bare text");
  });
});
