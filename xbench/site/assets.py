"""Styles and scripts of the site; DataTables comes from the installed `itables` package when a site is built."""

from __future__ import annotations

import re
from importlib.resources import files

from xbench.errors import RequestError
from xbench.site.writing import Writer

EXPORT = re.compile(r"export\s*\{([^{}]*)\}\s*;?")


def write_assets(writer: Writer) -> None:
    """Writes `assets/`: our own files as they are, and DataTables as a script that pages from disk may load."""
    ours = files("xbench.leaderboard")
    for folder in ("styles", "scripts"):
        for file in sorted((ours / folder).iterdir(), key=lambda entry: entry.name):
            if file.name.endswith((".css", ".js")):
                writer.file(f"assets/{file.name}", file.read_bytes())
    writer.file("assets/datatables.js", datatables())


def datatables() -> str:
    """The DataTables bundle of `itables` as a classic script with one global name, `DataTable`.

    The package ships it as a module, and browsers load no module from disk. Raises RequestError where the package is
    not there, or its bundle no longer exports one default.
    """
    try:
        bundle = files("itables").joinpath("html", "dt_bundle.js").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        raise RequestError("the site needs the package itables, for DataTables: `pip install itables`.") from None
    exports = EXPORT.findall(bundle)
    default = re.search(r"([\w$]+)\s+as\s+default", exports[-1]) if exports else None
    if default is None:
        raise RequestError("the bundle of the installed itables exports nothing that is known here; try itables 2.9.")
    script = EXPORT.sub(lambda match: "" if match[1] != exports[-1] else f"window.DataTable={default[1]};", bundle)
    return f"(()=>{{\n{script}\n}})();\n"
