// A random walk over interleavings: Zhao and others, "Selectively uniform concurrency testing", ASPLOS 2025.
//
// Choosing uniformly at each point is far from uniform over schedules: that one event comes after 25 of another task
// has a probability of 2^-25 then, though it is one schedule of 26. Choosing each actor with a probability in
// proportion to the steps that it has yet to make gives each interleaving the same one. The steps of tasks that are not
// made yet count to the task that will make them: so it stays exact for programs in which tasks make tasks.
//
// A task is expected to make as many steps as it has made in any run so far. An average would be wrong for tasks that
// are cancelled early in some schedules: it would shrink with each of these runs, and the others be seen less and less.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";

/** What is known of a task, by its number, and where it stands in this run. */
interface TaskSteps {
  /** Most steps that it has made in a run; 0: not known. */
  steps: number;
  /** The task that makes it, or null when that is not known. */
  maker: TaskSteps | null;
  /** Its own steps, and those of all tasks that come from it. */
  total: number;
  /** Those of `total` that are yet to come in this run. A task that has appeared no longer counts to its maker. */
  remaining: number;
  /** Steps in this run, or -1 while it has not appeared. */
  taken: number;
}

/** Each interleaving with the same probability, as far as the numbers of steps are known. */
export class UniformStrategy implements Strategy {
  readonly name = "uniform";
  readonly seesAll = true;
  /** By the tasks' numbers: a maker comes before what it makes. */
  readonly #tasks: TaskSteps[] = [];
  #weights = new Float64Array(64);
  #random!: RandomStream;
  #totalsKnown = true;

  learn(log: SimulationLog): void {
    const taskOf = log.actors.map(({ number }) => (number < 0 ? null : (this.#tasks[number] ?? this.#addUpTo(number))));
    for (const { actor } of log.steps) {
      const task = taskOf[actor];
      if (task) task.steps++;
    }
    for (const { id } of log.actors) {
      const task = taskOf[id];
      if (task) task.maker = makerOf(log, taskOf, id);
    }
    this.#totalsKnown = false;
  }

  begin(random: RandomStream): boolean {
    this.#random = random;
    const tasks = this.#tasks;
    for (const task of tasks) {
      if (task.taken > task.steps) {
        task.steps = task.taken;
        this.#totalsKnown = false;
      }
    }
    if (!this.#totalsKnown) this.#sum();
    for (const task of tasks) {
      task.remaining = task.total;
      task.taken = -1;
    }
    return true;
  }

  choose(point: ChoicePoint): number {
    const weight = this.#weigh(point);
    let chosen = 0;
    if (point.count > 1) {
      let left = this.#random.integer(weight) - this.#weights[0];
      while (left >= 0) left -= this.#weights[++chosen];
    }
    const actor = point.actor(chosen);
    if (actor >= 0) {
      const task = this.#tasks[actor];
      task.taken++;
      task.remaining--;
    }
    return chosen;
  }

  /** Sets the weights of all candidates, and returns their sum. None is 0: a task may make more steps than expected. */
  #weigh(point: ChoicePoint): number {
    if (point.count > this.#weights.length) this.#weights = new Float64Array(2 * point.count);
    const weights = this.#weights;
    let sum = 0;
    for (let index = 0; index < point.count; index++) {
      const actor = point.actor(index);
      let weight = 1;
      if (actor >= 0) {
        const task = actor < this.#tasks.length ? this.#tasks[actor] : this.#addUpTo(actor);
        if (task.taken < 0) {
          task.taken = 0;
          if (task.maker !== null) task.maker.remaining -= task.total;
        }
        if (task.remaining > 1) weight = task.remaining;
      }
      weights[index] = weight;
      sum += weight;
    }
    return sum;
  }

  #sum(): void {
    const tasks = this.#tasks;
    for (const task of tasks) task.total = Math.max(task.steps, 1);
    for (let number = tasks.length - 1; number >= 0; number--) {
      const { maker, total } = tasks[number];
      if (maker !== null) maker.total += total;
    }
    this.#totalsKnown = true;
  }

  #add(): TaskSteps {
    const task = { steps: 0, maker: null, total: 1, remaining: 1, taken: -1 };
    this.#tasks.push(task);
    return task;
  }

  #addUpTo(number: number): TaskSteps {
    while (this.#tasks.length < number) this.#add();
    return this.#add();
  }
}

/** The task that made an actor. What a callback made counts to the task that the callback comes from. */
function makerOf(log: SimulationLog, taskOf: readonly (TaskSteps | null)[], id: number): TaskSteps | null {
  let maker = id;
  do {
    const step = log.steps[log.actors[maker]?.madeIn ?? -1];
    if (step === undefined) return null;
    maker = step.actor;
  } while (!taskOf[maker]);
  return taskOf[maker] ?? null;
}
