import { describe, expect, test } from "vitest";
import { ByteBuffer } from "../../../src/streams/byte-buffer.ts";
import { Random } from "../../support/random.ts";
import { bytes, text } from "../../support/bytes.ts";

function bufferOf(content: string): ByteBuffer {
  const buffer = new ByteBuffer();
  buffer.append(bytes(content));
  return buffer;
}

test("what goes in comes out, in any portions, also when it is moved or grows", () => {
  const random = new Random(20_251_121, 0);
  const buffer = new ByteBuffer();
  let model = "";
  for (let step = 0; step < 20_000; step++) {
    const size = random.below(random.chance(2) ? 4000 : 60);
    switch (random.below(4)) {
      case 0:
        expect(text(buffer.take(size))).toBe(model.slice(0, size));
        model = model.slice(size);
        break;
      case 1:
        buffer.drop(size);
        model = model.slice(size);
        break;
      default: {
        const added = Array.from({ length: size }, () => random.pick(["a", "b", ";"])).join("");
        buffer.append(bytes(added));
        model += added;
        const pattern = random.pick([";", "ab", "a;b", "bbab;a", "aaaaaaaaaaaa"]);
        const from = random.below(model.length + 2);
        const to = random.chance(50) ? model.length : random.below(model.length + 1);
        expect(buffer.find(bytes(pattern), from, to)).toBe(model.slice(0, to).indexOf(pattern, from < to ? from : to));
        expect(buffer.startsWith(bytes(pattern), from)).toBe(model.startsWith(pattern, from));
      }
    }
    expect(buffer.length).toBe(model.length);
    if (model.length < 5000) continue;
    expect(text(buffer.takeAll())).toBe(model);
    model = "";
  }
});

test("it finds nothing in what was dropped or taken, and nothing behind its end", () => {
  const buffer = bufferOf("a;b;");
  buffer.drop(2);
  expect(buffer.find(bytes("a"), 0, 2)).toBe(-1);
  expect(buffer.find(bytes(";"), 0, 2)).toBe(1);
  expect(buffer.find(bytes(";"), 0, 1)).toBe(-1);
  buffer.drop(2);
  expect(buffer.find(bytes(";"), 0, 0)).toBe(-1);
});

test("searching changes nothing", () => {
  const buffer = bufferOf("xyxyxy");
  for (let to = 0; to <= 6; to++) {
    for (const pattern of ["x", "z", "xy", "yz", "xyz"]) buffer.find(bytes(pattern), 0, to);
  }
  expect(text(buffer.takeAll())).toBe("xyxyxy");
});

test("what it gives is nobody else's", () => {
  const buffer = new ByteBuffer();
  const data = bytes("abc");
  buffer.append(data);
  data.fill(0);
  const taken = buffer.take(2);
  taken.fill(0);
  expect(text(buffer.takeAll())).toBe("c");
  expect(taken.buffer.byteLength).toBe(2);
});

test("what a Buffer brings is copied, too, and given as an array", () => {
  const buffer = new ByteBuffer();
  const data = Buffer.from("abc");
  buffer.append(data);
  data.fill(0);
  const taken = buffer.takeAll();
  expect(text(taken)).toBe("abc");
  expect(taken.constructor).toBe(Uint8Array);
});

test("bytes come behind those that were not told, also when these are taken away behind ones that were read", () => {
  const buffer = new ByteBuffer();
  buffer.addUntold(bytes("abcdef"));
  buffer.tell(3);
  expect(text(buffer.take(3))).toBe("abc");
  buffer.append(bytes("gh"));
  buffer.tell(3);
  expect(text(buffer.take(1))).toBe("g");
  expect(text(buffer.takeAll())).toBe("hdef");
  buffer.addUntold(bytes("ijklmn"));
  buffer.tell(3);
  buffer.drop(3);
  expect(text(buffer.takeUntold())).toBe("lmn");
  buffer.append(bytes("opqr"));
  expect(buffer.find(bytes("q"), 0, 4)).toBe(2);
  expect(text(buffer.take(1))).toBe("o");
  expect(text(buffer.takeAll())).toBe("pqr");
});

describe("bytes are copied a bounded number of times", () => {
  /** Bytes that typed arrays copy inside themselves or into another one while `work` runs. */
  function copied(work: () => void): number {
    const { set, copyWithin, slice } = Uint8Array.prototype;
    let count = 0;
    Uint8Array.prototype.set = function (source, offset) {
      count += source.length;
      set.call(this, source, offset);
    };
    Uint8Array.prototype.copyWithin = function (target, start, end) {
      count += (end as number) - start;
      return copyWithin.call(this, target, start, end);
    };
    Uint8Array.prototype.slice = function (start, end) {
      const part = slice.call(this, start, end);
      count += part.length;
      return part;
    };
    try {
      work();
    } finally {
      Object.assign(Uint8Array.prototype, { set, copyWithin, slice });
    }
    return count;
  }

  const TOTAL = 1_000_000;
  const small = new Uint8Array(10);

  test("when all is added before any is taken", () => {
    const count = copied(() => {
      const buffer = new ByteBuffer();
      for (let added = 0; added < TOTAL; added += small.length) buffer.append(small);
      while (buffer.length > 0) buffer.take(small.length);
    });
    expect(count / TOTAL).toBeLessThan(4);
  });

  test.each([10, 1000, 65_536])("when %d bytes always stay inside", (level) => {
    const count = copied(() => {
      const buffer = new ByteBuffer();
      buffer.append(new Uint8Array(level));
      for (let added = 0; added < TOTAL; added += small.length) {
        buffer.append(small);
        buffer.take(small.length);
      }
    });
    expect(count / TOTAL).toBeLessThan(4);
  });
});

test("what is put back in front comes out first", () => {
  const buffer = bufferOf("abcdef");
  const chunks = [buffer.take(2), buffer.take(1)];
  buffer.prepend(chunks);
  expect(text(buffer.takeAll())).toBe("abcdef");
  buffer.prepend(chunks);
  buffer.prepend([]);
  expect(text(buffer.takeAll())).toBe("abc");
});

test("an empty buffer has no array", () => {
  const buffer = new ByteBuffer();
  for (const leave of [() => buffer.takeAll(), () => buffer.drop(Infinity)]) {
    for (let piece = 0; piece < 100; piece++) buffer.append(new Uint8Array(10_000));
    leave();
    buffer.append(bytes("a"));
    expect(buffer.takeAll().buffer.byteLength).toBe(1);
  }
});

test("an array that is taken as it came is given as it is", () => {
  const buffer = new ByteBuffer();
  const data = bytes("abc");
  buffer.addUntold(data);
  expect(buffer.length).toBe(0);
  buffer.tell(3);
  expect(buffer.take(10)).toBe(data);
  for (const more of [data, bytes("de")]) buffer.addUntold(more);
  buffer.tell(4);
  expect(text(buffer.take(10))).toBe("abcd");
  buffer.tell(1);
  expect(text(buffer.take(10))).toBe("e");
});
