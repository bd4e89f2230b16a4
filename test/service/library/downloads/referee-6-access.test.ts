import { afterEach, describe, expect, test } from "@jest/globals";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import type { ApiFailure } from "../../../tools/service-api.ts";
import { listing } from "./download-bench.ts";
import { faultsOf, openReferee } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 6: who may read what, told apart over the API. That no token ever shows is proven for the whole service elsewhere. */
const open = "mlx-community/open";
const gated = "mlx-community/gated";
const secret = "ann/secret";
const repos = [
  tinyRepo(open),
  { ...tinyRepo(gated), gated: "manual" as const },
  { ...tinyRepo(secret), private: true },
];
const tokens = { hf_ann: { name: "ann", accepted: [gated] }, hf_bob: { name: "bob" }, "mirror-token": { name: "ann" } };
let referee: Referee;
afterEach(() => referee.close());

const start = async (token: string | null): Promise<void> => {
  referee = await openReferee({ hub: { repos, tokens }, environment: token === null ? {} : { HF_TOKEN: token } });
};

/** What a person is told when the download fails, and when the model's page is asked for. */
async function refusal(model: string, revision = "main"): Promise<Download> {
  const failed = await referee.fetch(model, { revision });
  expect(failed.state).toBe("failed");
  expect(await listing(referee.cache)).toEqual([]);
  return failed;
}

describe("referee case 6: access", () => {
  const cases: [string, string | null, string, string, string, RegExp][] = [
    ["a gated model without a token", null, gated, "main", "gated_no_token", /token/i],
    [
      "a gated model whose license is not accepted",
      "hf_bob",
      gated,
      "main",
      "gated_not_accepted",
      /mlx-community\/gated/,
    ],
    ["a token that nobody knows, even for an open model", "hf_wrong", open, "main", "token_invalid", /token/i],
    ["a private model without a token", null, secret, "main", "repo_not_found_or_private", /exist|private/i],
    ["a private model with another's token", "hf_bob", secret, "main", "repo_not_found_or_private", /exist|private/i],
    ["a model that does not exist", "hf_ann", "ann/none", "main", "repo_not_found_or_private", /exist|private/i],
    ["a revision that does not exist", null, open, "v9", "revision_not_found", /revision/],
  ];
  test.each(cases)("%s", async (_, token, model, revision, code, words) => {
    await start(token);
    const failed = await refusal(model, revision);
    expect(failed.error?.code).toBe(code);
    expect(failed.error?.message).toMatch(words);
    expect(JSON.stringify(referee.told)).not.toContain(token ?? "hf_");
    // Refused for good: nobody keeps asking.
    expect(referee.hub.requests.length).toBeLessThan(20);
  });

  test("five refusals have five messages", async () => {
    const messages = new Set<string>();
    for (const [, token, model, revision] of cases.filter((_, index) => [0, 1, 2, 3, 6].includes(index))) {
      await start(token);
      messages.add((await refusal(model, revision)).error?.message ?? "");
      await referee.close();
    }
    await start(null);
    expect(messages.size).toBe(5);
  });

  test("the page of a private model says the same as its download", async () => {
    await start("hf_bob");
    const refused = (await referee.api.get(`/api/hub/models/${secret}`).catch((error: unknown) => error)) as ApiFailure;
    expect(refused.body.error.code).toBe("repo_not_found_or_private");
  });

  test.each([
    ["a token whose license is accepted", "hf_ann", gated],
    ["the owner's token of a private model", "hf_ann", secret],
    ["a mirror's token that does not begin with hf_", "mirror-token", secret],
  ])("%s opens it", async (_, token, model) => {
    await start(token);
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", error: null });
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(referee.hub.requests.filter(({ server, headers }) => server === "cdn" && headers.authorization)).toEqual([]);
  });

  test("a license that is accepted later needs no more than a retry", async () => {
    await start("hf_bob");
    const { id } = await refusal(gated);
    referee.hub.tokens.set("hf_bob", { name: "bob", accepted: [gated] });
    await referee.command(id, "retry");
    expect(await referee.reaches(id, "completed")).toMatchObject({ error: null });
  });
});
