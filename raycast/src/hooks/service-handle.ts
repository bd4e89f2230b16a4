import type { Client } from "../api/client.ts";
import type { Connection } from "../api/connection.ts";
import type { ServiceState } from "./use-service-state.ts";

/** What the gate hands to the view behind it: a service that is there, and its live state. */
export interface ServiceHandle extends ServiceState {
  connection: Connection;
  client: Client;
}
