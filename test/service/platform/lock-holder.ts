import { takeInstanceLock } from "../../../service/src/platform/database/instance-lock.ts";

/** Child program of the lock's test: takes the lock of its parameter, says what came of it, and holds it. */
const lock = takeInstanceLock(process.argv[2] ?? "");
process.stdout.write(lock === null ? "refused\n" : "taken\n");
if (lock !== null) {
  process.stdin.on("data", () => lock.release());
  process.stdin.on("end", () => lock.release());
}
