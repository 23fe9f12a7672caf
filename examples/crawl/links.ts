// Addresses: how they are compared, and how they are found on a page.

/** An `href` of an `a` element, its value in one of three groups by its quotes. */
const ANCHORS = /<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

/**
 * The address of `link` as it stands on page `base`, in one spelling for all that mean the same page; null for what is
 * none.
 */
export function resolve(link: string, base: string): string | null {
  if (!URL.canParse(link, base)) return null;
  const url = new URL(link, base);
  url.hash = "";
  if (url.search === "") url.search = ""; // drops a question mark with nothing behind it
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
}

/** Addresses that a page links to, in their order, each once. */
export function extractLinks(html: string, base: string): Set<string> {
  const links = new Set<string>();
  for (const [, ...groups] of html.matchAll(ANCHORS)) {
    const link = groups.find((group) => group !== undefined) as string;
    const url = resolve(link.trim().replaceAll("&amp;", "&"), base);
    if (url !== null) links.add(url);
  }
  return links;
}
