// A patient client: no more than two requests a second, and what fails is tried again, a little later each time.

import { gather, getRunningLoop, run, sleep } from "wasyncio";
import { RateLimiter, retry } from "wasyncio/extras";

class Unavailable extends Error {}

const limiter = new RateLimiter(2, { seconds: 1 });
let requests = 0;

/** A service of which each second request fails. */
function* request(city: string) {
  const number = ++requests;
  yield* sleep(0.1);
  if (number % 2 === 0) throw new Unavailable();
  return `sunny in ${city}`;
}

function* weather(city: string) {
  const loop = getRunningLoop();
  const started = loop.time();
  return yield* retry(
    function* (attempt) {
      yield* limiter.acquire();
      console.log(`${(loop.time() - started).toFixed(1)} s: attempt ${attempt} for ${city}`);
      return yield* request(city);
    },
    { attempts: 4, wait: (attempt) => 0.25 * 2 ** attempt, jitter: 0, on: Unavailable },
  );
}

await run(function* () {
  console.log(yield* gather(["Riga", "Oslo", "Bern"].map(weather)));
});

// Prints:
// 0.0 s: attempt 1 for Riga
// 0.0 s: attempt 1 for Oslo
// 0.5 s: attempt 1 for Bern
// 1.0 s: attempt 2 for Oslo
// 2.1 s: attempt 3 for Oslo
// [ 'sunny in Riga', 'sunny in Oslo', 'sunny in Bern' ]
