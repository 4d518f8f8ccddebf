/** The bytes of a file of this repository, from the test server. */
export async function fetchBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href}: the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The same as a Blob, as a page gets it from a file input. */
export async function fetchBlob(url: URL): Promise<Blob> {
  return new Blob([await fetchBytes(url)]);
}
