import type { RequestHandler } from "express";
import { routes } from "../../contract/routes.ts";
import type { Route } from "../../contract/routes.ts";
import { AppError } from "../errors.ts";

const known = (Object.values(routes) as Route[]).map(({ method, path, rest }) => ({
  method,
  pattern: new RegExp(`^${(rest === true ? path.replace(/\{\w+\}$/, ".+") : path).replace(/\{\w+\}/g, "[^/]+")}/?$`),
}));

/** After all routes: 405 with `Allow` where the path exists, else 404. `HEAD` is an empty 200 that tells nothing. */
export const notFound: RequestHandler = (request, response) => {
  const methods = known.filter(({ pattern }) => pattern.test(request.path)).map(({ method }) => method);
  if (methods.length === 0)
    throw new AppError("not_found", `There is nothing at ${request.method} ${request.path.slice(0, 200)}.`);
  response.setHeader("allow", methods.join(", "));
  throw new AppError("method_not_allowed", `${request.method} does not work here. Use ${methods.join(" or ")}.`);
};
