export { createEngines } from "./service.ts";
export type { EngineEnvironment, Engines, EnginesDependencies, InstallProgress } from "./service.ts";
export { mountEngineRoutes } from "./routes.ts";
export { endLeftTool, forgetTool, noteTool } from "./left-tool.ts";
export { ToolError, runTool } from "./run-tool.ts";
