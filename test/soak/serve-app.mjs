// The app of serve.ts: its answers say which process they come from.

import { sleep } from "wasyncio";

export default {
  *fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/block") for (;;);
    yield* sleep(pathname === "/slow" ? 0.2 : 0.002);
    return new Response("ok", { headers: { "x-pid": String(process.pid) } });
  },
};
