"""The command line. Nothing heavy is imported before the command that needs it."""

from __future__ import annotations

import sys

import typer

from xbench.cli import leaderboard, methods, micro, published, results, runs, tasks
from xbench.cli.bias import bias
from xbench.cli.compare import compare
from xbench.cli.diagnose import diagnose
from xbench.cli.eval import evaluate_command
from xbench.cli.export import export_command
from xbench.cli.import_ import import_command
from xbench.cli.represent import represent
from xbench.cli.reproduce import reproduce
from xbench.cli.transfer import transfer_command
from xbench.errors import XbenchError

INTERRUPTED = 130
"""The exit code of a command that was interrupted."""

app = typer.Typer(
    help="Measures how well prompt-based tuning carries across languages.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("eval")(evaluate_command)
app.command("results")(results.results)
app.command("score")(results.score)
app.command("compare")(compare)
app.command("import")(import_command)
app.command("diagnose")(diagnose)
app.command("bias")(bias)
app.command("export")(export_command)
app.command("represent")(represent)
app.command("reproduce")(reproduce)
app.command("transfer")(transfer_command)
app.add_typer(tasks.app, name="tasks")
app.add_typer(methods.app, name="methods")
app.add_typer(runs.app, name="runs")
app.add_typer(micro.app, name="micro")
app.add_typer(published.app, name="published")
app.add_typer(leaderboard.app, name="leaderboard")


def main() -> None:
    """Runs a command and ends with its exit code: 0 done, 1 a part failed, 2 the request is wrong, 130 interrupted."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, standalone_mode=False)
    except XbenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        return 0
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return int(getattr(error, "exit_code", 2))
    if code == INTERRUPTED:  # also what typer makes of an interrupt
        print("Interrupted; what was finished is kept.", file=sys.stderr)
    return code if isinstance(code, int) else 0
