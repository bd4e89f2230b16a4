import { createHash } from "node:crypto";

/** Git object ids, computed as git does: `sha1("<kind> <length>\0" + content)`. */

export function blobPrefix(size: number): string {
  return `blob ${size}\0`;
}

export function blobOid(content: Buffer | string): string {
  return objectOid("blob", Buffer.from(content));
}

/** Text that git stores in place of an LFS file. */
export function lfsPointer(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}

/**
 * Tree ids of every folder of a file list (`path → blob oid`); the root is under "".
 */
export function treeOids(files: ReadonlyMap<string, string>): Map<string, string> {
  const oids = new Map<string, string>();
  hashFolder("", [...files], oids);
  return oids;
}

function hashFolder(folder: string, files: [string, string][], oids: Map<string, string>): string {
  const entries: { name: string; sortKey: string; mode: string; oid: string }[] = [];
  const folders = new Map<string, [string, string][]>();
  for (const [path, oid] of files) {
    const slash = path.indexOf("/");
    if (slash < 0) entries.push({ name: path, sortKey: path, mode: "100644", oid });
    else {
      const name = path.slice(0, slash);
      folders.set(name, [...(folders.get(name) ?? []), [path.slice(slash + 1), oid]]);
    }
  }
  for (const [name, inside] of folders) {
    const oid = hashFolder(folder === "" ? name : `${folder}/${name}`, inside, oids);
    // Git sorts folders as if their name ended in a slash.
    entries.push({ name, sortKey: `${name}/`, mode: "40000", oid });
  }
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.sortKey), Buffer.from(b.sortKey)));
  const content = entries.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]);
  const oid = objectOid("tree", Buffer.concat(content));
  oids.set(folder, oid);
  return oid;
}

export function commitOid(commit: { tree: string; parent?: string; date: string; message: string }): string {
  const person = `Fake Hub <hub@example.invalid> ${Math.floor(Date.parse(commit.date) / 1000)} +0000`;
  const parent = commit.parent ? `parent ${commit.parent}\n` : "";
  const text = `tree ${commit.tree}\n${parent}author ${person}\ncommitter ${person}\n\n${commit.message}\n`;
  return objectOid("commit", Buffer.from(text));
}

function objectOid(kind: string, content: Buffer): string {
  return createHash("sha1").update(`${kind} ${content.length}\0`).update(content).digest("hex");
}
