"""Sites that the tests look at, built once, and the browser that looks."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.site.stores import EVIL, fill
from tests.site.varied import fill_varied
from xbench.analysis import load_results
from xbench.site import Request, build

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample results of four systems on two tasks in five languages, with texts that mean harm."""
    return fill(tmp_path_factory.mktemp("store"), evil=True)


@pytest.fixture(scope="session")
def site(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of `store`."""
    out = tmp_path_factory.mktemp("built") / "site"
    build(load_results(store), Request(out))
    return out


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of results on real data beside results on sample data."""
    path = tmp_path_factory.mktemp("mixed")
    model = "FacebookAI/xlm-roberta-base"
    fill(path, ("xnli",), seeds=(1, 2), languages=("en", "de", "es"), data="hub", profile="paper", model=model)
    fill(path, ("xnli",), seeds=(1, 2), languages=("en", "de", "es"))
    build(load_results(path), Request(path.parent / "real-site"))
    return path.parent / "real-site"


@pytest.fixture(scope="session")
def varied_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample results of several kinds, backbones, train sizes and settings, with adapted models and harmful names."""
    return fill_varied(tmp_path_factory.mktemp("varied") / "runs")


@pytest.fixture(scope="session")
def varied_site(varied_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of `varied_store`, whose title means harm too."""
    out = tmp_path_factory.mktemp("varied-built") / "site"
    build(load_results(varied_store), Request(out, title=f"Ours {EVIL['script']} \u202e", deep=6))
    return out


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site as `xbench leaderboard serve` serves it."""
    from xbench.site.serve import make_server

    with make_server(site, port=0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window; skips, saying why, where there is none."""
    sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"there is no browser here: none of {', '.join(BROWSERS)} is on the PATH")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()
