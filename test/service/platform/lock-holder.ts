import { takeFileLock } from "../../../service/src/platform/database/file-lock.ts";

/** Child program of the lock's test: takes the lock of its parameter, says what came of it, and holds it. */
const lock = takeFileLock(process.argv[2] ?? "", "exclusive");
process.stdout.write(lock === null ? "refused\n" : "taken\n");
if (lock !== null) {
  process.stdin.on("data", () => lock.release());
  process.stdin.on("end", () => lock.release());
}
