# Prints every 10 ms how far time.time has moved from time.monotonic since the start, in ms: as the first thread reads
# them, and as another one does. With an argument it also runs that program, with the argument 1, over and over.
import subprocess
import sys
import threading
import time


def apart():
    return (time.time() - time.monotonic()) * 1e3


def read_too():
    global other
    while True:
        other = apart() - start
        time.sleep(0.005)


def run():
    while True:
        subprocess.run([sys.argv[1], "1"])


start = apart()
other = 0
threading.Thread(target=read_too, daemon=True).start()
if len(sys.argv) > 1:
    threading.Thread(target=run, daemon=True).start()
while True:
    print("%.1f %.1f" % (apart() - start, other), flush=True)
    time.sleep(0.01)
