# Prints every 10 ms how far time.time has moved from time.monotonic since the start, in ms.
import time

start = time.time() - time.monotonic()
while True:
    print("%.1f" % ((time.time() - time.monotonic() - start) * 1e3), flush=True)
    time.sleep(0.01)
