"""Micro backbones: embedded models of a few layers, for demonstrations and tests.

`path` gives the folder of one, for `from_pretrained`; `build` makes them anew.
"""

from pathlib import Path

NAMES = ("micro-xlmr", "micro-mt5")
_FOLDER = Path(__file__).parent / "backbones"


def path(name: str) -> Path:
    """Folder of a micro backbone, in transformers' layout; ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no micro backbone {name!r}; there are {', '.join(NAMES)}")
    return _FOLDER / name


def unseen() -> frozenset[str]:
    """Languages of the sample data that are left out of the pretraining text."""
    from xbench.grammar import UNSEEN

    return UNSEEN


def build(out: Path, *, steps: int | None = None, seed: int = 0, only: str | None = None) -> list[Path]:
    """Makes the micro backbones in folders of `out`, or the one that `only` names.

    Without `steps` it takes the recipe's own number: ten to thirty minutes
    each on two cores. Returns the folders; ValueError for an unknown name.
    """
    # Training needs torch and transformers; asking for a path does not.
    from xbench.micro.recipe import build_all

    return build_all(out, steps, seed, only)


__all__ = ["NAMES", "build", "path", "unseen"]
