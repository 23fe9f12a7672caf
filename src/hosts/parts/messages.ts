// Turns by messages to oneself: the cheapest macrotask of browsers, which clamp timers to 4 ms, and to a second and
// more in background tabs. The channel is made on first use, and closed with the run.

import { inMicrotask } from "./in-microtask.ts";
import type { TurnSource } from "./timer-host.ts";

export function messages(turn: () => void): TurnSource {
  let channel: MessageChannel | null = null;
  return {
    request: () => {
      if (channel === null) {
        channel = new MessageChannel();
        channel.port1.onmessage = inMicrotask(turn);
      }
      channel.port2.postMessage(null);
    },
    cancel: () => {
      channel?.port1.close();
      channel = null;
    },
  };
}
