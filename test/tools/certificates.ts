import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  /** PEM file of an authority that nobody knows. */
  readonly authorityPath: string;
  /** For localhost and 127.0.0.1, signed by it. */
  readonly key: string;
  readonly cert: string;
  /** Signed by it too, over since years. */
  readonly expired: { readonly key: string; readonly cert: string };
  /** Signed by it too, for another name. */
  readonly foreign: { readonly key: string; readonly cert: string };
  remove(): void;
}

/** A company's own certificate authority, made by the machine's openssl. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "mlx-manager-certificates-"));
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const newKey = (name: string) =>
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", name);

  newKey("authority.key");
  openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    "authority.key",
    "-subj",
    "/CN=Company Authority",
    "-days",
    "30",
    "-out",
    "authority.pem",
  );
  const issue = (name: string, alternatives: string, dates: readonly string[]) => {
    newKey(`${name}.key`);
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${alternatives}\nbasicConstraints=CA:FALSE\n`);
    openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
    const signing = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", `${name}.ext`];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signing, ...dates, "-out", `${name}.pem`);
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
  };
  const local = "DNS:localhost,IP:127.0.0.1";
  return {
    authorityPath: join(folder, "authority.pem"),
    ...issue("server", local, ["-days", "30"]),
    expired: issue("expired", local, ["-days", "-1"]),
    foreign: issue("foreign", "DNS:elsewhere.example", ["-days", "30"]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
