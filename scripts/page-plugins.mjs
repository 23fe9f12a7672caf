// How a program for browsers gets into JavaScript as text: `import { script } from "./page/main.ts?page"` bundles and
// minifies that program, and the style.css beside it. With each comes what a Content-Security-Policy calls it, so that
// a page can allow nothing else to run.

import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const QUERY = /\?page$/;

export const isPage = (path) => QUERY.test(path);

/** The module that a program is imported as; `path` is that of its file, with or without "?page". */
export async function loadPage(path) {
  const program = path.replace(QUERY, "");
  const { outputFiles } = await build({
    entryPoints: [program, join(dirname(program), "style.css")],
    outdir: dirname(program),
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    logLevel: "silent",
  });
  const [script, style] = ["main.js", "style.css"].map((name) => {
    const { text } = outputFiles.find((file) => file.path.endsWith(name));
    return text;
  });
  const sourceOf = (code) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
  const exported = { script, style, scriptSource: sourceOf(script), styleSource: sourceOf(style) };
  return Object.entries(exported)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join("\n");
}

/** @type {import("esbuild").Plugin} */
export const esbuildPagePlugin = {
  name: "page",
  setup(own) {
    own.onResolve({ filter: QUERY }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: "page",
    }));
    own.onLoad({ filter: QUERY, namespace: "page" }, async ({ path }) => ({
      contents: await loadPage(path),
      loader: "js",
    }));
  },
};
