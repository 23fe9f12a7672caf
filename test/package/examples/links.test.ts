import { expect, test } from "vitest";
import { extractLinks, resolve } from "../../../examples/crawl/links.ts";

const base = "http://127.0.0.1:8080/a/b.html";

test("spellings of the same page resolve to one address", () => {
  const spellings = ["/a/c", "c", "./c", "../a/c", "c#top", "c?", "HTTP://127.0.0.1:8080/a/c", "//127.0.0.1:8080/a/c"];
  expect(new Set(spellings.map((link) => resolve(link, base)))).toEqual(new Set(["http://127.0.0.1:8080/a/c"]));
});

test("a query is part of the address", () => {
  expect(resolve("c?page=2#top", base)).toBe("http://127.0.0.1:8080/a/c?page=2");
});

test("what is no address of a page resolves to null", () => {
  for (const link of ["mailto:me@localhost", "javascript:void 0", "data:text/html,x", "http://", "http://[/"]) {
    expect(resolve(link, base)).toBeNull();
  }
});

test("links are found in any quotes, once each, in their order", () => {
  const html = `<A HREF="/1">one</A> <a class=x href='/2?a=1&amp;b=2'>two</a> <a href=/3>three</a> <a href="/1#x">one</a>
    <a name="here">no link</a> <a href="mailto:me@localhost">mail</a> <abbr href="/4">not an anchor</abbr>`;
  expect([...extractLinks(html, "http://127.0.0.1/")]).toEqual([
    "http://127.0.0.1/1",
    "http://127.0.0.1/2?a=1&b=2",
    "http://127.0.0.1/3",
  ]);
});
