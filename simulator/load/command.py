"""`./sms load`: the command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from simulator.engines.program import CannotStartError
from simulator.load.outcome import Exit
from simulator.load.own_demo import DemoOptions
from simulator.load.plan import MIXES, QUOTA_PER_MINUTE
from simulator.load.remote import Refused, Unreachable
from simulator.load.request import DEFAULT_DURATION, DEFAULT_RATE, BadRequest, Request
from simulator.load.scenario import bundled, listed
from simulator.load.scenario_file import BadScenario
from simulator.load.search import LostSimulator
from simulator.load.target import NoTarget
from simulator.load.work import DEFAULT_OBJECTIVE, HIGHEST_RATE, Job, Work

EPILOG: Final = """\
\b
Exit codes:
  0  passed
  1  a threshold was crossed, an expectation was not met, a reply was wrong or missing; --find-max: no rate keeps the objective
  2  wrong usage, or no demo that can be reached, or the demo refuses the load
  3  void: the simulator itself lagged or was lost, or somebody else ended the load, and the figures say nothing
  130  interrupted, and nothing was wrong until then

\b
Thresholds, SUBJECT OPERATOR NUMBER[UNIT]:
  p50 … p99.9, mean, max     latency of the whole reply; acknowledged.p99, first.p99: of another metric
  missing wrong twice busy   verdicts, as a count or in % of the inquiries; wrong>0 and missing>0 stand unless you say otherwise
  rate                       whole replies a second, or in % of the intended rate;   lag: the simulator's own

\b
Examples:
  ./sms load                                         100 a second for 30 s, against the running demo or one of its own
  ./sms load --rate 1000 --duration 2m --html report.html
  ./sms load --rate 500 --fail-if 'p99>500ms' --fail-if 'busy>0.1%' --json result.json
  ./sms load --ramp 100..3000 --duration 5m          until something gives way
  ./sms load --spike 200,2000 --mix hostile
  ./sms load --daily 800 --duration 10m              a country's day in ten minutes
  ./sms load --concurrency 50 --mix keyword=90,typed=10
  ./sms load --find-max --objective 'p99<500ms' --duration 20s --html found.html
  ./sms load --scenario                              the scenarios that there are
  ./sms load --scenario register-outage --html report.html
  ./sms load --smsc-url http://127.0.0.1:8080 --mix plain --replies any      an ESME of your own, bound to ./sms smsc
  ./sms load --gateways 2 --smscs 2 --rate 1000      with a demo of two gateways and two SMSCs for the run
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}, epilog=EPILOG)
@click.option(
    "--rate", metavar="R", help=f"Open loop: R inquiries a second. This, with {DEFAULT_RATE}, unless another is given."
)
@click.option("--ramp", metavar="A..B", help="Open loop: from A to B a second, evenly.")
@click.option("--steps", metavar="A,B,…", help="Open loop: A, then B …, each as long as the others.")
@click.option("--spike", metavar="BASE,PEAK", help="Open loop: BASE, a fifth of the time PEAK, BASE again.")
@click.option(
    "--daily", metavar="R", help="Open loop: a country's day squeezed into the duration, R in its busiest hour."
)
@click.option(
    "--concurrency", type=click.IntRange(1), metavar="C", help="Closed loop: C inquiries are always unanswered."
)
@click.option("--duration", default=DEFAULT_DURATION, show_default=True, help="Of sending, the warm-up included.")
@click.option("--warmup", help="Counts in the verdict only.  [default: a sixth of the duration, at most 5s]")
@click.option("--drain", help="How long the last replies are waited for.  [default: 130s]")
@click.option(
    "--mix", default="typical", show_default=True, metavar="NAME|KIND=WEIGHT,…",
    help=f"What is sent: {', '.join(MIXES)}, or weights.",
)  # fmt: skip
@click.option(
    "--quota", type=click.IntRange(0), default=QUOTA_PER_MINUTE, show_default=True,
    help="Inquiries a minute that the gateway takes of a sender; senders keep it. 0: it has none.",
)  # fmt: skip
@click.option(
    "--replies", type=click.Choice(["right", "any"]), default="right", show_default=True,
    help="What is owed: the right reply of the synthetic population; or, of an ESME that does not know it, any one.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed, other messages.")
