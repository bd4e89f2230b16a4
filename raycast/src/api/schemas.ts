/** The service's words, from the generated document. Nothing here is kept by hand. */
import type { components, paths } from "./schema.d.ts";

type Schemas = components["schemas"];

export type Capability = Schemas["Capability"];
export type Conversion = Schemas["ModelConvert"];
export type ConversionMode = Schemas["ConversionMode"];
export type ConversionRecipe = Schemas["ConversionRecipe"];
export type Download = Schemas["Download"];
export type DownloadPriority = Schemas["DownloadPriority"];
export type Engine = Schemas["Engine"];
export type EventMessage = Schemas["EventMessage"];
export type Failure = Schemas["Failure"];
export type Fit = Schemas["Fit"];
export type Health = Schemas["Health"];
export type HubModel = Schemas["HubModel"];
export type HubFilters = Pick<
  NonNullable<paths["/api/hub/models"]["get"]["parameters"]["query"]>,
  "bits" | "capability" | "fits"
>;
export type HubModelDetail = Schemas["HubModelDetail"];
export type HubPage = Schemas["HubPage"];
export type HubSibling = Schemas["HubSibling"];
export type HubSiblings = Schemas["HubSiblings"];
export type HubSort = Schemas["HubSort"];
export type Job = Schemas["Job"];
export type Measurement = Schemas["Measurement"];
export type Model = Schemas["Model"];
export type ModelVerification = Schemas["ModelVerification"];
export type Profile = Schemas["ProfileView"];
export type Server = Schemas["Server"];
export type Settings = Schemas["Settings"];
export type Snapshot = Schemas["Snapshot"];
export type ChatChunk = Schemas["ChatChunk"];
