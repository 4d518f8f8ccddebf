import type { HubId } from './hub-id.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';

const HUB = 'https://huggingface.co';

/** A listing has at most this many pages of 1,000 entries. */
const MAX_PAGES = 100;

/** An entry of a folder of a repository, as the Hub lists it. */
export interface HubEntry {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string };
}

/**
 * Requests to the Hub for one model.
 *
 * `@huggingface/hub` is used in Node only, because esbuild and other bundlers include its Node build in browser bundles.
 */
export interface HubRequests {
  /** Sends a request with the access token. */
  readonly fetch: typeof fetch;
  /** Returns the commit of the requested revision. */
  commit(): Promise<unknown>;
  /** Lists the folder of the model. */
  list(commit: string): AsyncGenerator<HubEntry>;
  /** Returns the address of a file. */
  address(commit: string, path: string): string;
}

/** Creates the requests for a model. */
export function hubRequests(
  { repo, path, revision }: HubId,
  { fetch: send = fetch, hub = {}, signal }: OpenCheckpointOptions,
): HubRequests {
  const endpoint = (hub.endpoint ?? HUB).replace(/\/+$/, '');
  const authorized: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (hub.token !== undefined) headers.set('authorization', `Bearer ${hub.token}`);
    return send(input, { ...init, headers, ...(signal && { signal }) });
  };
  const get = async (url: string): Promise<Response> => {
    const response = await authorized(url);
    if (response.ok) return response;
    const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
    throw new Error(typeof error === 'string' ? error : `The server returned status ${response.status}.`);
  };
  return {
    fetch: authorized,
    commit: async () => {
      const url = `${endpoint}/api/models/${repo}/revision/${encodeURIComponent(revision)}?expand=sha`;
      return ((await (await get(url)).json()) as { sha?: unknown }).sha;
    },
    list: async function* (commit) {
      let url: string | undefined = `${endpoint}/api/models/${repo}/tree/${commit}${encodePath(`/${path}`)}`;
      for (let page = 0; url !== undefined && page < MAX_PAGES; page++) {
        const response: Response = await get(url);
        yield* (await response.json()) as HubEntry[];
        url = nextPage(response, url);
      }
    },
    address: (commit, file) => `${endpoint}/${repo}/resolve/${commit}/${encodePath(file)}`,
  };
}

/** Returns the address of the next page, which must have the same origin, because the token is sent to it. */
function nextPage(response: Response, url: string): string | undefined {
  const link = /<([^<>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  const next = link === undefined ? undefined : new URL(link, url);
  return next?.origin === new URL(url).origin ? next.href : undefined;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replace(/\/$/, '');
}
