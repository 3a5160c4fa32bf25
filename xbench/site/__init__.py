"""The leaderboard site: a run store as a folder of static pages."""

from xbench.site.build import Request, build

__all__ = ["Request", "build"]
