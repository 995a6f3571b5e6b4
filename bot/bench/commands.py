"""The benchmarks' part of the command line; like the rest, each command imports what it needs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from bot.commandline import refuse

bench = typer.Typer(no_args_is_help=True, help="Benchmarks, each beside comparable software.")


@bench.command()
def names(
    pad: Annotated[int, typer.Option(help="How many people, filled up with placeholders.")] = 9000,
    seed: Annotated[int, typer.Option(help="Seed of the placeholders and the queries.")] = 1,
    registry: Annotated[Path | None, typer.Option(help="CSV of people to find.")] = None,
    queries: Annotated[Path | None, typer.Option(help="TSV of qid, category, query, expected_ids.")] = None,
) -> None:
    """Find names beside SQLite FTS5 trigram and RapidFuzz WRatio, a line for each category."""
    from bot.bench import names as bench_names

    if not bench_names.run(pad, seed, registry, queries):
        raise typer.Exit(1)


@bench.command()
def questions() -> None:
    """Understand questions of batches left out, beside BM25 and character n-grams (under an hour)."""
    if importlib.util.find_spec("sklearn") is None:
        refuse("scikit-learn is not installed: make train")
    from bot.bench import questions as bench_questions

    bench_questions.run()


@bench.command()
def send(
    count: Annotated[int, typer.Option(help="Messages per round.")] = 2000,
    in_flight: Annotated[int, typer.Option(help="Requests at once.")] = 32,
    rounds: Annotated[int, typer.Option(help="Rounds; the median is printed.")] = 5,
) -> None:
    """Send through our transport, python-telegram-bot's, aiogram's and bare aiohttp."""
    from bot.bench import send as bench_send

    bench_send.run(count=count, in_flight=in_flight, rounds=rounds)


@bench.command()
def fanout(
    subscribers: Annotated[int, typer.Option(min=1, help="How many wait for the first message.")] = 100_000,
    people: Annotated[int, typer.Option(min=1, max=150, help="How many are released at once.")] = 130,
    singly: Annotated[bool, typer.Option("--singly", help="Publish each of them separately.")] = False,
    paced: Annotated[
        int, typer.Option(min=1, help="How many are told at 30 a second, on a virtual clock.")
    ] = 20_000,
    quick: Annotated[int, typer.Option(min=1, help="How many are told at the paid rate.")] = 10_000,
    in_flight: Annotated[int, typer.Option(min=1, help="Requests at once at the paid rate.")] = 50,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the median is printed.")] = 3,
) -> None:
    """Release many at once: the first message, the use of 30 a second, the paid rate beside aiohttp."""
    from bot.bench import fanout as bench_fanout

    bench_fanout.run(subscribers, people, paced, quick, in_flight, rounds, singly=singly)


@bench.command()
def lanes(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the median is printed.")] = 3,
) -> None:
    """Type during a fan-out and in floods, on a virtual clock, beside python-telegram-bot's limiter."""
    from bot.bench import lanes as bench_lanes

    bench_lanes.run(rounds)


@bench.command()
def intake(
    rate: Annotated[int, typer.Option(min=1, help="Updates a second.")] = 500,
    seconds: Annotated[int, typer.Option(min=1, help="For how long.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the median is printed.")] = 3,
    readers: Annotated[int, typer.Option(min=2, help="Chats, half of them followers.")] = 1000,
    people: Annotated[int, typer.Option(min=1, help="Placeholders in the registry.")] = 2000,
) -> None:
    """Bring updates to our webhook, on SQLite and PostgreSQL, and to python-telegram-bot's and aiogram's."""
    from bot.bench import intake as bench_intake

    bench_intake.run(rate, seconds, rounds, readers, people)


@bench.command()
def desk(
    count: Annotated[int, typer.Option(min=1, help="How many chats get one alert each.")] = 100_000,
    in_flight: Annotated[int, typer.Option(min=1, help="Requests at once.")] = 256,
    latency: Annotated[float, typer.Option(min=0, help="Seconds each takes, and up to twice that.")] = 0,
) -> None:
    """Send through our own Telegram, which keeps no history, and see what it can take."""
    from bot.bench import desk as bench_desk
    from bot.desk.weather import Latency

    bench_desk.run(count, in_flight, Latency(latency, latency) if latency else None)


@bench.command()
def vault(
    rows: Annotated[int, typer.Option(help="How many followers.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of the made-up followers.")] = 1,
) -> None:
    """Scan, merge and re-key sealed rows of a throw-away vault, beside rows under Fernet."""
    from bot.bench import vault as bench_vault

    bench_vault.run(rows, seed)


@bench.command()
def subscribers(
    count: Annotated[int, typer.Option(min=1, help="How many made-up subscribers.")],
    follow: Annotated[list[int], typer.Option(help="The number of a person to follow; repeat for more.")],
    first_chat: Annotated[int, typer.Option(help="The first one's chat; the next has the next number.")],
    into: Annotated[Path | None, typer.Option(help="A folder that is not there yet.")] = None,
) -> None:
    """Make a throw-away vault full of subscribers, and say where it is and how long it took."""
    from bot.bench import subscribers as bench_subscribers

    try:
        bench_subscribers.run(count, follow, first_chat, into)
    except FileExistsError:
        refuse("There is such a folder already: nothing was done.")
    except ValueError as error:
        refuse(f"Nothing was done: {error}.")
