// The same steps at both ends of a connection, over real sockets: once with CPython's asyncio at the end that is
// tested, once with ours; the other end is CPython's in both runs, with asyncio's own loop or with uvloop. Both ends
// have to see the same.

import { afterAll, describe, expect, test } from "vitest";
import { inJavaScript } from "../facts/words.ts";
import { conversations } from "./conversations.ts";
import { OurEnd } from "./our-end.ts";
import { type Outcome, type Place, converse, inOurWords, play, playRefusals } from "./play.ts";
import { type LoopName, PythonEnd } from "./python-end.ts";
import { scenarios } from "./scenarios.ts";

const PLACES: readonly Place[] = [
  { kind: "tcp", server: "peer" },
  { kind: "tcp", server: "tested" },
  { kind: "unix", server: "peer" },
  { kind: "unix", server: "tested" },
];

const starting = (["asyncio", "uvloop"] as const).map((loop) => PythonEnd.start(loop));
const cpython: Readonly<Record<LoopName, PythonEnd | null>> = {
  asyncio: await starting[0],
  uvloop: await starting[1],
};
const peers: Readonly<Record<LoopName, PythonEnd | null>> = {
  asyncio: await PythonEnd.start("asyncio"),
  uvloop: await PythonEnd.start("uvloop"),
};
const ours = new OurEnd();

afterAll(async () => {
  for (const end of [cpython.asyncio, cpython.uvloop, peers.asyncio, peers.uvloop, ours]) await end?.end();
});

/** In CI there is all that is tried. */
const isMissing = (end: PythonEnd | null): boolean => end === null && process.env["CI"] === undefined;

for (const [loop, peer] of Object.entries(peers)) {
  for (const place of PLACES.filter(({ kind }) => loop === "asyncio" || kind === "tcp")) {
    const role = place.server === "peer" ? "as client" : "as server";
    const name = `${place.kind}, ${role}, peer on ${peer === null ? `${loop}, which is not installed` : loop}`;
    describe.skipIf(isMissing(cpython.asyncio) || isMissing(peer))(name, () => {
      for (const [name, scenario] of Object.entries(scenarios)) {
        const { orAsUvloop, peerDiffers, count = 1 } = scenario;
        if (count > 1 && (loop !== "asyncio" || place.kind !== "tcp")) continue; // they take seconds
        const models = orAsUvloop === undefined ? [cpython.asyncio] : [cpython.asyncio, cpython.uvloop];
        const reason = orAsUvloop ?? peerDiffers;
        test.skipIf(models.some(isMissing))(reason === undefined ? name : `${name} (${reason})`, async () => {
          const theirs: Outcome[] = [];
          for (const model of models) {
            const ends = { tested: model as PythonEnd, peer: peer as PythonEnd };
            theirs.push(inOurWords(await play(scenario, ends, place)));
          }
          const here = await play(scenario, { tested: ours, peer: peer as PythonEnd }, place);
          if (peerDiffers !== undefined) expect(here.tested).toEqual(theirs[0].tested);
          else if (theirs.length > 1) expect(theirs).toContainEqual(here);
          else expect(here).toEqual(theirs[0]);
        });
      }
    });
  }
}

describe.skipIf(isMissing(cpython.asyncio) || isMissing(peers.asyncio))("streams", () => {
  for (const kind of ["tcp", "unix"] as const) {
    test.each(Object.entries(conversations))(`over ${kind}: %s`, async (_, conversation) => {
      const peer = peers.asyncio as PythonEnd;
      const theirs = await converse(conversation, { tested: cpython.asyncio as PythonEnd, peer }, kind);
      expect(await converse(conversation, { tested: ours, peer }, kind)).toEqual(inJavaScript(theirs));
    });
  }
});

test.skipIf(isMissing(cpython.asyncio) || isMissing(peers.asyncio))("connecting to where nobody listens", async () => {
  const server = peers.asyncio as PythonEnd;
  const theirs = await playRefusals(cpython.asyncio as PythonEnd, server);
  expect(theirs.length).toBe(6);
  expect(await playRefusals(ours, server)).toEqual(theirs);
});
