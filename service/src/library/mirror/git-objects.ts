import { createHash } from "node:crypto";

/** What git stores of a file that LFS keeps elsewhere. */
export function lfsPointer(sha256: string, sizeBytes: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
}

export function blobOid(content: string | Buffer): string {
  return objectOid("blob", Buffer.from(content));
}

/** Names of folders with the object ids git gives them, from the ids of the files below; the root is `""`. */
export function folderOids(files: readonly { readonly path: string; readonly gitOid: string }[]): Map<string, string> {
  const entries = new Map<string, Map<string, string | null>>([["", new Map()]]);
  for (const { path, gitOid } of files) {
    let child: [string, string | null] = [path, gitOid];
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const known = entries.get(folder);
      const here = known ?? new Map<string, string | null>();
      here.set(nameOf(child[0]), child[1]);
      entries.set(folder, here);
      if (known !== undefined || folder === "") break;
      child = [folder, null];
    }
  }
  const oids = new Map<string, string>();
  // Deepest first, so that a folder's own folders are known when it is its turn.
  for (const folder of [...entries.keys()].sort((a, b) => depthOf(b) - depthOf(a))) {
    const here = [...(entries.get(folder) ?? [])].map(([name, oid]) => {
      const isFolder = oid === null;
      const own = oid ?? oids.get(folder === "" ? name : `${folder}/${name}`) ?? "";
      return { name: Buffer.from(isFolder ? `${name}/` : name), isFolder, oid: own };
    });
    here.sort((a, b) => Buffer.compare(a.name, b.name));
    const parts = here.flatMap(({ name, isFolder, oid }) => [
      Buffer.from(isFolder ? "40000 " : "100644 "),
      isFolder ? name.subarray(0, -1) : name,
      Buffer.from([0]),
      Buffer.from(oid, "hex"),
    ]);
    oids.set(folder, objectOid("tree", Buffer.concat(parts)));
  }
  return oids;
}

function objectOid(kind: "blob" | "tree", content: Buffer): string {
  return createHash("sha1").update(`${kind} ${content.length}\0`).update(content).digest("hex");
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function depthOf(folder: string): number {
  return folder === "" ? 0 : folder.split("/").length;
}
