#!/usr/bin/python3
"""usage: schema_check.py FRACAS TREE

Holds every experiment of the tree against `fracas schema`, as an editor would: those that `fracas validate` takes must
pass, and of those it refuses some must be refused by the schema too, or it would take anything. The same of plans of
game days and `fracas schema gameday`.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import jsonschema


# Plans that are wrong each in one way, and one in which all that is possible is right.
EXPERIMENT = '[[experiment]]\nfile = "raft/kill-leader.toml"\n'
WRONG_PLANS = [
    EXPERIMENT,
    'name = "a"\n',
    'name = "a b"\n' + EXPERIMENT,
    'name = "a"\nblind = "yes"\n' + EXPERIMENT,
    'name = "a"\nblnd = true\n' + EXPERIMENT,
    'name = "a"\n[schedule]\nmissed = "later"\n' + EXPERIMENT,
    'name = "a"\n[schedule]\ngrace = 90\n' + EXPERIMENT,
    'name = "a"\n[[window]]\nfrom = "25:00"\n' + EXPERIMENT,
    'name = "a"\n[approval]\ncount = 21\n' + EXPERIMENT,
    'name = "a"\n[approval]\nfrom = ["role:king"]\n' + EXPERIMENT,
    'name = "a"\n[[guard]]\nurl = "http://10.0.0.7/"\n' + EXPERIMENT,
    'name = "a"\n[[guard]]\nkind = "tcp"\naddress = "10.0.0.7:80"\nurl = "http://10.0.0.7/"\n' + EXPERIMENT,
    'name = "a"\n[[notify]]\nkind = "webhook"\nurl = "ftp://10.0.0.7/"\n' + EXPERIMENT,
    'name = "a"\n[[notify]]\nkind = "webhook"\nurl = "http://10.0.0.7/"\non = ["begun"]\n' + EXPERIMENT,
    'name = "a"\n[[experiment]]\nfile = "raft/kill-leader"\n',
]
WHOLE_PLAN = 'name = "a"\n[vars]\nport = 80\n[[guard]]\nkind = "tcp"\naddress = "10.0.0.7:${port}"\n' \
    '[[notify]]\nkind = "command"\ncommand = ["/bin/true"]\non = ["missed"]\n' + EXPERIMENT


def schema_of(fracas: str, *what: str) -> jsonschema.Draft7Validator:
    schema = json.loads(subprocess.run([fracas, "schema", *what], check=True, capture_output=True).stdout)
    validator = jsonschema.Draft7Validator(schema)
    validator.check_schema(schema)
    return validator


def takes(fracas: str, tree: pathlib.Path, plan: pathlib.Path) -> bool:
    words = [fracas, "gameday", "plan", plan, "--experiments", tree / "experiments"]
    return subprocess.run(words, capture_output=True).returncode == 0


# How often schema and program judge a plan otherwise than it is.
def misjudged_plans(fracas: str, tree: pathlib.Path) -> int:
    validator = schema_of(fracas, "gameday")
    plans = [(path.read_text(), True) for path in sorted(tree.glob("deploy/gamedays/*.toml"))] + [(WHOLE_PLAN, True)]
    plans += [(text, False) for text in WRONG_PLANS]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "plan.toml"
        for text, good in plans:
            file.write_text(text)
            for who, judged in (("schema", validator.is_valid(tomllib.loads(text))), ("program", takes(fracas, tree, file))):
                if judged != good:
                    print(f"the {who} {'takes' if judged else 'refuses'} this plan:\n{text}")
                    wrong += 1
    print(f"{len(plans)} plans of game days, {wrong} misjudged")
    return wrong


def main() -> int:
    fracas, tree = sys.argv[1], pathlib.Path(sys.argv[2])
    validator = schema_of(fracas)
    wrong = misjudged_plans(fracas, tree)
    good = sorted(tree.glob("experiments/**/*.toml")) + sorted(tree.glob("tests/golden/good-toml/*.toml"))
    for path in good:
        for error in validator.iter_errors(tomllib.loads(path.read_text())):
            deepest = jsonschema.exceptions.best_match([error])
            print(f"{path.relative_to(tree)}: {'.'.join(map(str, deepest.absolute_path))}: {deepest.message[:200]}")
            wrong += 1
    refused = 0
    for path in sorted(tree.glob("tests/golden/bad-toml/*.toml")):
        try:
            document = tomllib.loads(path.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        refused += not validator.is_valid(document)
    print(f"{len(good)} experiments, {wrong} refused; of the bad ones {refused} refused")
    return 1 if wrong or len(good) < 40 or refused < 40 else 0


sys.exit(main())
