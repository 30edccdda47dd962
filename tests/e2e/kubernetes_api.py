#!/usr/bin/python3
"""As much of the Kubernetes API as a divided hunt asks of it; pods are processes of this machine.

usage: kubernetes_api.py FOLDER PROGRAM TOKEN

Writes its port to FOLDER/port. Objects that the real API would refuse are refused, as are requests without the token.
The first pod of completion index 1 vanishes after it ended, log and all, as with a node that is lost.
"""
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, PROGRAM, TOKEN = sys.argv[1:4]
NAME = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
CORE, BATCH = "/api/v1/namespaces/chaos", "/apis/batch/v1/namespaces/chaos"
lock = threading.Lock()
maps, jobs, pods, requests = {}, {}, {}, []


class Refused(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Refused(message)


def begin_pod(job, index, indexed):
    spec = job["spec"]["template"]["spec"]
    container = spec["containers"][0]
    volume = {v["name"]: v["configMap"]["name"] for v in spec["volumes"]}
    words = []
    for word in container["args"]:
        word = word.replace("$(JOB_COMPLETION_INDEX)", str(index)) if indexed else word
        for mount in container["volumeMounts"]:
            word = word.replace(mount["mountPath"] + "/", f"{FOLDER}/{volume[mount['name']]}-")
        words.append(word)
    name = f"{job['metadata']['name']}-{index}-x{len(pods)}"
    log = f"{FOLDER}/{name}.log"
    pods[name] = {"job": job["metadata"]["name"], "index": index, "indexed": indexed, "phase": "Running", "log": log}

    def run():
        with open(log, "w", encoding="utf-8") as out:
            code = subprocess.run([PROGRAM, *words], stdout=out, stderr=out, check=False).returncode
        with lock:
            pods[name]["phase"] = "Succeeded" if code == 0 else "Failed"
            if indexed and index == 1:
                pods[name]["gone"] = True

    threading.Thread(target=run, daemon=True).start()


def make_map(body):
    need(body["apiVersion"] == "v1" and body["kind"] == "ConfigMap", "no ConfigMap")
    name = body["metadata"]["name"]
    need(NAME.match(name) and len(name) < 254, "metadata.name")
    need(name not in maps, f'configmaps "{name}" already exists')
    maps[name] = body
    for key, text in body["data"].items():
        with open(f"{FOLDER}/{name}-{key}", "w", encoding="utf-8") as file:
            file.write(text)


def make_job(body):
    need(body["apiVersion"] == "batch/v1" and body["kind"] == "Job", "no Job")
    name, spec = body["metadata"]["name"], body["spec"]
    need(NAME.match(name) and len(name) < 64, "metadata.name")
    need(name not in jobs, f'jobs.batch "{name}" already exists')
    pod = spec["template"]["spec"]
    need(pod["restartPolicy"] in ("Never", "OnFailure"), "spec.template.spec.restartPolicy")
    need(all(c.get("name") and c.get("image") for c in pod["containers"]), "spec.template.spec.containers")
    volumes = {v["name"] for v in pod["volumes"]}
    need(all(m["name"] in volumes for c in pod["containers"] for m in c["volumeMounts"]), "volumeMounts[0].name")
    indexed = spec.get("completionMode") == "Indexed"
    need(not indexed or spec.get("completions", 0) > 0, "spec.completions")
    jobs[name] = body
    for index in range(spec.get("completions", 1)):
        begin_pod(body, index, indexed)


def job_status(name):
    own = [p for p in pods.values() if p["job"] == name]
    conditions = [] if any(p["phase"] == "Running" for p in own) else [{"type": "Complete", "status": "True"}]
    return {**jobs[name], "status": {"conditions": conditions}}


def pod_list(name):
    items = []
    for pod, about in pods.items():
        if about["job"] != name or about.get("gone"):
            continue
        notes = {"batch.kubernetes.io/job-completion-index": str(about["index"])} if about["indexed"] else {}
        items.append({"metadata": {"name": pod, "annotations": notes}, "status": {"phase": about["phase"]}})
    return {"kind": "PodList", "apiVersion": "v1", "items": items}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def refuse(self, status, message):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message})

    def do(self, act):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.refuse(401, "Unauthorized")
        with lock:
            requests.append(f"{self.command} {self.path}")
            with open(f"{FOLDER}/requests", "a", encoding="utf-8") as file:
                file.write(requests[-1] + "\n")
            try:
                return act(json.loads(body) if body else None)
            except KeyError as missing:
                return self.refuse(422, f"missing {missing}")
            except Refused as why:
                return self.refuse(422, str(why))

    def do_POST(self):
        def act(body):
            makers = {f"{CORE}/configmaps": make_map, f"{BATCH}/jobs": make_job}
            if self.path not in makers:
                return self.refuse(404, "the server could not find the requested resource")
            makers[self.path](body)
            return self.answer(201, body)

        self.do(act)

    def do_GET(self):
        def act(_):
            job = self.path.removeprefix(f"{BATCH}/jobs/")
            if job in jobs:
                return self.answer(200, job_status(job))
            if self.path.startswith(f"{CORE}/pods?labelSelector=job-name%3D"):
                return self.answer(200, pod_list(self.path.split("%3D")[1]))
            pod = self.path.removeprefix(f"{CORE}/pods/").removesuffix("/log?container=hunt")
            if pod in pods and not pods[pod].get("gone"):
                with open(pods[pod]["log"], encoding="utf-8") as log:
                    return self.answer(200, log.read())
            return self.refuse(404, "not found")

        self.do(act)

    def do_DELETE(self):
        def act(body):
            for kept, path in ((jobs, f"{BATCH}/jobs/"), (maps, f"{CORE}/configmaps/")):
                name = self.path.removeprefix(path)
                if name in kept:
                    need(kept is maps or body["propagationPolicy"] == "Background", "the pods would stay")
                    return self.answer(200, kept.pop(name))
            return self.refuse(404, "not found")

        self.do(act)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
with open(f"{FOLDER}/port.new", "w", encoding="utf-8") as port_file:
    port_file.write(str(server.server_port))
os.rename(f"{FOLDER}/port.new", f"{FOLDER}/port")
server.serve_forever()
