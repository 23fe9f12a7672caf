// The WebSocket server of the examples and its client, with programs of others at the other end: Python's `websockets`,
// the clients that Node, Deno and Bun bring along.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Coroutine, gather, run } from "wasyncio";
import { type StreamReader, type StreamWriter, openConnection, startServer } from "wasyncio/streams";
import { binaryOf } from "../../../scripts/engines.mjs";
import { type Message, WebSocketConnection } from "../../../examples/web-socket/connection.ts";
import { portOf } from "../../support/servers.ts";
import { bytes, text } from "../../support/bytes.ts";
import { type Running, root, run as runProgram, start } from "../../support/processes.ts";

const DENO = [binaryOf("deno"), "run", "--quiet", "--no-lock", "--no-prompt", "--allow-net", "--allow-env=PORT"];
const SERVERS: Readonly<Record<string, readonly (string | null)[]>> = {
  node: [process.execPath, "scripts/run-ts.mjs"],
  deno: DENO,
  bun: [binaryOf("bun")],
};
const PYTHON = "/usr/bin/python3"; // Debian's, which has packages of Debian's
const env = { PORT: "0", BUN_JSC_useWasmFastMemory: "0" };

/** Whether Python's `websockets` can be tried with: in CI it can. */
const hasPython = ((): boolean => {
  if (process.env["CI"] !== undefined) return true;
  try {
    execFileSync(PYTHON, ["-c", "import websockets"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

let program: Running | null = null;
afterEach(async () => {
  program?.child.kill("SIGKILL");
  await program?.ended;
  program = null;
});

/** Starts a program that says where it listens; gives its port. */
async function listening(command: readonly string[]): Promise<number> {
  program = start(command, { env });
  let output = "";
  program.child.stdout?.on("data", (chunk: string) => (output += chunk));
  await program.wrote(/listening: \d+\n/);
  return Number(/listening: (\d+)/.exec(output)?.[1]);
}

const serve = (host: string): Promise<number> =>
  listening([...(SERVERS[host] as string[]), join(root, "examples/web-socket.ts")]);

/** What Python's client does with the server, and what it says of it. */
const PYTHON_CLIENT = `
import asyncio, sys, websockets

async def main(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}", max_size=None) as ws:
        for message in ["", "hello", "\\u00e4\\u20ac\\U0001f600", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, b"\\x00\\xff" * 500_000]:
            await ws.send(message)
            assert await ws.recv() == message
        await ws.send(["in ", "three ", "pieces"])
        assert await ws.recv() == "in three pieces"
        await asyncio.wait_for(await ws.ping(b"are you there?"), 60)
        for index in range(200):
            await ws.send(str(index))
        assert [await ws.recv() for _ in range(200)] == [str(index) for index in range(200)]
        await ws.close(4321, "that is all")
        print("closed", ws.close_code)
    ws = await websockets.connect(f"ws://127.0.0.1:{port}")
    await ws.send("x" * (16 * 2 ** 20 + 1))
    try:
        await ws.recv()
    except websockets.ConnectionClosed as error:
        print("refused", error.rcvd.code)
    many = [await websockets.connect(f"ws://127.0.0.1:{port}") for _ in range(20)]
    await asyncio.gather(*[ws.send("hello") for ws in many])
    print(len(await asyncio.gather(*[ws.recv() for ws in many])), "answers", flush=True)
    await asyncio.gather(*[ws.wait_closed() for ws in many])
    print({ws.close_code for ws in many})

asyncio.run(main(int(sys.argv[1])))
`;

describe.each(Object.keys(SERVERS).filter((host) => SERVERS[host]?.[0] !== null))("the server on %s", (host) => {
  test.runIf(hasPython)("serves Python's websockets, and says goodbye", async () => {
    const port = await serve(host);
    const client = start([PYTHON, "-c", PYTHON_CLIENT, String(port)]);
    await Promise.race([client.wrote("20 answers\n"), client.ended]);
    program?.child.kill("SIGTERM");
    expect(await client.ended).toEqual({
      end: 0,
      stderr: "",
      stdout: "closed 4321\nrefused 1009\n20 answers\n{1001}\n",
    });
    expect(await program?.ended).toMatchObject({ end: 0, stderr: "" });
  });
});

/** The same in JavaScript, on engines that have a WebSocket of their own. */
const CLIENT = `
const socket = new WebSocket("ws://127.0.0.1:PORT");
socket.binaryType = "arraybuffer";
const messages = [];
const texts = ["", "hello", "\\u00e4\\u20ac\\u{1f600}", "x".repeat(126), "x".repeat(70_000)];
socket.onopen = () => {
  for (const text of texts) socket.send(text);
  socket.send(new Uint8Array(500_000).fill(7));
};
socket.onmessage = ({ data }) => {
  messages.push(data);
  if (messages.length <= texts.length) return;
  const bytes = new Uint8Array(data);
  console.log(texts.every((text, index) => messages[index] === text), bytes.length, bytes.every((byte) => byte === 7));
  socket.close(4000, "that is all");
};
socket.onerror = () => console.log("an error");
socket.onclose = ({ code, wasClean }) => console.log(code, wasClean);
`;
const CLIENTS: Readonly<Record<string, readonly (string | null)[]>> = {
  node: [binaryOf("node26"), "--input-type=module", "--eval"],
  deno: [binaryOf("deno"), "eval", "--no-lock"],
  bun: [binaryOf("bun"), "--eval"],
};

test.each(Object.keys(CLIENTS).filter((engine) => CLIENTS[engine]?.[0] !== null))(
  "the WebSocket of %s gets everything back",
  async (engine) => {
    const port = await serve("node");
    const { stdout } = await runProgram([...(CLIENTS[engine] as string[]), CLIENT.replace("PORT", String(port))]);
    expect(stdout).toBe("true 500000 true\n4000 true\n");
  },
);

const HANDSHAKE =
  "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const GRANTED =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/** A frame under a mask that leaves its payload as it is. */
const masked = (first: number, payload: readonly number[]): number[] => [
  first,
  0x80 | payload.length,
  ...ZEROS,
  ...payload,
];
const ZEROS = [0, 0, 0, 0];
const LETTERS = [...bytes("ab")];
const [CONTINUED, TEXT, CLOSE, PING] = [0x80, 0x81, 0x88, 0x89];
const FIRST_OF_TEXT = 0x01;
/** What a client sends, and the frames that it gets, as bytes without the reasons of goodbyes. */
const CONVERSATIONS: Readonly<Record<string, readonly [sent: readonly number[], got: readonly number[]]>> = {
  "a text": [masked(TEXT, LETTERS), [TEXT, 2, ...LETTERS]],
  "pieces with a ping in between": [
    [...masked(FIRST_OF_TEXT, LETTERS), ...masked(PING, [1]), ...masked(CONTINUED, LETTERS)],
    [0x8a, 1, 1, TEXT, 4, ...LETTERS, ...LETTERS],
  ],
  "a character in two pieces": [
    [...masked(FIRST_OF_TEXT, [0xc3]), ...masked(CONTINUED, [0xa4])],
    [TEXT, 2, 0xc3, 0xa4],
  ],
  "a goodbye without a code": [masked(CLOSE, []), [CLOSE, 0]],
  "a goodbye": [masked(CLOSE, [0x03, 0xe8]), [CLOSE, 2, 0x03, 0xe8]],
  "a goodbye of one byte": [masked(CLOSE, [3]), [CLOSE, 0x03, 0xea]],
  "a goodbye with a code that is never sent": [masked(CLOSE, [0x03, 0xed]), [CLOSE, 0x03, 0xea]],
  "a goodbye whose reason is no UTF-8": [masked(CLOSE, [0x03, 0xe8, 0xff]), [CLOSE, 0x03, 0xef]],
  "a frame that is not masked": [
    [TEXT, 2, ...LETTERS],
    [CLOSE, 0x03, 0xea],
  ],
  "a reserved bit": [masked(TEXT | 0x40, LETTERS), [CLOSE, 0x03, 0xea]],
  "an unknown opcode": [masked(0x83, LETTERS), [CLOSE, 0x03, 0xea]],
  "a ping in pieces": [masked(PING & 0x7f, []), [CLOSE, 0x03, 0xea]],
  "a ping that is too long": [
    [PING, 0x80 | 126, 0, 126],
    [CLOSE, 0x03, 0xea],
  ],
  "the end of a message that has not begun": [masked(CONTINUED, LETTERS), [CLOSE, 0x03, 0xea]],
  "a message within a message": [
    [...masked(FIRST_OF_TEXT, LETTERS), ...masked(TEXT, LETTERS)],
    [CLOSE, 0x03, 0xea],
  ],
  "a text that is no UTF-8": [masked(TEXT, [0xff]), [CLOSE, 0x03, 0xef]],
  "a length beyond all bounds": [
    [TEXT, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255],
    [CLOSE, 0x03, 0xf1],
  ],
};

/** Sends bytes behind the request for a WebSocket, and the end; gives what comes behind the answer. */
function* told(port: number, sent: readonly number[]): Coroutine<number[]> {
  const [reader, writer] = yield* openConnection("127.0.0.1", port);
  writer.write(bytes(HANDSHAKE));
  writer.write(Uint8Array.from(sent));
  writer.writeEof();
  expect(text(yield* reader.readexactly(GRANTED.length))).toBe(GRANTED);
  const got = [...(yield* reader.read())];
  writer.close();
  yield* writer.waitClosed();
  return got;
}

const withoutReason = (frames: readonly number[]): readonly number[] =>
  frames[0] === CLOSE && frames[1] > 2 ? [CLOSE, ...frames.slice(2, 4)] : frames;

describe("the server", () => {
  test("answers each frame as the protocol says", async () => {
    const port = await serve("node");
    await run(function* () {
      for (const [name, [sent, got]] of Object.entries(CONVERSATIONS))
        expect(withoutReason(yield* told(port, sent)), name).toEqual(got);
    });
    program?.child.kill("SIGTERM");
    expect(await program?.ended).toMatchObject({ end: 0, stderr: "" });
  });

  test("refuses what does not ask for a WebSocket", async () => {
    const port = await serve("node");
    function* answerTo(request: string): Coroutine<string> {
      const [reader, writer] = yield* openConnection("127.0.0.1", port);
      writer.write(bytes(request));
      const [line] = text(yield* reader.read()).split("\r\n");
      writer.close();
      yield* writer.waitClosed();
      return line;
    }
    const requests = [
      HANDSHAKE.replace("GET", "POST"),
      HANDSHAKE.replace("Upgrade: websocket\r\n", ""),
      HANDSHAKE.replace("dGhl", ""),
      HANDSHAKE.replace("13", "8"),
      `GET / HTTP/1.1\r\nCookie: ${"x".repeat(70_000)}\r\n\r\n`,
    ];
    const lines = await run(() => gather(requests.map(answerTo)));
    const bad = "HTTP/1.1 400 Bad Request";
    expect(lines).toEqual([
      bad,
      bad,
      bad,
      "HTTP/1.1 426 Upgrade Required",
      "HTTP/1.1 431 Request Header Fields Too Large",
    ]);
  });
});

const PYTHON_SERVER = `
import asyncio, websockets

async def echo(ws):
    await (await ws.ping())
    async for message in ws:
        if message == "go":
            await ws.close(4000, "as you wish")
        elif message == "pieces":
            await ws.send(["in ", "three ", "pieces"])
        else:
            await ws.send(message)

async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
        print(f"listening: {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()

asyncio.run(main())
`;

describe.runIf(hasPython)("the client", () => {
  const address = async (): Promise<string> => `ws://127.0.0.1:${await listening([PYTHON, "-c", PYTHON_SERVER])}/`;

  test("talks to a server of Python's websockets", async () => {
    const url = await address();
    await run(function* () {
      const connection = yield* WebSocketConnection.connect(url);
      const all: Message[] = [
        "",
        "hello",
        "ä€😀",
        "x".repeat(126),
        "x".repeat(70_000),
        new Uint8Array(100_000).fill(7),
      ];
      for (const message of all) {
        yield* connection.send(message);
        expect(yield* connection.receive()).toEqual(message);
      }
      connection.ping("are you there?");
      yield* connection.sendPieces(["one ", "two ", "three"]);
      expect(yield* connection.receive()).toBe("one two three");
      yield* connection.send("pieces");
      expect(yield* connection.receive()).toBe("in three pieces");
      yield* connection.close();
      expect(connection.endCode).toBe(1000);
    });
  });

  test("hears why the server leaves, and what it is not allowed", async () => {
    const url = await address();
    await run(function* () {
      const connection = yield* WebSocketConnection.connect(url);
      yield* connection.send("go");
      expect([yield* connection.receive(), connection.endCode]).toEqual([null, 4000]);
      yield* connection.close();

      const small = yield* WebSocketConnection.connect(url, { mostBytes: 10 });
      yield* small.send("more than ten bytes");
      expect([yield* small.receive(), small.endCode]).toEqual([null, 1009]);
      yield* small.close();
    });
  });
});

test("the client is told by a server that knows no WebSocket", async () => {
  for (const answer of ["HTTP/1.1 404 Not Found\r\n\r\n", GRANTED]) {
    function* serveHttp(_: StreamReader, writer: StreamWriter): Coroutine<void> {
      writer.write(bytes(answer));
      writer.close();
    }
    const outcome = run(function* () {
      const server = yield* startServer(serveHttp, "127.0.0.1", 0);
      return yield* server.with(() => WebSocketConnection.connect(`ws://127.0.0.1:${portOf(server)}`));
    });
    await expect(outcome).rejects.toThrow(/no WebSocket at/); // GRANTED is for another key
  }
});
