/** What a client got of a body before it ended, well or badly. */
export async function readBody(response: Response): Promise<{ bytes: Buffer; error?: Error }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk as Uint8Array);
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error: error as Error };
  }
  return { bytes: Buffer.concat(chunks) };
}
