// What is done at both ends of a connection, step by step. Each step waits for the one before, and what follows from it
// is waited for: so all that happens is in one order.

import type { Action, Event, Setup } from "./end.ts";

export type Who = "tested" | "peer";

export type Step =
  | readonly [who: Who, what: "do", actions: readonly Action[]]
  | readonly [who: Who, what: "until", event: Event, least: number]
  | readonly [who: Who, what: "rest", seconds: number];

export interface Scenario {
  readonly tested?: Setup;
  readonly peer?: Setup;
  /** Connections at a time. Default: 1 */
  readonly count?: number;
  /** Why ours may do as CPython's end on uvloop does instead: Node's sockets are libuv's, too. */
  readonly orAsUvloop?: string;
  /** Why what the peer sees is not compared. */
  readonly peerDiffers?: string;
  /** Whether data come at any time among the other events: all of them are counted together. */
  readonly isInterleaved?: boolean;
  /** Then both ends lose the connection. */
  readonly steps: readonly Step[];
}

/** The steps of an end. */
function stepsOf(who: Who) {
  return {
    does: (...actions: Action[]): Step => [who, "do", actions],
    sees: (event: Event, least = 1): Step => [who, "until", event, least],
    rests: (): Step => [who, "rest", 0.02],
  };
}

const tested = stepsOf("tested");
const peer = stepsOf("peer");

/** More than a system takes in for a reader that does not read. */
const MUCH = 24 * 1024 * 1024;

const READS_AHEAD =
  "closing with unread data resets the connection; here they have been read before getBuffer is called";

const closes: Step = ["tested", "do", [["close"]]];
const peerPauses: Step = ["peer", "do", [["pause"]]];
const peerCloses: Step = ["peer", "do", [["close"]]];

