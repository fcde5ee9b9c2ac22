"""The command under test of the self-test: python3 run.py SCENARIO FUNCTION
calls that function of SCENARIO.py."""
import importlib.util
import os
import sys

from client import Server

HERE = os.path.dirname(os.path.abspath(__file__))


def load(name):
    """The module of a scenario; names may hold hyphens."""
    path = os.path.join(HERE, "scenarios", name + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    getattr(load(sys.argv[1]), sys.argv[2])(Server())
