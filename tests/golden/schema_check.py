#!/usr/bin/python3
"""usage: schema_check.py FRACAS TREE

Holds every experiment of the tree against `fracas schema`, as an editor would: those that `fracas validate` takes must
pass, and of those it refuses some must be refused by the schema too, or it would take anything.
"""
import json
import pathlib
import subprocess
import sys
import tomllib

import jsonschema


def main() -> int:
    fracas, tree = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads(subprocess.run([fracas, "schema"], check=True, capture_output=True).stdout)
    validator = jsonschema.Draft7Validator(schema)
    validator.check_schema(schema)
    wrong = 0
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
