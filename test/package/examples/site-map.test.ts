import { expect, test } from "vitest";
import { extractLinks } from "../../../examples/crawl/links.ts";
import { type PagePlan, SMALLEST_SITE, planSite } from "../../../examples/crawl/site-map.ts";

const HOME = "http://127.0.0.1/";

test("the same seed plans the same site, another one another", () => {
  expect(planSite(200, 1)).toEqual(planSite(200, 1));
  expect(planSite(200, 1)).not.toEqual(planSite(200, 2));
});

test.each([SMALLEST_SITE, 60, 1000])("a site of %i pages has every behaviour, and a home page that answers", (size) => {
  const pages = planSite(size, 1);
  expect(pages[0]).toMatchObject({ path: "/", behaviour: "plain" });
  expect(new Set(pages.map((page) => page.behaviour)).size).toBe(9);
  expect(new Set(pages.map((page) => page.path)).size).toBe(pages.length);
});

test.each([1, 2, 3, 4, 5])(
  "every page of the site with seed %i is reached over pages that answer in the end",
  (seed) => {
    const pages = new Map(planSite(300, seed).map((page) => [new URL(page.path, HOME).href, page]));
    const reached = new Set([HOME]);
    for (const url of reached) {
      for (const link of linksOf(pages.get(url))) reached.add(link);
    }
    expect([...pages.keys()].filter((url) => !reached.has(url))).toEqual([]);
  },
);

/** Where a page leads: to its target, or where its links lead. */
function linksOf(page: PagePlan | undefined): Iterable<string> {
  if (page === undefined) return [];
  const links = page.target === null ? page.links : [page.target];
  return extractLinks(links.map((link) => `<a href="${link}">`).join(""), HOME);
}
