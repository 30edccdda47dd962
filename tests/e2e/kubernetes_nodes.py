#!/usr/bin/python3
"""Pods of agents and nodes as the Kubernetes API lists them, two at a time, on 127.0.0.1:8001 as a `kubectl proxy`.

usage: kubernetes_nodes.py NODE=ADDRESS=ZONE…
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

NODES = [word.split("=") for word in sys.argv[1:]]
AGENTS = "app.kubernetes.io/name=fracas-agent"


def pod(node, address):
    ports = [{"name": "grpc", "containerPort": 7600, "hostPort": 7600}]
    return {
        "metadata": {"name": f"fracas-agent-{node}", "labels": {"app.kubernetes.io/name": "fracas-agent"}},
        "spec": {"nodeName": node, "containers": [{"name": "agent", "ports": ports}]},
        "status": {"phase": "Running", "podIP": address, "hostIP": address},
    }


def node_object(node, zone):
    labels = {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": node}
    return {"metadata": {"name": node, "labels": labels}}


LISTS = {
    "/api/v1/namespaces/fracas/pods": ("PodList", [pod(n, a) for n, a, _ in NODES]),
    "/api/v1/nodes": ("NodeList", [node_object(n, z) for n, _, z in NODES]),
}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        address = urlsplit(self.path)
        asked = parse_qs(address.query)
        wrong = address.path.endswith("/pods") and asked.get("labelSelector") != [AGENTS]
        if address.path not in LISTS or wrong:
            message = f'{address.path.split("/")[-1]} is forbidden'
            return self.answer(403, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message})
        kind, items = LISTS[address.path]
        begin = int(asked.get("continue", ["0"])[0])
        go_on = str(begin + 2) if begin + 2 < len(items) else ""
        return self.answer(200, {"kind": kind, "metadata": {"continue": go_on}, "items": items[begin : begin + 2]})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 8001), Api).serve_forever()
