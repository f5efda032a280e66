"""``qa-audit train``: labelled files in, models out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from qa_audit import paths
from qa_audit.adapting import AdaptingJob, card_in, descends
from qa_audit.adapting import adapt_mood as adapt_mood_model
from qa_audit.config import Config
from qa_audit.contact.examples import has_labels
from qa_audit.contact.train import train_chat as train_chat_model
from qa_audit.errors import InputError
from qa_audit.rated import RatedSource, read_rated
from qa_audit.records import Problem
from qa_audit.replacing import replaced
from qa_audit.satisfaction.card import LABELS, SatisfactionCard
from qa_audit.satisfaction.examples import RatedChat
from qa_audit.satisfaction.predict import SatisfactionModel
from qa_audit.satisfaction.weights import write as write_satisfaction
from qa_audit.sentiment import weights
from qa_audit.sentiment.card import library_versions
from qa_audit.sentiment.examples import Example
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.train import Trained
from qa_audit.sentiment.train import train_mood as train_mood_model

Card = dict[str, object]


def train_all(  # noqa: PLR0913 - one parameter an option
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
    chat_cases: Path | None = None,
    even_if_worse: bool = False,
) -> list[Card]:
    """Trains the mood model and, where chats have labels of their own, the chat model; returns their cards."""
    cards = [
        train_mood(
            data=data,
            out=out,
            seed=seed,
            trained_on=trained_on,
            licences=licences,
            cases=cases,
            even_if_worse=even_if_worse,
        )
    ]
    if has_labels(data):
        cards.append(
            train_chat(
                data=data, out=out, seed=seed, trained_on=trained_on, licences=licences, cases=chat_cases
            )
        )
    return cards


def train_mood(
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
    even_if_worse: bool = False,
) -> Card:
    """Trains the mood model into ``out``; returns its card.

    Raises:
        InputError: the one that is there is better, or cannot be compared with; never if ``even_if_worse``.
    """

    def judge(trained: Trained, examples: Sequence[Example]) -> Mapping[str, object] | None:
        given = trained.out_of_fold.labels
        return replaced(trained.card, given, examples, data, folder=out, even_if_worse=even_if_worse)

    card = train_mood_model(
        data, out=out, seed=seed, trained_on=trained_on, licences=licences, cases=cases, judge=judge
    )
    return card.as_json()


def adapt_mood(
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    base: Path | None = None,
    even_if_worse: bool = False,
) -> Card:
    """Adapts the mood model in ``base`` to labelled turns; writes it into ``out`` and returns its card.

    Without ``base`` it is the one in ``out``; where there is none, or it was itself adapted from the one shipped, that one:
    labels are gathered and learned from anew, all of them.

    Raises:
        InputError: too few labels, or the adapted one is not better; never the latter if ``even_if_worse``.
    """
    if base is None:
        base, there = paths.shipped("models"), card_in(out)
        if there is not None and not descends(there, weights.read(base)[1]):
            base = out
    job = AdaptingJob(data, base, out, seed, trained_on, licences, even_if_worse)
    return adapt_mood_model(job).as_json()


def train_chat(
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
) -> Card:
    """Trains the chat model into ``out``; returns its card.

    Chats whose moods nobody labelled get those of the mood model in ``out``, else of the one shipped.
    """
    beside = out if (out / weights.CARD_FILE).exists() else paths.shipped("models")
    card = train_chat_model(
        data,
        out=out,
        seed=seed,
        trained_on=trained_on,
        moods=MoodModel.load(beside),
        licences=licences,
        cases=cases,
    )
    return card.as_json()


@dataclass(frozen=True, slots=True)
class SatisfactionJob:
    """How a satisfaction model is to be trained: the rated chats, in how many classes, and what it is measured on."""

    data: Sequence[Path]
    out: Path
    seed: int
    trained_on: date
    licences: Mapping[str, str]
    source: RatedSource = field(default_factory=RatedSource)
    classes: int = 3
    test: Sequence[Path] = ()
    plot: bool = True
    config: Config = field(default_factory=Config)


def train_satisfaction(job: SatisfactionJob) -> tuple[Card, tuple[Problem, ...]]:
    """Trains the satisfaction model into ``job.out``; returns its card, and what could not be read.

    The calibration plot lies beside it as ``satisfaction.png``. Raises InputError.
    """
    from qa_audit.satisfaction.plot import check_plotting, plot_calibration
    from qa_audit.satisfaction.train import FOLDS, measure, train, usable

    if job.plot:
        check_plotting()
    rated = read_rated(job.data, job.source, job.config, job.licences)
    tested = read_rated(job.test, job.source, job.config, job.licences) if job.test else None
    if tested is not None and tested.spelling != rated.spelling:
        raise InputError("DATA and --test are of different kinds, word ids and transcripts; give both alike")
    unseen = () if tested is None else _unseen(tested.chats, usable(rated.chats, job.classes))
    trained = train(rated.chats, classes=job.classes, spelling=rated.spelling, seed=job.seed)
    test = measure(SatisfactionModel(trained.weights, ""), unseen, seed=job.seed) if unseen else None
    card = SatisfactionCard(
        trained_on=job.trained_on,
        seed=job.seed,
        folds=FOLDS,
        settings=trained.settings,
        data=rated.files,
        chats=len(usable(rated.chats, job.classes)),
        left_out=len(rated.chats) - len(usable(rated.chats, job.classes)),
        classes=trained.counts,
        labels=LABELS[job.classes],
        turn_labels=trained.turn_labels,
        measured=trained.measured,
        calibration=trained.calibration,
        libraries=library_versions(),
        test_data=() if tested is None else tested.files,
        test_left_out=0 if tested is None else len(tested.chats) - len(unseen),
        test=test,
    ).as_json()
    write_satisfaction(trained.weights, card, job.out)
    if job.plot:
        plot_calibration(trained.calibration, job.out / "satisfaction.png", title="Calibration")
    return card, rated.problems


def _unseen(tested: Sequence[RatedChat], learned: Sequence[RatedChat]) -> tuple[RatedChat, ...]:
    """The chats to be measured on of which neither the chat nor its customer was learned from.

    Raises:
        InputError: there are none.
    """
    groups = {chat.group for chat in learned}
    # one file may name the customer of a chat and another not; an id of a dialogue is no more than its file and line
    ids = {chat.id for chat in learned if not chat.group.startswith("dialogue ")}
    unseen = tuple(chat for chat in tested if chat.group not in groups and chat.id not in ids)
    if not unseen:
        raise InputError(
            f"--test: all {len(tested)} chats, or others of their customers, are also in DATA; give chats of other "
            "customers, or leave --test out: cross-validation measures, too"
        )
    return unseen


def measure_satisfaction(
    model: Path, data: Sequence[Path], source: RatedSource, config: Config, *, seed: int
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """What a satisfaction model says of chats: its figures where they are rated (else None), and a row a chat."""
    from qa_audit.satisfaction.train import measure, usable

    own = SatisfactionModel.load(model)
    rated = read_rated(data, source, config, {})
    if rated.spelling != own.speller.spelling:
        raise InputError(f"{model}: was trained on {own.speller.spelling}, these chats are {rated.spelling}")
    said = own.probabilities([chat.chat for chat in rated.chats])
    rows: list[dict[str, object]] = [
        {
            "id": chat.id,
            "rating": chat.rating,
            "given": answer,
            "probabilities": {name: round(p, 6) for name, p in zip(own.classes, row, strict=True)},
        }
        for chat, answer, row in zip(rated.chats, own.answers(said), said.tolist(), strict=True)
    ]
    known = usable(rated.chats, len(own.classes))
    found = measure(own, known, seed=seed) if known else None
    figures = {"chats": len(rows), "rated": len(known)} | ({} if found is None else found.short)
    return figures | {"measured": None if found is None else asdict(found)}, rows
