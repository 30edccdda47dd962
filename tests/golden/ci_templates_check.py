#!/usr/bin/python3
"""usage: ci_templates_check.py FRACAS TREE

Plays the shell steps of deploy/ci as the CI systems would, on simulated experiments: once where all is well, then
against the baseline that run wrote, then with a bug planted.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import yaml

FRACAS, TREE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
GOOD = "kill-leader.toml"


def steps_of(name: str) -> tuple[list[str], dict[str, str]]:
    document = yaml.safe_load((TREE / "deploy/ci" / name).read_text())
    if name == "github.yml":
        return [s["run"] for s in document["jobs"]["gate"]["steps"] if "run" in s], document["env"]
    return ["\n".join(document["gate"]["script"])], document["gate"]["variables"]


def play(name: str, folder: pathlib.Path) -> int:
    steps, variables = steps_of(name)
    environment = {**os.environ, **variables, "WORLD": "sim", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
                   "PATH": f"{FRACAS.parent}:{os.environ['PATH']}"}
    code = 0
    for step in steps:  # those behind a failed one are the ones that are always played
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step], cwd=folder, env=environment,
                              capture_output=True, text=True)
        code = code or done.returncode
    return code


def expect(what: str, is_so: bool) -> None:
    if not is_so:
        sys.exit(f"{what}: not so")


for template in ("github.yml", "gitlab.yml"):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "experiments").mkdir()
        (folder / "experiments" / GOOD).write_text((TREE / "experiments/raft" / GOOD).read_text())
        expect(f"{template}: a good suite passes", play(template, folder) == 0)
        xml.etree.ElementTree.parse(folder / "gate.xml")
        expect("the table says so", "1 of 1 experiments passed" in (folder / "gate.md").read_text())
        (folder / "gate-measured.json").rename(folder / "gate-baseline.json")
        subprocess.run(["rm", "-r", folder / "gate-runs"], check=True)
        expect(f"{template}: the same is not worse than itself", play(template, folder) == 0)
        expect("and was compared", "none worse than the baseline" in (folder / "gate.md").read_text())
        subprocess.run(["rm", "-r", folder / "gate-runs"], check=True)
        canary = (TREE / "experiments/canary/stale-read.toml").read_text()
        canary = "\n".join(line for line in canary.split("\n") if not line.startswith("expect"))
        (folder / "experiments/bad.toml").write_text(canary)
        expect(f"{template}: a bug closes the gate", play(template, folder) == 1)
        sarif = json.loads((folder / "gate.sarif").read_text())
        expect("and is named", sarif["runs"][0]["results"][0]["ruleId"] == "violated")
        place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        expect("where it stands", place["artifactLocation"]["uri"] == "experiments/bad.toml"
               and place["region"]["startLine"] > 1)
print("both templates let good suites pass and stop bad ones")
