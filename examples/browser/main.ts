// `npm run example:browser`: an asyncio program in a page, with what its tasks do while it runs.
//
//   program.ts   the program                    stage.ts   what a run looks like from outside
//   view.ts      the page, and how it is drawn  main.ts    starts a run, cancels it, draws frame by frame

import { CancelledError, type Coroutine, currentTask, newEventLoop, run } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { kitchen } from "./program.ts";
// oxlint-disable-next-line import/default -- Vite gives it one: the text
import source from "./program.ts?raw";
import { Stage, stage } from "./stage.ts";
import { View, cancelButton, showSource, showStatus, startButton, virtualSwitch } from "./view.ts";

function* main(current: Stage): Coroutine<void> {
  stage.set(current);
  currentTask()?.setName("kitchen");
  yield* kitchen();
}

/** Runs the program once, and shows it. */
async function play(): Promise<void> {
  const loop = virtualSwitch.checked ? new VirtualEventLoop() : newEventLoop();
  const current = new Stage(loop);
  const view = new View(current);
  let frame = 0;
  const draw = (): void => {
    view.draw();
    frame = requestAnimationFrame(draw);
  };
  const cancel = (): void => void current.lanes[0]?.task.cancel();
  cancelButton.addEventListener("click", cancel);
  const started = performance.now();
  draw();
  try {
    const ended = await run(() => main(current), { loopFactory: () => loop }).then(() => "Done", outcome);
    const seconds = (performance.now() - started) / 1000;
    showStatus(`${ended}: ${current.time().toFixed(1)} s on the loop's clock, ${seconds.toFixed(3)} s on yours.`);
  } finally {
    cancelAnimationFrame(frame);
    cancelButton.removeEventListener("click", cancel);
    view.draw();
  }
}

function outcome(error: unknown): string {
  if (!(error instanceof CancelledError)) throw error;
  return "Cancelled";
}

startButton.addEventListener("click", () => {
  startButton.disabled = virtualSwitch.disabled = true;
  cancelButton.disabled = false;
  showStatus("Running.");
  play()
    .catch((error: unknown) => showStatus(`Failed: ${String(error)}`))
    .finally(() => {
      startButton.disabled = virtualSwitch.disabled = false;
      cancelButton.disabled = true;
    });
});
showSource(source);
