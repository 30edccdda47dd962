# As clock_judge.c, in three threads: time.time is judged by time.monotonic. A reading during which the thread lost its
# processor for long cannot be judged and does not count.
import threading
import time

SHIFTS = (60.0, -90.0)


def apart(longest):
    while True:
        before = time.monotonic()
        wall = time.time()
        after = time.monotonic()
        if after - before <= longest:
            return wall - before


def spin(counts):
    last = 0.0
    while True:
        moved = apart(0.001) - base
        now = time.monotonic()
        counts[0] += 1
        if abs(moved) >= 0.005:
            counts[1 if any(abs(moved - shift) < 0.005 for shift in SHIFTS) else 2] += 1
        counts[3] += now < last
        last = now


base = apart(0.0001)
every = [[0, 0, 0, 0] for _ in range(3)]
for one in every:
    threading.Thread(target=spin, args=(one,), daemon=True).start()
seen = [0, 0, 0, 0]
while True:
    time.sleep(0.02)
    sums = [sum(column) for column in zip(*every)]
    print(*(now - before for now, before in zip(sums, seen)), flush=True)
    seen = sums
