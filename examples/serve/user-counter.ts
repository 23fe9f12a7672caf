// A WebSocket that tells all who are connected how many they are: an app, which `serveApp` serves in a program.

import { createTask, getRunningLoop, run } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { type App, type ServerWebSocket, WebSocketDisconnect, serveApp } from "wasyncio/serve";
import WebSocket from "ws";

type Users = Set<ServerWebSocket>;

function* tellAll(users: Users) {
  for (const user of users) {
    try {
      yield* user.send(`${users.size} connected`);
    } catch (error) {
      if (!(error instanceof WebSocketDisconnect)) throw error; // its own handler takes it away
    }
  }
}

const app: App<Users> = {
  startup: () => new Set(),
  fetch: (_request, users) => Response.json({ connected: users.size }),
  *websocket(socket, users) {
    users.add(socket);
    yield* tellAll(users);
    yield* socket.waitClosed();
    users.delete(socket);
    yield* tellAll(users);
  },
};

await run(function* () {
  const listening = getRunningLoop().createExternalFuture<string>();
  const server = createTask(serveApp(app, { port: 0, onListening: ({ url }) => listening.setResult(url) }));
  const baseUrl = yield* listening;
  yield* new ClientSession({ baseUrl, webSocket: WebSocket }).with((session) =>
    session.wsConnect("/").with(function* (ann) {
      console.log("Ann:", yield* ann.receiveStr());
      yield* session.wsConnect("/").with(function* (ben) {
        console.log("Ben:", yield* ben.receiveStr());
        console.log("Ann:", yield* ann.receiveStr());
      });
      console.log("Ann:", yield* ann.receiveStr());
    }),
  );
  server.cancel();
});

// Prints:
// Ann: 1 connected
// Ben: 2 connected
// Ann: 2 connected
// Ann: 1 connected
