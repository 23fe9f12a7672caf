// The doors of the package: what package.json's "exports" says, which is the only list of them. All that has to know
// the doors reads it here, so that a new one is an entry there and a folder in src/.
//
// What a door needs is read off the imports of its sources, which cannot say what is not so.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { dirname, join } from "node:path/posix";
import { root } from "./exec.mjs";

/**
 * @typedef {object} Door
 * @property {string} name what programs import: "wasyncio/edge"
 * @property {string} source its file in src/, from the root
 * @property {string} script its file in dist/, from the root
 * @property {boolean} needsNode whether its sources import from Node, types included
 * @property {boolean} needsWeb whether its folder speaks of requests, whose types are the web's
 * @property {readonly string[]} peers the packages of others that its sources import
 */

const manifest = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));

/**
 * What the package imports of itself: the file that each name stands for, by condition.
 * @type {Readonly<Record<string, Readonly<Record<string, string>>>>}
 */
export const ownImports = manifest.imports;

/** Packages of others that a door may need, which bundles leave outside. */
export const peers = Object.keys(manifest.peerDependencies);

/** The source of a file in dist/. */
export const sourceOf = (script) => script.replace(/^(\.\/)?dist\//, "src/").replace(/js$/, "ts");

/** The sources of what the package installs as commands. */
export const commands = Object.values(manifest.bin).map(sourceOf);

const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === "object")
  .map(([path, { default: script }]) => ({ path, name: join(manifest.name, path), script: script.slice(2) }));

/** Whether a file of src/ imports from Node, types included, itself or through the files that it imports. */
export const needsNode = (file) => outsideOf(file).some((target) => target.startsWith("node:"));

/** A door is named after its folder. Another name for the same files is an alias. */
const isAlias = ({ path, script }) => script !== join("dist", path, "index.js");

/** @type {readonly Door[]} */
export const doors = entries
  .filter((entry) => !isAlias(entry))
  .map(({ name, script }) => {
    const source = sourceOf(script);
    const outside = outsideOf(source);
    return {
      name,
      source,
      script,
      needsWeb: /\bRequest\b/.test(textOf(dirname(source))),
      needsNode: needsNode(source),
      peers: peers.filter((peer) => outside.includes(peer)),
    };
  });

/** Those that every host and every project can use: they need no types of Node, and no other package. */
export const bareDoors = doors.filter((door) => !door.needsNode && door.peers.length === 0);

/**
 * The other names, each with the door that it leads to.
 * @type {Readonly<Record<string, Door>>}
 */
export const aliases = Object.fromEntries(
  entries.filter(isAlias).map(({ name, script }) => [name, doors.find((door) => door.script === script)]),
);

/**
 * The file that each name stands for, in src/ or in dist/: for bundlers.
 * @param {"src" | "dist"} folder
 * @returns {Record<string, string>}
 */
export function doorFiles(folder) {
  const named = [...doors.map((door) => [door.name, door]), ...Object.entries(aliases)];
  const fileOf = ({ script, source }) => resolve(root, folder === "dist" ? script : source);
  return Object.fromEntries(named.map(([name, door]) => [name, fileOf(door)]));
}

/** The text of a folder's files, but the door to all: that one's folder has all others in it. */
function textOf(folder) {
  if (folder === "src") return "";
  const files = readdirSync(resolve(root, folder)).filter((file) => file.endsWith(".ts"));
  return files.map((file) => readFileSync(resolve(root, folder, file), "utf8")).join("\n");
}

/** What a file of src/ imports from outside, itself or through the files that it imports. */
function outsideOf(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(resolve(root, file))) return [];
  seen.add(file);
  // The formatter has all imports begin a line, and end with the name; examples in comments begin with a star.
  const statement = /^(?:(?:import|export|\}) .*?\bfrom |import )"([^"]+)";$/gm;
  const names = [...readFileSync(resolve(root, file), "utf8").matchAll(statement)].map(([, name]) => name);
  return names.flatMap((name) => {
    if (name.startsWith(".")) return outsideOf(join(dirname(file), name), seen);
    return [name, ...Object.values(ownImports[name] ?? {}).flatMap((script) => outsideOf(sourceOf(script), seen))];
  });
}
