"""`xbench leaderboard serve`: this machine alone, files alone."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from xbench.cli import _run
from xbench.errors import RequestError
from xbench.site.serve import make_server


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_files_are_served_and_folders_not_listed(address: str) -> None:
    assert status(f"{address}/") == 200 and status(f"{address}/about.html") == 200
    assert status(f"{address}/assets/") == 404
    assert status(f"{address}/../../etc/passwd") == 404


def test_it_listens_on_loopback_unless_told(site: Path) -> None:
    with make_server(site, port=0) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_it_listens_on_ipv6_where_asked(site: Path) -> None:
    try:
        server = make_server(site, host="::1", port=0)
    except RequestError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with server:
        assert server.server_address[0] == "::1"


def test_no_site_and_a_taken_port_are_said(
    site: Path, tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["leaderboard", "serve", "--out", str(tmp_path)]) == 2
    assert "xbench leaderboard build" in capsys.readouterr().err
    with pytest.raises(RequestError, match="--port"):
        make_server(site, port=int(address.rpartition(":")[2]))
