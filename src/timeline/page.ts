// A run as a page of HTML that needs nothing else: no network, no server, no other file.
//
// The page's program is src/timeline/page, bundled when the package is built. Names in a log may be anything, so
// nothing of a log is ever HTML or code: it comes as JSON in an element that is not run, and the policy lets only the
// page's own program run.

import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";
import type { SimulationLog } from "../trace/log.ts";
import { script, scriptSource, style, styleSource } from "./page/main.ts?page";
import { pageData } from "./page-data.ts";
import { type TimelineRun, shownRun } from "./run.ts";

/** What `toTimelinePage` can be told. */
export interface TimelinePageOptions {
  /** The page's heading and title. Default: "Simulation". */
  readonly title?: string;
}

const POLICY = [
  "default-src 'none'",
  `script-src ${scriptSource}`,
  `style-src ${styleSource}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/**
 * A run as an HTML page, to be written into a file and opened in any browser: tasks, locks and queues as lanes, steps,
 * waits and what woke whom, with search, stacks, and playing step by step. The page is self-contained, and forbids
 * itself the network. Steps stand in the order in which they ran, one beside the other; the virtual time between them
 * is marked, not drawn to scale. `#step-12` behind its address opens it at that step.
 *
 * Of a failure it shows the error, and opens at the two steps that race; steps that depart from asyncio's order are
 * marked, and the nearest run that passes stands below, on the same axis. Where files can be read, steps have the lines
 * of their source.
 * @param run a failure of `explore`, what `simulate` returns, or a log alone
 * @throws TypeError for what is none of these, or for a title that is no text
 *
 * @example
 * const { failure } = explore(main);
 * if (failure !== null) writeFileSync("failure.html", toTimelinePage(failure, { title: "checkout" }));
 */
export function toTimelinePage(run: SimulationLog | TimelineRun, options: TimelinePageOptions = {}): string {
  const { title = "Simulation" } = checkNames(options, ["title"]);
  if (typeof title !== "string") throw new TypeError(`Invalid title: expected a text, got ${format(title)}`);
  // The page cannot end its element: there is no "<" in it. JSON has no other meaning for it than in texts.
  const data = JSON.stringify(pageData(shownRun(run))).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escape(title)}</h1>
<p id="summary"></p>
<div id="tools" role="toolbar" aria-label="Steps and zoom"></div>
<search><label for="search">Find</label><input id="search" type="search" placeholder="task, lock, queue" autocomplete="off" spellcheck="false" aria-describedby="matches"><output id="matches" for="search"></output></search>
</header>
<section id="failure" aria-label="Failure" hidden></section>
<main>
<div id="runs"><canvas id="minimap" aria-hidden="true" hidden></canvas></div>
<aside id="details" aria-label="Details" tabindex="0"></aside>
</main>
<footer><ul id="legend" aria-label="Legend"></ul><p id="keys"></p></footer>
<div id="spoken" class="hidden" aria-live="polite"></div>
<noscript><p>This page is drawn by a script.</p></noscript>
<script type="application/json" id="data">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
