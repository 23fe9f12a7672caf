// An app whose answers tell which process they come from, and which does what it should not when it is asked to.

import { sleep } from "wasyncio";

const ANSWERS = {
  *"/slow"() {
    console.error("slow begun");
    yield* sleep(0.5);
  },
  *"/forever"() {
    console.error("forever begun");
    yield* sleep(1000);
  },
  *"/block"() {
    console.error("blocked");
    for (;;);
  },
  *"/crash"() {
    process.exit(7);
  },
};

export default {
  *startup() {
    yield* sleep(0.01);
    setInterval(() => {}, 1000); // which nobody ends
    return { name: "app" };
  },
  *fetch(request, { name }) {
    yield* ANSWERS[new URL(request.url).pathname]?.() ?? sleep(0);
    return new Response(name, { headers: { "x-pid": String(process.pid) } });
  },
  *shutdown({ name }) {
    yield* sleep(0.01);
    console.error(`${name} ${process.pid} shut down`);
  },
};
