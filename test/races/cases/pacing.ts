// Debouncing, throttling and limiting of rates: flags and counters that are changed a moment too late.

import { Lock, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

export const pacing: readonly RaceCase[] = [
  {
    name: "a change during saving counts as saved",
    kind: "debounce",
    window: 0.003,
    racy: ["dirty.save", "dirty.clear", "dirty.type"],
    *main() {
      const editor = { text: "", dirty: false };
      let saved = "";
      function* autosave() {
        for (let round = 0; round < 3; round++) {
          yield* sleep(0.01);
          if (!editor.dirty) continue;
          const { text } = editor; // race: dirty.save
          yield* sleep(0.002); // race: dirty.save
          saved = text;
          editor.dirty = false; // race: dirty.clear
        }
      }
      function* type() {
        for (const word of ["so ", "far ", "so good"]) {
          yield* sleep(0.0065); // race: dirty.type
          editor.text += word; // race: dirty.type
          editor.dirty = true; // race: dirty.type
        }
      }
      yield* gather(autosave(), type());
      assert(saved === editor.text, `typed "${editor.text}", saved "${saved}"`);
    },
  },
  {
    name: "two alarms pass a throttle that is set after sending",
    kind: "throttle",
    racy: ["throttle.check", "throttle.send", "throttle.set"],
    *main() {
      const loop = getRunningLoop();
      const sent: string[] = [];
      let quietUntil = 0;
      function* send(text: string) {
        yield* sleep(0);
        sent.push(text);
      }
      function* alarm(measuring: number, text: string) {
        for (let probe = 0; probe < measuring; probe++) yield* sleep(0);
        if (loop.time() < quietUntil) return; // race: throttle.check
        yield* send(text); // race: throttle.send
        quietUntil = loop.time() + 60; // race: throttle.set
      }
      yield* gather(alarm(0, "disk full"), alarm(3, "disk full"));
      assert(sent.length === 1, `${sent.length} alarms within a minute`);
    },
  },
  {
    name: "a token is taken from a bucket that is empty",
    kind: "rate limiter",
    window: 0.004,
    racy: ["bucket.check", "bucket.log", "bucket.take"],
    *main() {
      const bucket = { tokens: 1 };
      let refused = 0;
      function* log(_line: string) {
        yield* sleep(0.002);
      }
      function* request(at: number) {
        yield* sleep(at);
        if (bucket.tokens <= 0) return void refused++; // race: bucket.check
        yield* log("admitted"); // race: bucket.log
        assert(--bucket.tokens >= 0, "a token is taken that is not there"); // race: bucket.take
      }
      function* refill() {
        yield* sleep(0.01);
        bucket.tokens = Math.min(1, bucket.tokens + 1);
      }
      yield* gather(request(0.001), request(0.005), refill(), request(0.012));
      return refused;
    },
  },
  {
    name: "the slower one of two debounced saves comes last",
    kind: "debounce",
    window: 0.006,
    racy: ["debounce.fire", "debounce.type"],
    *main() {
      const loop = getRunningLoop();
      const saves: string[] = [];
      const draft = { text: "" };
      let timer = loop.callLater(0, () => {});
      const change = (text: string) => {
        draft.text = text;
        timer.cancel();
        timer = loop.callLater(0.01, () => saves.push(draft.text)); // race: debounce.fire
      };
      for (const text of ["s", "sa", "save me"]) {
        change(text);
        yield* sleep(0.006); // race: debounce.type
      }
      yield* sleep(0.02);
      assert(saves.join() === "save me", `saved: ${saves.join()}`);
    },
  },
  {
    name: "control: the flag is cleared before saving",
    kind: "debounce",
    window: 0.02,
    racy: null,
    *main() {
      const editor = { text: "", dirty: false };
      const lock = new Lock();
      let saved = "";
      function* save() {
        yield* lock.with(function* () {
          if (!editor.dirty) return;
          editor.dirty = false;
          const { text } = editor;
          yield* sleep(0.002);
          saved = text;
        });
      }
      function* autosave() {
        for (let round = 0; round < 3; round++) {
          yield* sleep(0.008);
          yield* save();
        }
      }
      function* type(words: string[]) {
        for (const word of words) {
          yield* sleep(0.005);
          editor.text += word;
          editor.dirty = true;
        }
      }
      yield* gather(autosave(), type(["so ", "far"]), autosave(), type(["so ", "good"]));
      yield* save();
      assert(saved === editor.text, `typed "${editor.text}", saved "${saved}"`);
    },
  },
  {
    name: "control: a token is taken in the step that finds it",
    kind: "rate limiter",
    window: 0.02,
    racy: null,
    *main() {
      const bucket = { tokens: 2, lowest: 2 };
      const counts = { admitted: 0, refused: 0 };
      function* request(at: number) {
        yield* sleep(at);
        if (bucket.tokens === 0) {
          counts.refused++;
          return;
        }
        bucket.tokens--;
        bucket.lowest = Math.min(bucket.lowest, bucket.tokens);
        yield* sleep(0.002);
        counts.admitted++;
      }
      function* refill() {
        for (let round = 0; round < 2; round++) {
          yield* sleep(0.004);
          bucket.tokens = Math.min(2, bucket.tokens + 1);
        }
      }
      const requests = [0, 0.001, 0.002, 0.004, 0.006, 0.008].map((at) => createTask(request(at)));
      yield* gather(refill(), ...requests);
      assert(bucket.lowest >= 0 && counts.admitted <= 4, `${counts.admitted} admitted, lowest ${bucket.lowest}`);
      assert(counts.admitted + counts.refused === 6, "a request got no answer");
    },
  },
];
