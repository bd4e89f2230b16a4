/** A faithful Hugging Face Hub for tests, demos and benchmarks, with faults on switches. See README.md. */
export { startFakeHub } from "./start.ts";
export type { FakeHub, FakeHubOptions } from "./start.ts";
export type { Account, FileContent, FileSet, RepoDefinition, RepoUpdate } from "./repo-definition.ts";
export type { Cut, Fault, FaultEffect, FaultKind, FaultSwitches, FaultTarget } from "./faults.ts";
export type { RecordedRequest } from "./request-log.ts";
export { byteSource, digest } from "./byte-source.ts";
export { blobOid, lfsPointer } from "./git-objects.ts";
export { repoFromFolder, reposFromFolder } from "./folder-repos.ts";
