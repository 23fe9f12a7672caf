import { expect, test } from "vitest";
import { Meter } from "../../../bench/harness/meter.ts";

/** A meter over a clock that stands still until it is moved. */
function createMeter({ operations = 10, warmUp = 1, measure = 2, collection = 0 } = {}) {
  const clock = { seconds: 0, collections: 0 };
  const meter = new Meter(
    operations,
    { warmUp, measure },
    () => clock.seconds,
    () => {
      clock.collections++;
      clock.seconds += collection;
    },
  );
  return { clock, meter };
}

test("the figure is the time of the measured batches over their operations", () => {
  const { clock, meter } = createMeter();
  const secondsOfBatches = [0.6, 0.6, 0.5, 0.5, 1]; // the first two warm up
  let batches = 0;
  while (meter.more()) {
    clock.seconds += secondsOfBatches[batches++];
    meter.count(10);
  }
  expect(batches).toBe(5);
  expect(meter.figure).toBeCloseTo((2 / 30) * 1e9);
});

test("garbage is collected once, half-way through warming up", () => {
  const { clock, meter } = createMeter({ collection: 7 }); // which does not count
  const collections = [];
  while (meter.more()) {
    clock.seconds += 0.45;
    meter.count(10);
    collections.push(clock.collections);
  }
  expect(collections).toEqual([0, 0, 1, 1, 1, 1, 1, 1]); // three warm up
});

test("at least two batches warm up, one behind the collection, and one is measured", () => {
  const { clock, meter } = createMeter({ warmUp: 0, measure: 0.1 });
  let batches = 0;
  while (meter.more()) {
    batches++;
    clock.seconds += 5;
    meter.count(10);
  }
  expect(batches).toBe(3);
});

test("what a batch does before fromHere does not count", () => {
  const { clock, meter } = createMeter({ warmUp: 0, measure: 2 });
  while (meter.more()) {
    clock.seconds += 0.5;
    meter.fromHere();
    clock.seconds += 1;
    meter.count(10);
  }
  expect(meter.figure).toBeCloseTo(1e8);
});

test("batches that are mostly unmeasured do not go on for ever", () => {
  const { clock, meter } = createMeter({ warmUp: 0, measure: 2 });
  let batches = 0;
  while (meter.more()) {
    batches++;
    clock.seconds += 3;
    meter.fromHere();
    clock.seconds += 0.1;
    meter.count(10);
  }
  expect(batches).toBe(2 + 3);
});

test("a batch that did another number of operations fails the measurement", () => {
  const { meter } = createMeter();
  meter.more();
  expect(() => meter.count(9)).toThrow("did 9 operations, not 10");
});
