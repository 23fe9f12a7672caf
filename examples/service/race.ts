// An order as it was first written: it looks, asks the courier, and then takes. `explore` finds who comes between.

import { type Coroutine, createTask, gather, sleep } from "wasyncio";
import { type RacingStep, explore } from "wasyncio/testing";
import { type Shop, placeOrder } from "./orders.ts";
import { VirtualStore, withShop } from "./virtual.ts";

function* lookFirst({ store, courier }: Shop, item: string): Coroutine<Response> {
  if ((yield* store.left(item)) === 0) return Response.json({ error: "sold out" }, { status: 409 });
  const date = yield* courier.date(item);
  return Response.json({ order: yield* store.take(item), date }, { status: 201 });
}

/** Ann and Ben want the last one. Ben comes when Ann's order is done, nearly always. */
function* sellTheLastOne(order: typeof placeOrder): Coroutine<void> {
  const answers = yield* withShop(new VirtualStore({ tea: 1 }), (shop) => {
    const come = function* (seconds: number) {
      yield* sleep(seconds);
      return yield* order(shop, "tea");
    };
    return gather(createTask(come(0), { name: "Ann" }), createTask(come(0.015), { name: "Ben" }));
  });
  const sold = answers.filter(({ status }) => status === 201).length;
  if (sold !== 1) throw new RangeError(`sold ${sold} of 1`);
}

const stepText = (step?: RacingStep): string => `${step?.name} comes back from ${step?.from[0]?.name}`;

for (const order of [lookFirst, placeOrder]) {
  const { runs, failure } = explore(() => sellTheLastOne(order), { runs: 100, seed: 1 });
  console.log(`${order.name}: ${failure === null ? `${runs} runs, none fails` : failure.error}`);
  if (failure?.race) console.log(`${stepText(failure.race.first)}, before ${stepText(failure.race.second)}`);
}

// Prints:
// lookFirst: RangeError: sold 2 of 1
// Ben comes back from VirtualStore.left, before Ann comes back from VirtualStore.take
// placeOrder: 100 runs, none fails
