/** Import directions (docs/architecture.md). `npm run check` also asserts how many modules were seen. */
const src = "^service/src/";
const floors = {
  contract: [],
  platform: ["contract"],
  core: ["contract", "platform"],
  library: ["contract", "platform", "core"],
  serving: ["contract", "platform", "core", "library"],
  gateway: ["contract", "platform", "core", "library", "serving"],
  cli: ["contract"],
};
const slicesBelow = {
  "core/auth": ["core/settings"],
  "core/settings": [],
  "core/jobs": [],
  "core/requests": [],
  "core/responses": [],
  "core/secrets": [],
  "core/system": [],
  "library/hub": [],
  "library/models": ["library/hub"],
  "library/downloads": ["library/hub", "library/models"],
  "library/search": ["library/hub", "library/models", "library/downloads"],
  "library/mirror": ["library/models"],
  "serving/cluster": [],
  "serving/profiles": ["serving/cluster"],
  "serving/engines": ["serving/profiles"],
  "serving/pool": ["serving/cluster", "serving/engines", "serving/profiles"],
  "serving/probing": ["serving/pool", "serving/engines", "serving/profiles"],
  "serving/converting": ["serving/engines"],
};

const floorRules = Object.entries(floors).map(([floor, allowed]) => ({
  name: `floor-${floor}`,
  comment: `${floor} imports only: ${allowed.join(", ") || "zod"}`,
  severity: "error",
  from: { path: `${src}${floor}/` },
  to: { path: src, pathNot: `${src}(${[floor, ...allowed].join("|")})/` },
}));

const sliceRules = Object.entries(slicesBelow).map(([slice, allowed]) => {
  const floor = slice.split("/")[0];
  return {
    name: `slice-${slice.replace("/", "-")}`,
    comment: `${slice} imports of its floor only: ${allowed.join(", ") || "itself"}`,
    severity: "error",
    from: { path: `${src}${slice}/` },
    to: { path: `${src}${floor}/`, pathNot: `${src}(${[slice, ...allowed].join("|")})/` },
  };
});

const doorRules = Object.keys(slicesBelow).map((slice) => ({
  name: `door-${slice.replace("/", "-")}`,
  comment: `other slices import ${slice} by its index.ts alone`,
  severity: "error",
  from: { path: src, pathNot: `${src}${slice}/` },
  to: { path: `${src}${slice}/`, pathNot: `${src}${slice}/index\\.ts$` },
}));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...floorRules,
    ...sliceRules,
    ...doorRules,
    {
      name: "contract-is-zod-alone",
      severity: "error",
      from: { path: `${src}contract/` },
      to: { pathNot: [`${src}contract/`, "node_modules/zod"] },
    },
    {
      name: "sql-in-stores",
      comment: "better-sqlite3 belongs to platform/database",
      severity: "error",
      from: { path: src, pathNot: `${src}platform/database/` },
      to: { path: "node_modules/better-sqlite3" },
    },
    {
      name: "express-at-the-edge",
      comment: "Express belongs to routes.ts, platform/http, the key check, the gateway's edge and the composition",
      severity: "error",
      from: {
        path: src,
        pathNot: `${src}(platform/http/|core/auth/service|gateway/(routes|index|endpoint)|.*/routes\\.ts$|app\\.ts|compose(-library|-serving)?\\.ts)`,
      },
      to: { path: "node_modules/(@types/)?express" },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { path: "^(service|raycast|scripts)/" },
      to: { path: "^test/" },
    },
    {
      name: "raycast-alone",
      severity: "error",
      from: { path: "^raycast/src/" },
      to: { path: "^(service|test|scripts)/" },
    },
    {
      name: "no-orphan-packages",
      severity: "error",
      from: { path: src },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types", "default"] },
  },
};
