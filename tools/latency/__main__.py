"""Run all measurements and print their tables: `python -m tools.latency [explorers] [saved] [lessons]`."""

import argparse

from tools.latency import explorers, lessons, saved

PARTS = {"explorers": explorers.measure, "saved": saved.measure, "lessons": lessons.measure}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.latency", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (all by default)")
    for part in parser.parse_args().parts or PARTS:
        print(PARTS[part](), flush=True)
