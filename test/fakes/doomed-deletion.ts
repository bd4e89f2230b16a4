/** Deletes one revision of a model in a process of its own, to be killed in the middle: `cache model [revision]`. */
import { createModels } from "../../service/src/library/models/index.ts";
import { systemClock } from "../../service/src/platform/clock.ts";
import { migrate, readMigrations } from "../../service/src/platform/database/migrate.ts";
import { openDatabase } from "../../service/src/platform/database/open.ts";
import { createEvents } from "../../service/src/platform/events.ts";
import { createLog } from "../../service/src/platform/log.ts";
import { findPlace } from "../../service/src/platform/place.ts";

const [cachePath = "", model = "", revision = ""] = process.argv.slice(2);
const place = findPlace();
const database = openDatabase(":memory:");
migrate({ database, migrations: readMigrations(place.migrations), version: "0.0.0", now: () => "" });
const events = createEvents({
  clock: systemClock,
  boot: "doomed",
  onListenerError: (error) => {
    throw error;
  },
});
const log = createLog({ debug: false, destination: { write: () => undefined } });
const models = createModels({ cachePath, demoModelPath: place.demoModel, database, events, clock: systemClock, log });
await models.recover();
await models.rescan(model);
await (revision === "" ? models.remove(model) : models.removeRevision(model, revision));
process.exit(0);