@click.option(
    "--fail-if", multiple=True, metavar="EXPR", help="Fail when this holds: 'p99>500ms'. As many as you like."
)
@click.option(
    "--find-max", is_flag=True, help="Search the highest rate that keeps the objective; --rate is where it begins."
)
@click.option(
    "--objective", multiple=True, metavar="EXPR",
    help=f"What a trial of --find-max must keep. As many as you like.  [default: {DEFAULT_OBJECTIVE}]",
)  # fmt: skip
@click.option(
    "--highest", type=click.FloatRange(1), metavar="R",
    help=f"--find-max goes no higher.  [default: {HIGHEST_RATE:,.0f}]",
)  # fmt: skip
@click.option(
    "--scenario", is_flag=False, flag_value="", metavar="FILE|NAME",
    help="Carry out a scenario: a load, what is done to the service meanwhile, what is expected. Alone it lists those that there are.",
)  # fmt: skip
@click.option(
    "--json", is_flag=False, flag_value="-", metavar="FILE|-", help="Write the result as JSON; alone or - to standard output."
)  # fmt: skip
@click.option("--html", metavar="FILE", help="Write the result as a page with charts, in one file.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(".demo"), show_default=True,
    help="The running demo's. With none running one is started for the run: here if it is given, else in a temporary folder.",
)  # fmt: skip
@click.option(
    "--smsc-url", multiple=True, metavar="URL",
    help="Phone page of a simulated SMSC (./sms smsc) to whose ESME the load goes, instead of a demo. May be given again.",
)  # fmt: skip
@click.option(
    "--citizens", type=click.IntRange(1), help="Of a demo that is started.  [default: as many as the rate needs]"
)
@click.option("--smscs", type=click.IntRange(1), help="Of a demo that is started.")
@click.option("--gateways", type=click.IntRange(1), help="Of a demo that is started.")
@click.option("--binds", type=click.IntRange(1), help="Of a demo that is started: of each gateway to each SMSC.")
@click.option("--window", type=click.IntRange(1), help="Of a demo that is started: of each bind.")
@click.pass_context
def load(context: click.Context, /, **options: Any) -> None:
    """Load the service with citizens' messages, judge every reply, and tell how long each took.

    Latencies begin when a message was meant to be sent, so that a service that stops is charged for what it delays.
    """
    if options["scenario"] == "":
        click.echo(listed(bundled()))
        return
    request = {name: options.pop(name) for name in Request.__struct_fields__}
    demo = {name: options.pop(name) for name in DemoOptions.__struct_fields__}
    given = context.get_parameter_source("folder") is not click.core.ParameterSource.DEFAULT
    job = Job(request=Request(**request), demo=DemoOptions(**demo), folder_given=given, **options)
    try:
        for option, name in (("--json", job.json), ("--html", job.html)):
            _check_writable(option, name)
        code = asyncio.run(Work(job).run())
    except BadRequest as error:
        raise click.UsageError(str(error)) from None
    except (BadScenario, CannotStartError, LostSimulator, NoTarget, Unreachable, Refused) as error:
        click.echo(f"load: {error}", err=True)
        context.exit(Exit.USAGE)
    except asyncio.CancelledError:
        click.echo("load: interrupted before anything was sent", err=True)
        context.exit(Exit.INTERRUPTED)
    context.exit(code)


def _check_writable(option: str, name: str | None) -> None:
    """Before the run: afterwards is too late.

    Raises:
        BadRequest: see there.
    """
    if name in (None, "-"):
        return
    path = Path(str(name))
    try:
        existed = path.exists()
        with path.open("ab"):
            pass
        if not existed and not path.is_symlink():
            path.unlink()
    except OSError as error:
        raise BadRequest(f"{option}: {path} cannot be written: {error.strerror}") from None
