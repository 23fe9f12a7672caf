// What is done with the streams of a connection, and how its other end behaves, which has a protocol.

import type { Operation, Setup } from "./end.ts";

export interface Conversation {
  /** Of the reader. Default: 65,536. */
  readonly limit?: number;
  readonly peer: Setup;
  /** Whether the system tells the loss now as BrokenPipeError, now as ConnectionResetError: both are "lost" then. */
  readonly isEither?: boolean;
  readonly operations: readonly Operation[];
}

/** More than a system takes in for a reader that does not read. */
const MUCH = 16 * 1024 * 1024;

/** A peer that reads nothing: the first byte stops it. */
const SLOW: Setup = { on: { data: [["pause"]] } };

export const conversations: Readonly<Record<string, Conversation>> = {
  "lines, and the end": {
    peer: { on: { made: [["text", "one\ntwo\nthree"], ["close"]] } },
    operations: [["line"], ["look"], ["line"], ["line"], ["look"], ["line"], ["read", -1], ["close"], ["waitClosed"]],
  },
  "exactly so much, and the end in between": {
    peer: { on: { made: [["write", 10], ["close"]] } },
    operations: [["exactly", 7], ["exactly", 7], ["look"], ["exactly", 1], ["exactly", 0], ["read", 5]],
  },
  "a separator, and the end without one": {
    peer: { on: { made: [["text", "a;b;c"], ["close"]] } },
    operations: [["until", ";"], ["until", ";"], ["until", ";"], ["look"]],
  },
  "a line that is too long": {
    limit: 10,
    peer: { on: { made: [["text", `${"x".repeat(50)}\nshort\n`], ["close"]] } },
    operations: [["rest", 0.05], ["line"], ["line"], ["line"]],
  },
  "much more than the limit": {
    limit: 100,
    peer: { on: { made: [["write", MUCH], ["close"]] } },
    operations: [["rest", 0.02], ["exactly", 1000], ["rest", 0.02], ["read", -1], ["look"]],
  },
  "an echo, drained": {
    peer: { on: { eof: [["write", 1000]] } },
    operations: [
      ["write", 500_000],
      ["drain", 10],
      ["eof"],
      ["exactly", 1000],
      ["read", -1],
      ["close"],
      ["waitClosed"],
    ],
  },
  "draining to one that does not read": {
    peer: SLOW,
    operations: [
      ["write", MUCH],
      ["drain", 0.02],
      ["look"],
      ["drain", 0],
      ["abort"],
      ["look"],
      ["drain", 10],
      ["waitClosed"],
      ["look"],
    ],
  },
  "closing twice, and using what is closed": {
    peer: {},
    operations: [
      ["close"],
      ["close"],
      ["look"],
      ["write", 10],
      ["drain", 10],
      ["waitClosed"],
      ["waitClosed"],
      ["read", -1],
      ["write", 10],
      ["drain", 10],
      ["look"],
    ],
  },
  "closing with something unread": {
    peer: { on: { made: [["write", 1000]] } },
    operations: [["exactly", 10], ["close"], ["waitClosed"], ["look"], ["exactly", 10], ["read", -1]],
  },
  "a reset while reading": {
    peer: { on: { data: [["reset"]] } },
    operations: [["write", 1], ["read", -1], ["look"], ["drain", 10], ["write", 1], ["drain", 10], ["waitClosed"]],
  },
  "a reset while waiting for exactly so much": {
    peer: { on: { data: [["reset"]] } },
    operations: [["write", 1], ["exactly", 10], ["exactly", 10], ["line"], ["until", ";"], ["close"], ["waitClosed"]],
  },
  "a reset while draining": {
    isEither: true,
    peer: { on: { data: [["reset"]] } },
    operations: [["write", MUCH], ["drain", 10], ["drain", 10], ["close"], ["waitClosed"]],
  },
  "writing behind the end of the peer": {
    peer: { on: { made: [["close"]] } },
    operations: [
      ["read", -1],
      ["write", 10],
      ["rest", 0.05],
      ["write", 10],
      ["rest", 0.05],
      ["look"],
      ["drain", 10],
      ["write", 10],
      ["waitClosed"],
    ],
  },
  "writing behind one's own end": {
    peer: { keepsOpen: true, on: { eof: [["write", 10], ["close"]] } },
    operations: [["eof"], ["write", 10], ["drain", 10], ["eof"], ["read", -1], ["look"], ["close"], ["waitClosed"]],
  },
  aborting: {
    peer: {},
    operations: [["write", 10], ["abort"], ["look"], ["waitClosed"], ["read", -1], ["drain", 10], ["look"]],
  },
};
