import { callerOf } from "./access.ts";
import { answer, refuse } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";

/** `GET /api/whoami-v2` */
export function whoAmI(exchange: Exchange): void {
  const caller = callerOf(exchange);
  if (caller === "invalid") return refuse(exchange, 401, undefined, "Invalid credentials in Authorization header");
  if (caller === "anonymous") return refuse(exchange, 401, undefined, "Invalid username or password.");
  answer(exchange, 200, {
    type: "user",
    id: Buffer.from(caller.name.padEnd(12, "0")).toString("hex").slice(0, 24),
    name: caller.name,
    fullname: caller.name,
    email: `${caller.name}@example.invalid`,
    emailVerified: true,
    canPay: false,
    isPro: false,
    periodEnd: null,
    avatarUrl: "",
    orgs: [],
    auth: {
      type: "access_token",
      accessToken: { displayName: "test", role: "read", createdAt: "2026-01-01T00:00:00.000Z" },
    },
  });
}
