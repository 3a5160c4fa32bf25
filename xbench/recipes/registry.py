"""Which recipes there are, by their file names, and reading one of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from xbench.errors import RequestError, nearest

if TYPE_CHECKING:
    from xbench.recipes.spec import RecipeSpec

_DESCRIPTION = re.compile(r"^description:[ \t]*(.+)$", re.MULTILINE)


def recipe_paths() -> dict[str, Path]:
    """Recipe name -> YAML file, sorted by name."""
    return {path.stem: path for path in sorted((Path(__file__).parent / "tables").glob("*.yaml"))}


def describe_recipes() -> dict[str, str]:
    """Recipe name -> its one-line description, read from the file's text."""
    found = {}
    for name, path in recipe_paths().items():
        match = _DESCRIPTION.search(path.read_text(encoding="utf-8"))
        found[name] = match[1].strip().strip("\"'") if match else ""
    return found


def load_recipe(name: str) -> RecipeSpec:
    """The recipe of a name, or of a path to a YAML file.

    Raises:
        RequestError: there is none of that name.
        SpecError: the file is wrong.
    """
    paths = recipe_paths()
    given = Path(name)
    if given.suffix in (".yaml", ".yml") and given.is_file():
        return _read(given)
    if name not in paths:
        raise RequestError(f"There is no recipe '{name}'.{nearest(name, paths)} `xbench reproduce list` shows all.")
    return _read(paths[name])


def _read(path: Path) -> RecipeSpec:
    from pydantic import ValidationError

    from xbench.recipes.spec import RecipeSpec
    from xbench.spec.strict import spec_error
    from xbench.spec.yaml import read_yaml

    document = read_yaml(path)
    try:
        return RecipeSpec.model_validate(document.data)
    except ValidationError as error:
        raise spec_error(document, error) from None
