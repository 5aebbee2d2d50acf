"""The first process of a Python cell: runs a trial as ../cell/host.ts does, timed here, and prints the outcome.

Usage: python3 -B main.py SPEC, where SPEC is the JSON of ../cell/spec.ts and its driver the name of a module in ends/.
"""

import importlib
import json
import multiprocessing
import sys
import traceback

import partner
import trials


def run_cell(spec):
    driver = importlib.import_module("ends." + spec["driver"])
    transport = driver.open_transport()
    near, far = multiprocessing.Pipe()
    child = multiprocessing.Process(target=partner.serve, args=(spec, far, transport), daemon=True)
    child.start()
    far.close()
    mate = partner.Partner(near, spec["stallMs"] / 1000)
    measurement = trials.run(spec, driver.Host(transport), mate)
    mate.finish()
    child.join()
    if child.exitcode != 0:
        raise RuntimeError("the second process ended with %s" % child.exitcode)
    return measurement


def main():
    try:
        outcome = {"ok": True, "measurement": run_cell(json.loads(sys.argv[1]))}
    except Exception:
        outcome = {"ok": False, "error": traceback.format_exc()}
    print(json.dumps(outcome), flush=True)
    sys.exit(0 if outcome["ok"] else 1)


if __name__ == "__main__":
    main()