export const scenarios: Readonly<Record<string, Scenario>> = {
  "the tested end closes": { steps: [closes] },
  "the peer closes": { steps: [peerCloses] },
  "both close": { peer: { keepsOpen: true }, steps: [closes, peer.sees("eof"), peerCloses] },
  "the tested end aborts": { steps: [tested.does(["abort"])] },
  "the peer aborts": { steps: [peer.does(["abort"])] },
  "the peer resets": { steps: [peer.does(["reset"])] },
  "closing twice, and looking": {
    steps: [tested.does(["look"], ["close"], ["look"], ["close"], ["abort"], ["look"])],
  },
  "aborting, then closing": { steps: [tested.does(["abort"], ["close"], ["look"])] },
  "closing when it is made": { tested: { on: { made: [["close"], ["look"]] } }, steps: [] },
  "aborting when it is made": { tested: { on: { made: [["abort"], ["look"]] } }, steps: [] },
  "writing when it is made": {
    tested: { on: { made: [["write", 10]] } },
    peer: { on: { made: [["write", 20]] } },
    steps: [tested.sees("data", 20), peer.sees("data", 10), closes],
  },
  "the peer has written and closed before": {
    peer: { on: { made: [["write", 20], ["close"]] } },
    steps: [],
  },
  "the peer has written and reset before": {
    orAsUvloop: "older libuvs take a reset that comes right behind data for the end of the stream",
    steps: [
      tested.does(["pause"]),
      peer.does(["write", 20]),
      peer.rests(),
      peer.does(["reset"]),
      tested.rests(),
      tested.does(["resume"]),
    ],
  },
  "an echo": {
    peer: { on: { eof: [["close"]] } },
    steps: [
      tested.does(["write", 5], ["write", 0], ["write", 7]),
      peer.sees("data", 12),
      peer.does(["write", 12]),
      tested.sees("data", 12),
      tested.does(["writelines", 1, 2, 3]),
      peer.sees("data", 18),
      closes,
    ],
  },
  "half-close of the tested end": {
    tested: { keepsOpen: true },
    peer: { keepsOpen: true },
    steps: [
      tested.does(["write", 5], ["eof"], ["eof"], ["look"], ["write", 1]),
      peer.sees("eof"),
      peer.does(["write", 1000]),
      tested.sees("data", 1000),
      peerCloses,
      tested.sees("eof"),
      tested.does(["look"]),
      closes,
    ],
  },
  "half-close of the peer, kept open": {
    tested: { keepsOpen: true },
    steps: [
      peer.does(["write", 5], ["eof"]),
      tested.sees("eof"),
      tested.does(["look"], ["write", 1000]),
      peer.sees("data", 1000),
      tested.does(["pause"], ["look"], ["write", 10]),
      peer.sees("data", 1010),
      closes,
    ],
  },
  "half-close of the peer, not kept open": {
    peer: { keepsOpen: true },
    steps: [peer.does(["write", 5], ["eof"]), tested.sees("lost"), peer.sees("eof"), peerCloses],
  },
  "half-close of both, kept open by both": {
    tested: { keepsOpen: true },
    peer: { keepsOpen: true },
    steps: [
      tested.does(["eof"]),
      peer.does(["eof"]),
      tested.sees("eof"),
      peer.sees("eof"),
      tested.rests(),
      tested.does(["look"], ["write", 1]),
      closes,
      peerCloses,
    ],
  },
  "an answer to the end of the stream": {
    tested: { on: { eof: [["write", 100]] } },
    peer: { keepsOpen: true },
    steps: [peer.does(["write", 5], ["eof"]), peer.sees("data", 100), peer.sees("eof"), peerCloses],
  },
  "half-close after much": {
    tested: { keepsOpen: true },
    peer: { keepsOpen: true },
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["eof"], ["look"]),
      peer.does(["resume"]),
      peer.sees("eof"),
      tested.does(["look"]),
      peerCloses,
      tested.sees("eof"),
      closes,
    ],
  },
  "a slow reader": {
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["look"]),
      peer.rests(),
      tested.does(["write", 100], ["look"]),
      peer.does(["resume"]),
      peer.sees("data", MUCH + 100),
      tested.sees("resumed"),
      tested.does(["look"]),
      closes,
    ],
  },
  "a slow reader, and marks": {
    tested: { on: { made: [["limits", 1000, 10]] } },
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["write", 10], ["limits", null, MUCH * 4], ["limits", 0, null]),
      peer.does(["resume"]),
      tested.sees("resumed"),
      peer.sees("data", MUCH + 10),
      closes,
    ],
  },
  "marks of nothing, and small writes": {
    tested: { on: { made: [["limits", 0, 0]] } },
    steps: [
      tested.does(["write", 10], ["write", 10], ["look"], ["write", 10], ["look"]),
      peer.sees("data", 30),
      tested.does(["write", 10], ["limits", 0, null], ["write", 10]),
      peer.sees("data", 50),
      closes,
    ],
  },
  "marks in the wrong order": {
    steps: [tested.does(["limits", 1, 2], ["limits", 0, null], ["limits", 10, null], ["limits", null, 10]), closes],
  },
  "writing goes on when it is resumed": {
    tested: { on: { resumed: [["write", 10_000]] } },
    steps: [peerPauses, tested.does(["write", MUCH]), peer.does(["resume"]), peer.sees("data", MUCH + 10_000), closes],
  },
  "a paused reader": {
    steps: [
      tested.does(["look"], ["pause"], ["pause"], ["look"]),
      peer.does(["write", 100_000]),
      tested.rests(),
      tested.does(["resume"], ["resume"], ["look"]),
      tested.sees("data", 100_000),
      closes,
    ],
  },
  "pausing at each piece": {
    tested: { on: { data: [["pause"]] } },
    steps: [
      peer.does(["write", 10]),
      tested.sees("data", 10),
      peer.does(["write", 10]),
      tested.rests(),
      tested.does(["look"], ["resume"]),
      tested.sees("data", 20),
      peer.does(["write", 10], ["close"]),
      tested.rests(),
      tested.does(["look"], ["resume"]),
      tested.sees("data", 30),
      tested.rests(),
      tested.does(["resume"]),
    ],
  },
  "the end of the stream while paused": {
    steps: [
      tested.does(["pause"]),
      peer.does(["write", 10], ["close"]),
      tested.rests(),
      tested.does(["look"], ["resume"]),
    ],
  },
  "a reset while paused": {
    steps: [tested.does(["pause"]), peer.does(["reset"]), tested.rests(), tested.does(["look"], ["resume"])],
  },
  "a reset while paused, then a write": {
    steps: [
      tested.does(["pause"]),
      peer.does(["reset"]),
      tested.rests(),
      tested.does(["write", 10], ["look"], ["write", 10]),
    ],
  },
  "closing while paused": { steps: [tested.does(["pause"]), tested.does(["close"], ["look"], ["resume"], ["look"])] },
  "closing with much to send": {
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["close"], ["look"], ["write", 10], ["eof"]),
      peer.rests(),
      peer.does(["resume"]),
      peer.sees("data", MUCH + 10),
    ],
  },
  "aborting with much to send": {
    steps: [peerPauses, tested.does(["write", MUCH], ["abort"], ["look"]), tested.sees("lost"), peer.does(["abort"])],
  },
  "closing, then aborting with much to send": {
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["close"]),
      tested.rests(),
      tested.does(["look"], ["abort"], ["look"]),
      tested.sees("lost"),
      peer.does(["abort"]),
    ],
  },
  "a reset with much to send": {
    steps: [peerPauses, tested.does(["write", MUCH]), peer.does(["reset"])],
  },
  "a reset with much to send, while paused": {
    steps: [peerPauses, tested.does(["pause"], ["write", MUCH]), peer.does(["reset"])],
  },
  "a reset with much to send, while closing": {
    steps: [peerPauses, tested.does(["write", MUCH], ["close"]), peer.rests(), peer.does(["reset"])],
  },
  "a reset behind a half-close": {
    tested: { keepsOpen: true },
    peer: { keepsOpen: true },
    steps: [
      peer.does(["eof"]),
      tested.sees("eof"),
      peer.does(["reset"]),
      tested.rests(),
      tested.does(["look"], ["write", 10]),
    ],
  },
  "writing to one that has closed": {
    tested: { keepsOpen: true },
    steps: [
      peerCloses,
      tested.sees("eof"),
      peer.sees("lost"),
      tested.does(["write", 10]),
      tested.rests(),
      tested.does(["write", 10], ["write", 10], ["look"]),
    ],
  },
  "writing behind the end": {
    steps: [closes, tested.sees("lost"), tested.does(["write", 10], ["eof"], ["look"], ["close"], ["abort"])],
  },
  "writing when it is lost": { tested: { on: { lost: [["write", 10], ["close"], ["look"]] } }, steps: [peerCloses] },
  "closing when data come": {
    tested: { on: { data: [["close"], ["look"]] } },
    steps: [peer.does(["write", 10])],
  },
  "aborting when data come": {
    tested: { on: { data: [["abort"], ["look"]] } },
    steps: [peer.does(["write", 10])],
  },
  "closing at the end of the stream": {
    tested: { on: { eof: [["close"]] }, keepsOpen: true },
    steps: [peerCloses],
  },
  "an error in connectionMade": {
    tested: { raises: ["made"] },
    steps: [peer.does(["write", 10]), tested.sees("data", 10), closes],
  },
  "an error in dataReceived": { tested: { raises: ["data"] }, steps: [peer.does(["write", 10])] },
  "an error in dataReceived, with much to send": {
    tested: { raises: ["data"] },
    steps: [
      peerPauses,
      tested.does(["write", MUCH]),
      peer.does(["write", 10]),
      tested.sees("lost"),
      peer.does(["abort"]),
    ],
  },
  "an error in eofReceived": { tested: { raises: ["eof"] }, steps: [peer.does(["write", 10], ["close"])] },
  "an error in connectionLost": { tested: { raises: ["lost"] }, steps: [peerCloses] },
  "errors in pauseWriting and resumeWriting": {
    tested: { raises: ["paused", "resumed"] },
    steps: [
      peerPauses,
      tested.does(["write", MUCH]),
      peer.does(["resume"]),
      tested.sees("resumed"),
      peer.sees("data", MUCH),
      closes,
    ],
  },
  "a buffered protocol": {
    tested: { buffered: 7 },
    steps: [
      peer.does(["write", 100]),
      tested.sees("data", 100),
      tested.does(["write", 10]),
      peer.sees("data", 10),
      peer.does(["write", 20], ["close"]),
    ],
  },
  "a buffered protocol that pauses": {
    tested: { buffered: 7, on: { data: [["pause"]] } },
    steps: [
      peer.does(["write", 10]),
      tested.sees("data", 7),
      tested.rests(),
      tested.does(["look"], ["resume"]),
      tested.sees("data", 10),
      closes,
    ],
  },
  "a buffered protocol that closes": {
    tested: { buffered: 7, on: { data: [["close"]] } },
    steps: [peer.does(["write", 7])],
  },
  "a buffered protocol with an empty buffer": {
    tested: { buffered: 0 },
    peerDiffers: READS_AHEAD,
    steps: [peer.does(["write", 7])],
  },
  "an error in getBuffer": {
    tested: { buffered: 7, raises: ["buffer"] },
    peerDiffers: READS_AHEAD,
    steps: [peer.does(["write", 7])],
  },
  "an error in bufferUpdated": { tested: { buffered: 7, raises: ["data"] }, steps: [peer.does(["write", 7])] },
  "another protocol between": {
    steps: [
      peer.does(["write", 10]),
      tested.sees("data", 10),
      tested.does(["protocol", { keepsOpen: true, on: { data: [["write", 5]] } }]),
      peer.does(["write", 10]),
      tested.sees("data", 20),
      peer.sees("data", 5),
      peer.does(["eof"]),
      tested.sees("eof"),
      tested.does(["look"]),
      closes,
    ],
  },
  "a buffered protocol in the place of another": {
    tested: { on: { data: [["protocol", { buffered: 7 }]] } },
    steps: [
      peer.does(["write", 10]),
      tested.sees("data", 10),
      peer.does(["write", 20]),
      tested.sees("data", 30),
      peerCloses,
    ],
  },
  "another protocol before much is sent": {
    tested: { raises: ["paused"] },
    steps: [
      peerPauses,
      tested.does(["write", MUCH], ["protocol", {}]),
      peer.does(["resume"]),
      tested.sees("resumed"),
      peer.sees("data", MUCH),
      closes,
    ],
  },
  "much both ways": {
    isInterleaved: true,
    peer: { on: { made: [["limits", 2 * MUCH, null]] } }, // else it pauses or not, as soon as it is read from
    steps: [
      peerPauses,
      tested.does(["write", MUCH]),
      peer.does(["write", MUCH], ["resume"]),
      tested.sees("data", MUCH),
      peer.sees("data", MUCH),
      tested.sees("resumed"),
      closes,
    ],
  },
  "many small writes": {
    steps: [
      tested.does(...Array.from({ length: 200 }, (_, index): Action => ["write", 1 + (index % 100)])),
      peer.sees("data", 10_100),
      closes,
    ],
  },
  "a thousand connections": {
    count: 1000,
    tested: { keepsOpen: true },
    steps: [
      tested.does(["write", 10]),
      peer.sees("data", 10),
      peer.does(["write", 20], ["eof"]),
      tested.sees("eof"),
      tested.does(["write", 5]),
      peer.sees("data", 15),
      closes,
    ],
  },
  "a thousand connections that are reset": { count: 1000, steps: [peer.does(["reset"])] },
};
