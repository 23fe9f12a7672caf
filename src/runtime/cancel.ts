// Passing a cancel on: from a task to what it awaits, from a gathering to what it gathers, and so on.
//
// They may form chains longer than the engine's stack, and circles: so this goes by a path of its own, and asks each
// once. A circle that a gathering is a part of would wait for itself, whatever is cancelled: that gathering ends.

/** What a cancel may reach. */
interface Cancellable {
  cancel(message?: string): boolean;
}

/** What passes a cancel on instead of ending by it. */
export interface Passing extends Cancellable {
  readonly isDone: boolean;
  /** Takes note of a request. Returns what it has to be passed on to, or null when it is seen to. */
  askToCancel(message: string | undefined): readonly Cancellable[] | null;
  /** All have been asked; `taken` says whether one of them took it. Returns whether this one did. */
  endCancel(message: string | undefined, taken: boolean): boolean;
  /** Ends it, because it waits for itself by way of others; null for what cannot end so. */
  readonly breakCircle: ((message: string | undefined) => boolean) | null;
  /** Whether it does all this: its `cancel` is the library's own. */
  readonly passesCancel: boolean;
}

/** One that was asked, and what is left to be asked for it. */
interface Asked {
  readonly one: Passing;
  readonly targets: readonly Cancellable[];
  next: number;
  taken: boolean;
  isCircular: boolean;
}

/** Passes a request on to `targets`, for `first`, which has taken note of it. Returns whether it was taken. */
export function passCancel(first: Passing, targets: readonly Cancellable[], message: string | undefined): boolean {
  const path: Asked[] = [asked(first, targets)];
  const onPath = new Set<Cancellable>([first]);
  /** The answers of those that are not on the path any more. */
  const answers = new Map<Cancellable, boolean>();
  for (;;) {
    const last = path[path.length - 1];
    if (last.next < last.targets.length) {
      const target = last.targets[last.next++];
      if (!isPassing(target) || target.isDone) {
        last.taken = target.cancel(message) || last.taken;
      } else if (onPath.has(target)) {
        last.taken = true;
        closeCircle(path, target, message);
      } else if (answers.has(target)) {
        target.askToCancel(message); // counts as another request
        last.taken ||= answers.get(target) as boolean;
      } else {
        const further = target.askToCancel(message);
        if (further === null) {
          last.taken = true;
        } else {
          path.push(asked(target, further));
          onPath.add(target);
        }
      }
      continue;
    }
    path.pop();
    onPath.delete(last.one);
    const ended = last.isCircular && last.one.breakCircle?.(message) === true;
    const taken = ended || last.one.endCancel(message, last.taken);
    answers.set(last.one, taken);
    if (path.length === 0) return taken;
    path[path.length - 1].taken ||= taken;
  }
}

function asked(one: Passing, targets: readonly Cancellable[]): Asked {
  return { one, targets, next: 0, taken: false, isCircular: false };
}

function isPassing(target: Cancellable): target is Passing {
  return (target as Partial<Passing>).passesCancel === true;
}

/** The path has come back to `target`: the circle is from there to its end. */
function closeCircle(path: readonly Asked[], target: Passing, message: string | undefined): void {
  const circle = path.slice(path.findIndex(({ one }) => one === target));
  const gathering = circle.reverse().find(({ one }) => one.breakCircle !== null);
  if (gathering === undefined) target.endCancel(message, false);
  else gathering.isCircular = true;
}
