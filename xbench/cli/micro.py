"""`xbench micro`: the embedded backbones, from their recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The embedded micro backbones: build.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `build` a command of its own."""


@app.command("build")
def build(
    out: Annotated[Path, typer.Option(help="where to write the backbones")],
    steps: Annotated[int | None, typer.Option(help="pretraining steps; the recipe's own number by default")] = None,
    seed: Annotated[int, typer.Option(help="seed of corpus, weights and order")] = 0,
) -> int:
    """Makes both backbones anew: corpus, tokenizer, pretraining. Takes about an hour on two cores."""
    from xbench import micro

    micro.build(out, seed=seed, steps=steps)
    print(out)
    return 0
