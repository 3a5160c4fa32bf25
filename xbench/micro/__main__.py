"""Makes the micro backbones: `python -m xbench.micro --out DIR [--only NAME] [--steps N]`."""

import argparse
from pathlib import Path

from xbench.micro import NAMES, build

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="xbench.micro", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder that the backbones' folders go into")
    parser.add_argument("--only", choices=NAMES, help="make one of them")
    parser.add_argument("--steps", type=int, help="steps of pretraining, if not the recipe's own")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for folder in build(arguments.out, steps=arguments.steps, seed=arguments.seed, only=arguments.only):
        print(folder)
