// The plan of the embedded site: which pages there are, how each one behaves, and where its links lead.
//
// A function of the number of pages and a seed, in whole numbers only: the same site on every machine, so that a test
// can say exactly what a crawl of it finds.

/** How a page treats a visitor. */
export type Behaviour =
  | "plain" // answers after its delay
  | "flaky" // answers 500 once or twice, then recovers
  | "broken" // answers 500 always
  | "moved" // redirects to where the page is now
  | "alias" // redirects to the home page
  | "loop" // redirects in a circle
  | "dropping" // hangs up in the middle of its answer
  | "hanging" // never answers
  | "dripping"; // sends a byte now and then, for ever

/** A page of the site. */
export interface PagePlan {
  readonly path: string;
  readonly behaviour: Behaviour;
  /** Milliseconds until it answers. */
  readonly delayMs: number;
  /** How often it answers 500 before it recovers. */
  readonly failures: number;
  /** Where it redirects to, or null. */
  readonly target: string | null;
  /** Bytes of text on it, besides the links. */
  readonly textBytes: number;
  /** Paths that it links to, as they are written on the page. */
  readonly links: readonly string[];
}

/** How many pages of a thousand misbehave; of a smaller site at least one each. */
const PER_THOUSAND: readonly (readonly [Behaviour, number])[] = [
  ["hanging", 5],
  ["dripping", 2],
  ["dropping", 3],
  ["broken", 8],
  ["flaky", 20],
  ["moved", 20],
  ["alias", 5],
];

/** The smallest site that has one page of every behaviour, and a few that only answer. */
export const SMALLEST_SITE = 20;

/** Pages that each page with links is the first to link to. */
const CHILDREN = 20;

/** Plans a site of `size` pages, the first one its home page, and a redirect loop. Links to nowhere come on top. */
export function planSite(size: number, seed: number): PagePlan[] {
  const random = randomIntegers(seed);
  const behaviours = assignBehaviours(size, random);
  const links = linkPages(behaviours, random);
  const pages = behaviours.map((behaviour, number): PagePlan => ({
    path: pathOf(number),
    behaviour,
    delayMs: random(20) === 0 ? 500 + random(150) : 100 + random(300),
    failures: behaviour === "broken" ? Infinity : behaviour === "flaky" ? 1 + random(2) : 0,
    target: behaviour === "moved" ? `/moved/${number}` : behaviour === "alias" ? "/" : null,
    textBytes: 500 + random(8000),
    links: links[number],
  }));
  return [...pages, ...planMoved(pages), ...planLoop()];
}

/** The moved pages, where they are now. */
function planMoved(pages: readonly PagePlan[]): PagePlan[] {
  const moved = pages.filter((page) => page.behaviour === "moved");
  return moved.map((page) => ({ ...page, path: page.target as string, behaviour: "plain", target: null }));
}

/** Three pages, each of which redirects to the next one. */
function planLoop(): PagePlan[] {
  const rest = { behaviour: "loop", delayMs: 20, failures: 0, textBytes: 0, links: [] } as const;
  return [1, 2, 3].map((number) => ({ ...rest, path: `/loop/${number}`, target: `/loop/${(number % 3) + 1}` }));
}

/** Path of the page with this number. */
function pathOf(number: number): string {
  return number === 0 ? "/" : `/page/${number}`;
}

/** Spreads the misbehaving pages over the site. The home page is well. */
function assignBehaviours(size: number, random: (limit: number) => number): Behaviour[] {
  const behaviours = Array.from({ length: size }, (): Behaviour => "plain");
  for (const [behaviour, share] of PER_THOUSAND) {
    for (let count = Math.ceil((size * share) / 1000); count > 0; count--) {
      let number = 0;
      while (number === 0 || behaviours[number] !== "plain") number = random(size);
      behaviours[number] = behaviour;
    }
  }
  return behaviours;
}

/**
 * Links the pages, so that every page is reached from the home page over pages that answer in the end: each of these
 * links to the next few that nobody has linked to yet, and to a few others.
 */
function linkPages(behaviours: readonly Behaviour[], random: (limit: number) => number): string[][] {
  const links = behaviours.map((): string[] => []);
  let next = 1;
  for (const [number, behaviour] of behaviours.entries()) {
    if (!["plain", "flaky", "moved"].includes(behaviour)) continue;
    const own = links[number];
    for (let count = 0; count < CHILDREN && next < behaviours.length; count++) own.push(spell(next++));
    for (let count = 0; count < 5; count++) own.push(spell(random(behaviours.length)));
    if (number % 100 === 0) own.push(`/missing/${number}`, "mailto:editor@localhost");
  }
  links[0].push("/loop/1");
  return links;
}

/** The same page is linked to in several spellings, as people do. */
function spell(number: number): string {
  const path = pathOf(number);
  return [path, `${path}#top`, `/.${path}`, `${path}?`][number % 4];
}

/** A source of whole numbers from 0 to below a limit: xorshift, which gives the same ones on every engine. */
function randomIntegers(seed: number): (limit: number) => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
