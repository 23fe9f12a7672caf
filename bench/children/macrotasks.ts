// `macrotasks.mjs`: nanoseconds of a turn of the host through each macrotask that it has, one asked for in the other.

const TURNS = 20_000;
/** setTimeout takes a millisecond and more. */
const TIMEOUTS = 100;

type Request = (turn: () => void) => void;

const channel = new MessageChannel();

function throughMessages(turn: () => void): void {
  channel.port1.onmessage = turn;
  channel.port2.postMessage(null);
}

function measure(request: Request, turns: number): Promise<number> {
  return new Promise((resolve) => {
    let left = turns;
    const started = performance.now();
    const turn = (): void => {
      if (--left > 0) request(turn);
      else resolve(((performance.now() - started) / turns) * 1e6);
    };
    request(turn);
  });
}

async function measureWarm(request: Request, turns: number): Promise<number> {
  await measure(request, turns);
  return measure(request, turns);
}

const figures = {
  setImmediate: await measureWarm((turn) => setImmediate(turn), TURNS),
  MessageChannel: await measureWarm(throughMessages, TURNS),
  setTimeout: await measureWarm((turn) => setTimeout(turn, 0), TIMEOUTS),
};
channel.port1.close();
console.log(JSON.stringify(figures));
