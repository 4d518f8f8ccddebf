/** A model on the Hub, and the folder and revision of it that are meant. */
export interface HubId {
  /** The text it was read from. */
  readonly label: string;
  /** `owner/name` */
  readonly repo: string;
  /** Folder inside the repository, or the empty text. */
  readonly path: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

const HUB_ID = /^([\w-][\w.-]*\/[\w-][\w.-]*)((?:\/[\w-][\w.-]*)*)(?:@([\w-][\w./-]*))?$/;

/** The parts of `owner/name[/folder][@revision]`, or undefined for any other text. */
export function parseHubId(text: string): HubId | undefined {
  const match = HUB_ID.exec(text);
  if (!match || match[3]?.includes('..')) return undefined;
  return { label: text, repo: match[1]!, path: match[2]!.slice(1), revision: match[3] ?? 'main' };
}
