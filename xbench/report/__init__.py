"""Reports: result tables for people, and the same numbers for programs."""

from xbench.report.formats import FORMATS, write_results
from xbench.report.result_table import ResultTable, result_tables
from xbench.report.terminal import print_result_table

__all__ = ["FORMATS", "ResultTable", "print_result_table", "result_tables", "write_results"]
