#!/usr/bin/python3
"""A Maelstrom node program: broadcast, g-set and, with --counter, g-counter and pn-counter, all by gossip.

What a node knows only grows: a set of elements, and for every node the sums it added and took away. A node tells the
others at once what is new, and everything again twice a second, so that what a partition swallowed arrives after it.
"""
import json
import sys
import threading
import time

lock = threading.Lock()
me, others = None, []
elements = set()
sums = {}  # node -> [added, taken away], both only grow


def send(to, body):
    print(json.dumps({"src": me, "dest": to, "body": body}), flush=True)


def tell(nodes):
    body = {"type": "gossip", "elements": sorted(elements), "sums": sums}
    for node in nodes:
        send(node, body)


def merge(body):
    elements.update(body["elements"])
    for node, (added, taken) in body["sums"].items():
        known = sums.setdefault(node, [0, 0])
        known[0], known[1] = max(known[0], added), max(known[1], taken)


def answer(body):
    global me, others
    kind = body["type"]
    if kind == "init":
        me = body["node_id"]
        others = [node for node in body["node_ids"] if node != me]
        sums[me] = [0, 0]
        return {}
    if kind == "topology":
        return {}
    if kind in ("broadcast", "add"):
        if "delta" in body:
            sums[me][0 if body["delta"] >= 0 else 1] += abs(body["delta"])
        else:
            elements.add(body["message"] if kind == "broadcast" else body["element"])
        tell(others)
        return {}
    if kind == "read":
        total = sum(added - taken for added, taken in sums.values())
        return {"messages": sorted(elements), "value": total if "--counter" in sys.argv else sorted(elements)}
    return None


def again_and_again():
    while True:
        time.sleep(0.5)
        with lock:
            if me:
                tell(others)


threading.Thread(target=again_and_again, daemon=True).start()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    with lock:
        if body["type"] == "gossip":
            merge(body)
            continue
        reply = answer(body)
        if reply is None:
            reply = {"type": "error", "code": 10, "text": body["type"] + " is not supported"}
        send(message["src"], {"type": body["type"] + "_ok", **reply, "in_reply_to": body["msg_id"]})
