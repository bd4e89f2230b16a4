import { describe, expect, test } from "@jest/globals";
import { formatCheck } from "../../../../service/src/gateway/formats/format-check.ts";

const schemaCheck = (schema: Record<string, unknown>) => formatCheck({ type: "json-schema", name: "answer", schema });

const place = {
  type: "object",
  properties: {
    city: { type: "string", maxLength: 10 },
    since: { type: "string", format: "date-time" },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, maxItems: 2 },
    format: { type: "string" },
  },
  required: ["city"],
  additionalProperties: false,
  $defs: { tag: { enum: ["big", "small"] } },
};

describe("an answer is judged by its schema", () => {
  test.each([
    '{"city": "Paris"}',
    ' {"city":"Paris","tags":["big","small"]}\n',
    // An annotation: no claim about the text.
    '{"city":"Paris","since":"2026-01-01T00:00:00+02:00"}',
    '{"city":"Paris","format":"x"}',
  ])("%s fits", (text) => {
    expect(schemaCheck(place)).toMatchObject({ unjudged: null });
    expect(schemaCheck(place).check(text)).toBeNull();
  });

  test.each([
    ["Paris", /not JSON/],
    ['{"city": "Paris"', /not JSON/],
    ['```json\n{"city": "Paris"}\n```', /not JSON/],
    ["{}", /city/],
    ['{"city": 7}', /city: .*string/],
    ['{"city": "Llanfairpwllgwyngyll"}', /city/],
    ['{"city": "Paris", "tags": ["huge"]}', /tags\.0/],
    ['{"city": "Paris", "zip": 1}', /zip/],
    ["[]", /object/],
  ])("%s does not, and it is said why", (text, why) => {
    expect(schemaCheck(place).check(text)).toMatch(why);
  });

  test("an object is any object", () => {
    const { check } = formatCheck({ type: "json-object" });
    expect([check("{}"), check('{"a": [1]}')]).toEqual([null, null]);
    expect([check("[]"), check("1"), check("null"), check("")]).not.toContain(null);
  });

  test("a schema that cannot be judged says so, and JSON is still told from text", () => {
    const { check, unjudged } = schemaCheck({ type: "object", if: { required: ["a"] }, then: { required: ["b"] } });
    expect(unjudged).toMatch(/if\/then\/else/);
    expect([check('{"a": 1}'), check("no")]).toEqual([null, "it is not JSON"]);
    expect(schemaCheck({ $ref: "https://example.com/schema.json" }).unjudged).toMatch(/\$ref/);
  });

  test("a pattern that would take for ever does not hold the service up", () => {
    const { check } = schemaCheck({ type: "string", pattern: "^(a+)+$" });
    expect(check(JSON.stringify("aaaa"))).toBeNull();
    expect(check(JSON.stringify(`${"a".repeat(60)}!`))).toBe("it could not be checked in time");
  });
});
