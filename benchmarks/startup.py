"""Start-up time of the command line, warm: median and range of several runs of each command in a new process.

python benchmarks/startup.py [--repetitions 9]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

# Command -> the most seconds it should take on a quiet machine; `python -c pass` is what the interpreter itself takes.
COMMANDS: dict[tuple[str, ...], float | None] = {
    ("-c", "pass"): None,
    ("-m", "xbench", "--help"): 0.2,
    ("-m", "xbench", "tasks", "list"): 0.4,
    ("-m", "xbench", "methods", "list"): 0.4,
    ("-m", "xbench", "results"): None,
}


def seconds(command: tuple[str, ...]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measures every command in turns and prints the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=9)
    repetitions = parser.parse_args().repetitions
    for command in COMMANDS:
        seconds(command)  # the first run fills the file cache
    times: dict[tuple[str, ...], list[float]] = {command: [] for command in COMMANDS}
    for _ in range(repetitions):
        for command in COMMANDS:
            times[command].append(seconds(command))
    for command, values in times.items():
        aim = COMMANDS[command]
        goal = "" if aim is None else f"   aim: under {aim} s"
        text = f"{statistics.median(values):.3f} s ({min(values):.3f} to {max(values):.3f})"
        print(f"python {' '.join(command):<24} {text}{goal}")


if __name__ == "__main__":
    main()
