import type { Readable } from "node:stream";
import type { Agent, Dispatcher } from "undici";
import type * as z from "zod";
import { routes } from "../../contract/routes.ts";
import type { Route, RouteName } from "../../contract/routes.ts";
import type { Connection } from "./connection.ts";
import { errorOfReply, errorOfTransport, notOurs } from "./failures.ts";

type Table = typeof routes;

/** Path, query and body of a call; the contract's own types. */
export type CallInput<Name extends RouteName> = (Table[Name] extends { params: infer Schema extends z.ZodType }
  ? { readonly params: z.input<Schema> }
  : { readonly params?: undefined }) &
  (Table[Name] extends { body: infer Schema extends z.ZodType }
    ? { readonly body: z.input<Schema> }
    : { readonly body?: undefined }) & {
    readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
    readonly signal?: AbortSignal;
  };

export type Reply<Name extends RouteName> = Table[Name] extends { reply: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : never;

/** The HTTP API by the names of the contract's route table. */
export interface Client {
  readonly connection: Connection;
  /** @throws CommandError for an error answer, a service that is not there, or an answer that is not ours. */
  call<Name extends RouteName>(name: Name, input: CallInput<Name>): Promise<Reply<Name>>;
  /** The body of a streamed answer, as it comes. Ends early only by the signal. */
  open<Name extends RouteName>(name: Name, input: CallInput<Name>): Promise<Readable>;
  close(): Promise<void>;
}

const connectMs = 5000;

export function createClient(connection: Connection): Client {
  let dispatcher: Agent | null = null;

  const send = async (name: RouteName, input: CallInput<RouteName>): Promise<Dispatcher.ResponseData> => {
    const route: Route = routes[name];
    const url = `${connection.address}${fillPath(route.path, input.params)}${queryText(input.query)}`;
    // Not before a command asks: it takes a third of what `--help` takes.
    const { Agent, request } = await import("undici");
    // Answers may take as long as a model loads: the service has the deadlines, not its client.
    dispatcher ??= new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: connectMs } });
    try {
      const response = await request(url, {
        method: route.method,
        dispatcher,
        signal: input.signal ?? null,
        headers: {
          "user-agent": "mlx-manager-cli",
          ...(connection.key === null ? {} : { authorization: `Bearer ${connection.key}` }),
          ...(input.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      });
      if (response.statusCode >= 400) {
        throw errorOfReply(response.statusCode, await response.body.text(), connection);
      }
      return response;
    } catch (error) {
      throw errorOfTransport(error, connection, input.signal);
    }
  };

  return {
    connection,
    async call(name, input) {
      const response = await send(name, input as CallInput<RouteName>);
      let text: string;
      try {
        text = await response.body.text();
      } catch (error) {
        throw errorOfTransport(error, connection, input.signal);
      }
      try {
        // Both sides are built from one contract; unknown fields of a newer service pass through to `--json`.
        return JSON.parse(text) as Reply<typeof name>;
      } catch (error) {
        throw notOurs(connection, error);
      }
    },
    async open(name, input) {
      const { body } = await send(name, input as CallInput<RouteName>);
      return body;
    },
    close: async () => await dispatcher?.destroy(),
  };
}

function fillPath(path: string, params: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(values[name])));
}

function queryText(query: CallInput<RouteName>["query"]): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return "";
  return `?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
