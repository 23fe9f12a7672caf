# What CPython's multiprocessing gives for the calls of multiprocessing.test.ts: one line of JSON.
import json
import multiprocessing
import os
import queue
import threading

context = multiprocessing.get_context("fork")


def identity(value):
    return value


def fail():
    raise ValueError("no such row")


def leave(code):
    os._exit(code)


def spin():
    while True:
        pass


def add(value, times):
    for _ in range(times):
        with value.get_lock():
            value.value += 1


def put_all(items, count):
    for item in range(count):
        items.put(item)


def attempt(call):
    try:
        return call()
    except BaseException as error:
        return type(error).__name__


def processes():
    made = [context.Process(target=identity, args=(1,)), context.Process(target=leave, args=(3,))]
    states = [[process.exitcode, process.is_alive(), attempt(process.join)] for process in made]
    for process in made:
        process.start()
    again = attempt(made[0].start)
    for process in made:
        process.join()
    ended = []
    for end in ("terminate", "kill"):
        process = context.Process(target=spin)
        process.start()
        process.join(0.1)
        ended.append([process.is_alive(), process.exitcode])
        getattr(process, end)()
        process.join()
        ended.append([process.is_alive(), process.exitcode])
    return [states, again, [[process.exitcode, process.is_alive()] for process in made], ended]


def pools():
    pool = context.Pool(2)
    late = pool.apply_async(spin)
    facts = [
        pool.apply(identity, (1,)),
        attempt(lambda: pool.apply(fail)),
        attempt(late.successful),
        late.ready(),
        attempt(lambda: late.get(0.05)),
        pool.map(identity, [3, 1, 2]),
        pool.map(identity, []),
        list(pool.imap(identity, [3, 1, 2])),
        sorted(pool.imap_unordered(identity, [3, 1, 2])),
        pool.starmap(max, [(1, 2), (4, 3)]),
        attempt(pool.join),
    ]
    pool.terminate()
    pool.join()
    return facts + [attempt(lambda: pool.apply(identity, (1,)))]


def values():
    value = context.Value("i", 0)
    both = [context.Process(target=add, args=(value, 500)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    array = context.Array("d", [1, 2, 3])
    return [value.value, list(array), len(array), list(context.Array("i", 2)), attempt(lambda: context.Value("y", 0))]


def locks():
    lock, rlock, bounded = context.Lock(), context.RLock(), context.BoundedSemaphore(1)
    semaphore = context.Semaphore(2)
    facts = [lock.acquire(timeout=0.01), lock.acquire(timeout=0.01), lock.acquire(False), lock.release()]
    facts += [rlock.acquire(False), rlock.acquire(False), rlock.release(), rlock.release()]
    facts += [attempt(rlock.release), attempt(lock.release), attempt(bounded.release)]
    facts += [semaphore.get_value(), semaphore.acquire(False), semaphore.acquire(False), semaphore.acquire(False)]
    return facts + [semaphore.release(), semaphore.get_value()]


def events():
    event = context.Event()
    facts = [event.is_set(), event.wait(0.01)]
    event.set()
    facts += [event.is_set(), event.wait(0.01)]
    event.clear()
    return facts + [event.is_set(), event.wait(0.01)]


def conditions():
    condition = context.Condition()
    facts = [attempt(condition.notify), attempt(condition.wait)]
    with condition:
        facts += [condition.wait(0.01), condition.wait_for(lambda: 0, 0.01), condition.wait_for(lambda: 7, 0.01)]
    return facts


def barriers():
    barrier = threading.Barrier(2)
    numbers = []
    other = threading.Thread(target=lambda: numbers.append(barrier.wait()))
    other.start()
    numbers.append(barrier.wait())
    other.join()
    facts = [sorted(numbers), barrier.broken, barrier.n_waiting, barrier.parties]
    facts += [attempt(lambda: barrier.wait(0.01)), barrier.broken, attempt(barrier.wait)]
    barrier.reset()
    facts += [barrier.broken]
    barrier.abort()
    return facts + [barrier.broken, attempt(barrier.wait)]


def queues():
    items = context.Queue(2)
    facts = [items.empty(), items.full(), attempt(items.get_nowait), attempt(lambda: items.get(timeout=0.01))]
    items.put(1)
    items.put([2])
    facts += [items.full(), attempt(lambda: items.put_nowait(3)), attempt(lambda: items.put(3, timeout=0.01))]
    facts += [items.qsize(), items.get(timeout=5), items.get(timeout=5), items.qsize()]
    producer = context.Process(target=put_all, args=(items, 5))
    producer.start()
    facts += [[items.get() for _ in range(5)]]
    producer.join()
    items.close()
    return facts + [attempt(lambda: items.put(1)), attempt(items.get)]


def managers():
    with context.Manager() as manager:
        numbers, names, space = manager.dict(a=1), manager.list([1, 2]), manager.Namespace()
        numbers["b"] = 2
        names.append(3)
        space.x = 5
        return [
            [list(item) for item in numbers.items()],
            numbers.setdefault("a", 9),
            numbers.pop("a"),
            "a" in numbers,
            len(numbers),
            names.pop(),
            names.pop(0),
            list(names),
            space.x,
            attempt(lambda: names.pop(5)),
        ]


if __name__ == "__main__":
    chapters = [processes, pools, values, locks, events, conditions, barriers, queues, managers]
    print(json.dumps({chapter.__name__: chapter() for chapter in chapters}))
