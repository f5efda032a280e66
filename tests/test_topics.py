"""What a chat was about, how it ended, how its customer felt: trained on talks written here, exported, applied."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_standard import chat, rule_text, write_standard

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.contact import pipeline, train, weights
from qa_audit.contact.calibrate import fit_calibration
from qa_audit.contact.conversation import chat_text
from qa_audit.contact.examples import ChatExample, chat_examples, has_labels, read_labelled
from qa_audit.contact.features import NO_MOOD, ChatText, Lexicon, SideTable, early, late
from qa_audit.contact.predict import BATCH, ChatModel, probabilities_of
from qa_audit.contact.weights import CLASSES
from qa_audit.contact.words import LONGEST, TOPIC_WORDS
from qa_audit.errors import InputError, InvalidStandard, QaAuditError
from qa_audit.evaluation import read_all
from qa_audit.paths import shipped
from qa_audit.records import TOPICS, Contact, RoundMood, Verdict
from qa_audit.rulebook import load_standard
from qa_audit.segment import Segmenter, segment
from qa_audit.sentiment.predict import MoodModel
from qa_audit.training import train_all

UPSET, GLAD = (0.9, 0.1, 0.0), (0.0, 0.2, 0.8)
ASKED = {
    "物流配送": ("快递到哪里了", "今天能送到吗", "怎么还没派送"),
    "发票": ("发票怎么开", "电子发票发我邮箱", "抬头写错了能换吗"),
    "退款": ("退款什么时候到账", "钱退到哪张卡", "退款还没到账"),
}
ENDED = {
    "yes": (("谢谢,解决了",), ("已经为您处理好了",), GLAD),
    "partly": (("好吧,我等等",), ("会尽快给您反馈",), NO_MOOD),
    "no": (("怎么就是不行,急死人", "算了不要了"), ("抱歉,这边无法处理",), UPSET),
}
FELT = {"yes": ("none", "positive"), "partly": ("none", "neutral"), "no": ("angry", "negative")}


def examples() -> list[ChatExample]:
    found = []
    for topic, questions in ASKED.items():
        for i, question in enumerate(questions):
            for ending, (said, answer, mood) in ENDED.items():
                for j, more in enumerate(("", "呀")):
                    emotion, end_mood = FELT[ending]
                    labels = {"topic": topic, "resolved": ending, "emotion": emotion, "end_mood": end_mood}
                    labels |= {"dissatisfied": "yes" if ending == "no" else "no"}
                    text = ChatText(
                        (question + more, *said),
                        ("您好,请讲", *answer),
                        (NO_MOOD, *(mood for _ in said)),
                        customer_spoke_last=bool(j),
                    )
                    found.append(ChatExample(f"{topic}{i}{ending}{j}", text, labels))
    written = ChatText(("等了三天还没送到,气死了",), (), (UPSET,))
    return [
        *found,
        *(
            ChatExample(f"s:{n}", written, {"topic": "物流配送", "emotion": "angry"}, written=True)
            for n in range(7)
        ),
    ]


EXAMPLES = examples()
KNOWN = "".join(sorted({c for e in EXAMPLES for text in (*e.text.customer, *e.text.agent) for c in text}))
WORDS = st.text(st.one_of(st.sampled_from(KNOWN), st.characters()), max_size=30)
MOOD = st.sampled_from([UPSET, GLAD, NO_MOOD])


@st.composite
def chat_texts(draw: st.DrawFn) -> ChatText:
    customer = draw(st.lists(WORDS, max_size=4))
    return ChatText(
        tuple(customer),
        tuple(draw(st.lists(WORDS, max_size=4))),
        tuple(draw(MOOD) for _ in customer),
        customer_spoke_last=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def trained() -> train.Trained:
    return train.train(EXAMPLES, seed=3, trained_on=date(2025, 1, 2))


@pytest.fixture(scope="module")
def directory(trained: train.Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train.save(trained, folder)
    return folder


@pytest.fixture(scope="module")
def model(directory: Path) -> ChatModel:
    return ChatModel.load(directory)


def test_what_was_trained_on_is_told_apart(model: ChatModel) -> None:
    chats = [example for example in EXAMPLES if not example.written]
    given = model.contacts([example.text for example in chats])
    assert [(c.topic, c.outcome, c.emotion, c.end_mood) for c in given] == [
        tuple(example.labels[question] for question in CLASSES) for example in chats
    ]


def test_new_wording_of_a_topic_is_known_by_its_words(model: ChatModel) -> None:
    texts = [("税号填错了,重开一张",), ("包裹卡在站点没人送",)]
    chats = [ChatText(text, ("您好",), (NO_MOOD,)) for text in texts]
    assert [contact.topic for contact in model.contacts(chats)] == ["发票", "物流配送"]


@settings(deadline=None)
@given(chats=st.lists(chat_texts(), min_size=1, max_size=4))
def test_scores_are_those_of_scikit_learn(chats: list[ChatText], model: ChatModel) -> None:
    sides = pipeline.sides_of([example.text for example in EXAMPLES])
    seen = pipeline.seen_by(sides, [example.text for example in EXAMPLES])
    question = "resolved"
    setting = pipeline.QUESTIONS[question]
    head = pipeline.fit(question, EXAMPLES, seen, seed=3)
    matrix = pipeline.matrix_of(pipeline.seen_by(sides, chats).features, setting, sides)
    whole = np.concatenate([head.parts[part] / scale for part, scale in setting.parts.items()], axis=1)
    expected = matrix @ whole.T + head.intercept
    np.testing.assert_allclose(model.scores(chats)[question], expected, rtol=0, atol=1e-5)


@settings(deadline=None)
@given(chats=st.lists(chat_texts(), min_size=2, max_size=6))
def test_a_chat_is_judged_the_same_bit_by_bit_whatever_stands_beside_it(
    chats: list[ChatText], model: ChatModel
) -> None:
    together = model.scores(chats)
    for question in CLASSES:
        alone = np.concatenate([model.scores([one])[question] for one in chats])
        assert together[question].tobytes() == alone.tobytes()
        assert together[question].tobytes() == model.scores(chats[::-1])[question][::-1].tobytes()


def test_more_chats_than_one_batch_keep_their_order(model: ChatModel) -> None:
    chats = [EXAMPLES[i % 5].text for i in range(BATCH + 2)]
    assert model.contacts(chats) == model.contacts(chats[:5]) * 102 + model.contacts(chats[:4])


def test_no_chats_at_all(model: ChatModel) -> None:
    assert model.contacts([]) == []


def test_nobody_can_say_how_a_chat_ended_in_which_one_side_wrote_nothing(model: ChatModel) -> None:
    chats = [ChatText(("在吗",), (), (NO_MOOD,)), ChatText((), ("您好",), ()), ChatText((), (), ())]
    assert [contact.outcome for contact in model.contacts(chats)] == ["unknown"] * 3


def test_rounds_weigh_by_their_place() -> None:
    lengths = np.array([3, 0, 2])
    np.testing.assert_allclose(early(lengths), [1, 2**-0.7, 3**-0.7, 1, 2**-0.7])
    np.testing.assert_array_equal(late(lengths), [0.25, 0.5, 1, 0.5, 1])


def test_a_word_counts_for_each_of_its_groups() -> None:
    table = SideTable(["退", "款"], np.ones(2), Lexicon(("退款", "退款", "退"), (0, 1, 2)))
    found = table.find(["退款退", "没有"], np.array([0, 1]))
    assert found.groups.tolist() == [[1, 1, 2], [0, 0, 0]]
    block = found.block(np.ones(2), chats=2)
    assert (block.rows.tolist(), block.columns.tolist()) == ([0, 0], [0, 1])
    np.testing.assert_allclose(block.values, np.log([3, 2]) / np.hypot(*np.log([3, 2])))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"end_mood": "negative", "resolved": "yes"}, "yes"),
        ({"end_mood": "positive", "resolved": "no"}, "yes"),
        ({"resolved": "no"}, "yes"),
        ({"end_mood": "neutral", "resolved": "partly"}, "no"),
        ({"end_mood": "positive"}, None),
        ({"resolved": "yes"}, None),
    ],
    ids=str,
)
def test_who_was_dissatisfied_follows_from_how_the_chat_ended(
    answers: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    write_lines(tmp_path / "chats.jsonl", {"id": "C", "turns": [{"role": "customer", "text": "在吗"}]})
    write_lines(tmp_path / "labels.jsonl", {"id": "C", **answers})
    (example,) = chat_examples(read_labelled([tmp_path], {}), {}, MoodModel.load(shipped("models")))
    assert example.labels.get("dissatisfied") == expected


def test_too_few_dissatisfied_customers_teach_nothing() -> None:
    calm = [
        replace(example, labels=dict(example.labels) | {"dissatisfied": "yes" if place < 4 else "no"})
        for place, example in enumerate(EXAMPLES)
        if not example.written
    ]
    assert "dissatisfied" not in train.cross_validate(calm, seed=1)


@settings(deadline=None)
@given(chats=st.lists(chat_texts(), min_size=1, max_size=4))
def test_probabilities_are_probabilities_and_made_of_their_factors(
    chats: list[ChatText], model: ChatModel
) -> None:
    for chat_, contact in zip(chats, model.contacts(chats), strict=True):
        assert sum(contact.emotions) == pytest.approx(1.0)
        known = bool(chat_.customer and chat_.agent)
        assert (contact.dissatisfied is not None) == known
        assert (contact.unresolved is not None) == known
        if contact.dissatisfied is not None:
            assert 0 <= contact.dissatisfied.probability <= 1
            assert {factor.name for factor in contact.dissatisfied.factors} <= {
                "mood", "customer_words", "agent_words",
            }  # fmt: skip


def test_a_customer_who_ends_upset_is_likelier_dissatisfied(model: ChatModel) -> None:
    def ended(ending: str) -> float:
        said, answer, mood = ENDED[ending]
        chat_ = ChatText(("发票怎么开", *said), ("您好", *answer), (NO_MOOD, *(mood for _ in said)))
        (contact,) = model.contacts([chat_])
        assert contact.dissatisfied is not None
        return contact.dissatisfied.probability

    assert ended("yes") < 0.2
    assert ended("no") > 0.8


def test_the_rounds_that_carry_an_emotion(model: ChatModel) -> None:
    calm, angry = (
        ChatText(("在吗",), (), (NO_MOOD,)),
        ChatText(("发票怎么开", "怎么就是不行,急死人", "好吧,我等等"), ("您好",), (NO_MOOD, UPSET, NO_MOOD)),
    )
    readings = model.readings([calm, angry, calm])
    assert [reading.emotion_rounds for reading in readings] == [(), (1,), ()]


def test_a_model_of_before_gives_no_probabilities(trained: train.Trained, tmp_path: Path) -> None:
    weights.write(replace(trained.weights, calibrations={}), {}, tmp_path)
    (contact,) = ChatModel.load(tmp_path).contacts([EXAMPLES[0].text])
    assert contact.topic
    assert (contact.emotions, contact.unresolved, contact.dissatisfied) == ((), None, None)


def test_calibration_makes_shares_of_scores() -> None:
    """Scores that are too sure, of answers as frequent as 3 to 1, become what happened."""
    truth = np.array([0, 0, 0, 1] * 50)
    scores = np.tile([[4.0, 0.0]], (200, 1)) * np.array([1.0, 0.0])
    calibration = fit_calibration(scores, truth)
    np.testing.assert_allclose(probabilities_of(scores[:1], calibration), [[0.75, 0.25]], atol=1e-3)


def test_words_of_topics() -> None:
    assert tuple(TOPIC_WORDS) == TOPICS
    words = [word for group in TOPIC_WORDS.values() for word in group]
    assert max(map(len, words)) <= LONGEST + 1
    assert all(len(set(group)) == len(group) for group in TOPIC_WORDS.values())


def test_the_same_seed_gives_the_same_bytes(trained: train.Trained, directory: Path, tmp_path: Path) -> None:
    train.save(train.train(EXAMPLES, seed=3, trained_on=date(2025, 1, 2)), tmp_path)
    for name in ("chat.npz", "chat.json"):
        assert (tmp_path / name).read_bytes() == (directory / name).read_bytes()
    assert trained.card.seed == 3


def test_the_card_says_what_the_model_is(trained: train.Trained, directory: Path) -> None:
    card = json.loads((directory / "chat.json").read_text(encoding="utf-8"))
    assert card["trained_on"] == "2025-01-02"
    assert card["classes"]["resolved"]["chats"] == {"yes": 18, "partly": 18, "no": 18}
    assert card["classes"]["topic"]["written"]["物流配送"] == 7
    assert card["measured"]["topic"]["chats"]["accuracy"]["n"] == 54
    assert card["measured"]["resolved"]["written"] is None
    assert "language model" in card["labels"]
    assert card["settings"]["all"] == pipeline.SETTINGS
    probabilities = card["measured"]["dissatisfied"]["probabilities"]
    assert probabilities["n"] == 54
    assert probabilities["auc"]["yes"] > 0.9
    assert probabilities["log_loss"] < probabilities["log_loss_of_shares"]
    assert card["measured"]["topic"]["probabilities"] is None
    assert trained.card.measured["topic"].chats.accuracy.value > 0.9


def test_a_chat_is_judged_by_models_that_never_saw_it() -> None:
    """A topic that only one chat's own words could teach is not known in cross-validation."""
    odd = replace(
        EXAMPLES[0], id="odd", text=ChatText(("魑魅魍魉",), (), (NO_MOOD,)), labels={"topic": "退款"}
    )
    given = train.cross_validate([*EXAMPLES, odd], seed=1)
    again = train.cross_validate([*EXAMPLES, odd], seed=1)
    for question, own in given.items():
        assert own.answers == again[question].answers
        assert own.scores.tobytes() == again[question].scores.tobytes()
    right = sum(a == e.labels["topic"] for a, e in zip(given["topic"].answers, EXAMPLES, strict=False))
    assert right > 0.9 * len(EXAMPLES)


def test_an_answer_nobody_gave_is_never_given(model: ChatModel) -> None:
    scores = model.scores([EXAMPLES[0].text])["topic"][0]
    assert scores[TOPICS.index("支付")] < -1e8


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        (
            ["发票"] * 9 + ["退款"] * 4,
            '4 chats have the topic "退款"; give at least 5, or leave that label out',
        ),
        (["发票"] * 9, "all chats have the same topic; give chats with others, or leave the label out"),
    ],
)
def test_too_few_chats_are_refused(labels: list[str], fault: str) -> None:
    few = [replace(EXAMPLES[0], id=str(n), labels={"topic": topic}) for n, topic in enumerate(labels)]
    with pytest.raises(InputError) as raised:
        train.cross_validate(few, seed=1)
    assert str(raised.value) == fault


# ------------------------------------------------------------------------------------------------ files


def write_lines(file: Path, *lines: object) -> Path:
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def files(folder: Path) -> Path:
    """Chats with labels of moods and of the whole, and sentences."""
    folder.mkdir(exist_ok=True)
    chats, labels = [], []
    for example in EXAMPLES:
        if example.written:
            continue
        turns = [
            {"role": "customer", "text": example.text.customer[0]},
            {"role": "agent", "text": "您好,请讲"},
        ]
        turns += [{"role": "customer", "text": "\n".join(example.text.customer[1:])}]
        turns += [{"role": "agent", "text": example.text.agent[1]}]
        chats.append({"id": example.id, "turns": turns})
        labels.append(
            {"id": example.id, "moods": {"0": "neutral", "2": example.labels["end_mood"]}}
            | dict(example.labels)
        )
    write_lines(folder / "chats.jsonl", *chats)
    write_lines(
        folder / "labels.jsonl", *labels, {"id": chats[0]["id"], "topic": "其他", "resolved": "unknown"}
    )
    rows = [f"n\tangry\t物流配送\t等了{n}天还没送到" for n in range(6)]
    rows += [f"0\tnone\t发票\t发票抬头{n}" for n in range(6)] + [
        f"p\tnone\t其他\t谢谢你{n}" for n in range(6)
    ]
    (folder / "sentences.tsv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_labels_and_sentences_are_read(tmp_path: Path) -> None:
    folder = files(tmp_path / "data")
    labelled = read_labelled([folder], {"chats.jsonl": "ours"})
    assert [(file.name, file.kind, file.licence) for file in labelled.files] == [
        ("chats.jsonl", "chats", "ours"),
        ("labels.jsonl", "labels", "not stated"),
        ("sentences.tsv", "sentences", "not stated"),
    ]
    first = EXAMPLES[0]
    # the first label counts; nobody labels who was dissatisfied
    assert {**labelled.labels[first.id], "dissatisfied": "no"} == first.labels
    found = chat_examples(labelled, {(first.id, 2): GLAD}, MoodModel.load(shipped("models")))
    assert found[0].text == ChatText(
        first.text.customer, ("您好,请讲", "已经为您处理好了"), (NO_MOOD, GLAD), customer_spoke_last=False
    )
    assert found[-1] == ChatExample(
        "sentences.tsv:18",
        ChatText(("谢谢你5",), (), (NO_MOOD,)),
        {"topic": "其他", "emotion": "none"},
        written=True,
    )
    unlabelled = found[1]  # no mood of it is known: the model's
    assert unlabelled.text.moods[0] != NO_MOOD


def test_everything_is_trained_that_has_labels(tmp_path: Path) -> None:
    folder, out = files(tmp_path / "data"), tmp_path / "models"
    given: dict[str, Any] = {
        "out": out,
        "seed": 2,
        "trained_on": date(2025, 1, 2),
        "licences": {"chats.jsonl": "ours"},
    }
    cards = train_all(data=[folder], cases=tmp_path / "m.jsonl", chat_cases=tmp_path / "c.jsonl", **given)
    assert [card["licence"] for card in cards[1]["data"]] == ["ours", "not stated", "not stated"]  # type: ignore[union-attr]
    assert sorted(file.name for file in out.iterdir()) == ["chat.json", "chat.npz", "mood.json", "mood.npz"]
    cases = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert cases[0].keys() == {"id", "question", "expected", "got"}
    assert cases[1].keys() == {"id", "question", "expected", "got", "probabilities"}
    assert cases[1]["probabilities"].keys() == {"yes", "partly", "no"}
    assert len(cases) == 5 * 54
    assert sum(case["expected"] == case["got"] for case in cases) > 250
    assert len((tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()) == 108
    assert has_labels([folder])
    write_lines(folder / "labels.jsonl", {"id": EXAMPLES[0].id, "moods": {"0": "neutral"}})
    assert not has_labels([folder])


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        (
            {"id": "nobody", "topic": "发票"},
            "labels of chat nobody, which is in no file of chats; give its file too",
        ),
        (
            {"id": "物流配送0yes0", "topic": "天气"},
            '物流配送0yes0: topic cannot be "天气"; one of 物流配送, ',
        ),
    ],
)
def test_labels_that_cannot_be_used(label: dict[str, str], fault: str, tmp_path: Path) -> None:
    folder = files(tmp_path / "data")
    write_lines(folder / "labels.jsonl", label)
    with pytest.raises(InputError) as raised:
        read_labelled([folder], {})
    assert fault in str(raised.value)


def test_no_label_of_a_whole_chat_is_an_error(tmp_path: Path) -> None:
    folder = files(tmp_path / "data")
    (folder / "labels.jsonl").unlink()
    with pytest.raises(InputError, match="has a topic, resolved, emotion or end_mood; give labels"):
        read_labelled([folder], {})


# ------------------------------------------------------------------------------------------------ faults


def test_a_folder_without_a_chat_model(tmp_path: Path) -> None:
    assert ChatModel.find(tmp_path) is None


def test_a_damaged_model_is_named(directory: Path, tmp_path: Path) -> None:
    for name in ("chat.npz", "chat.json"):
        (tmp_path / name).write_bytes((directory / name).read_bytes()[: -50 if name == "chat.npz" else None])
    with pytest.raises(QaAuditError, match=r"damaged, or not the weights that chat\.json describes"):
        ChatModel.find(tmp_path)


def test_arrays_that_do_not_fit_together_are_refused(trained: train.Trained, tmp_path: Path) -> None:
    intercepts = dict(trained.weights.intercepts) | {"topic": np.zeros(3)}
    weights.write(replace(trained.weights, intercepts=intercepts), {}, tmp_path)
    with pytest.raises(QaAuditError, match=r"topic has \(3,\) intercepts, not 11"):
        ChatModel.load(tmp_path)


def test_a_calibration_of_another_question_is_refused(trained: train.Trained, tmp_path: Path) -> None:
    calibrations = dict(trained.weights.calibrations) | {"emotion": np.ones(3)}
    weights.write(replace(trained.weights, calibrations=calibrations), {}, tmp_path)
    with pytest.raises(QaAuditError, match=r"emotion has \(3,\) numbers of calibration, not 5"):
        ChatModel.load(tmp_path)


def test_a_night_does_not_import_scikit_learn(directory: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from qa_audit.contact.predict import ChatModel\n"
        "from qa_audit.contact.features import ChatText\n"
        "ChatModel.load(Path(sys.argv[1])).contacts([ChatText(('谢谢',), ('好',), ((0, 1, 0),))])\n"
        "assert not {'sklearn', 'scipy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script, str(directory)], check=True)


# ------------------------------------------------------------------------------------------------ shipped model


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor.open(Config())


TALKS = {
    "物流配送": "客：请问我的快递今天能派送到吗\n服：您好，我帮您催一下配送站点，今天会送到\n客：好的谢谢\n服：不客气，再见",
    "发票": "客：电子发票能换开成纸质专票吗，税号要改\n服：您好，请提供抬头和税号，我为您申请换开\n客：好的，谢谢\n服：感谢您的支持",
    "账户会员": "客：我的账号登录不上去，密码也忘了\n服：您好，可以用绑定的手机号找回密码\n客：可以了谢谢\n服：不客气，祝您愉快",
    "安装维修": "客：空调到了，安装师傅什么时候上门装\n服：您好，已为您预约安装，师傅会联系您\n客：好的\n服：再见",
}


def cards(auditor: Auditor, talks: list[str], folder: Path) -> list[Contact]:
    path = folder / "chats.jsonl"
    path.write_text("".join(chat(f"T{n}", talk) for n, talk in enumerate(talks)), encoding="utf-8")
    found = sorted(
        auditor.audit(list(read_all(path, Config()))).scorecards, key=lambda card: card.transcript.id
    )
    return [Contact(card.topic, card.outcome, card.emotion, card.end_mood) for card in found]


def test_the_shipped_model_knows_plain_chats(auditor: Auditor, tmp_path: Path) -> None:
    found = cards(auditor, list(TALKS.values()), tmp_path)
    assert [contact.topic for contact in found] == list(TALKS)
    assert {contact.outcome for contact in found} <= {"yes", "partly"}
    assert {contact.emotion for contact in found} == {"none"}


def test_the_shipped_model_knows_an_angry_customer(auditor: Auditor, tmp_path: Path) -> None:
    talk = "客：你们就是骗子，等了十天还不发货，气死我了\n服：抱歉，这边无法查询\n客：垃圾，我要投诉你们\n服：再见"
    (contact,) = cards(auditor, [talk], tmp_path)
    assert (contact.emotion, contact.end_mood) == ("angry", "negative")
    assert contact.outcome != "yes"


def test_figures_on_the_shipped_card() -> None:
    card = json.loads((shipped("models") / "chat.json").read_text(encoding="utf-8"))
    measured = card["measured"]
    assert measured["topic"]["chats"]["accuracy"]["value"] >= 0.80
    assert measured["topic"]["chats"]["accuracy"]["n"] > 800
    assert set(measured) == {"topic", "resolved", "emotion", "end_mood", "dissatisfied"}
    for question, least in (("emotion", 0.75), ("dissatisfied", 0.82), ("end_mood", 0.9)):
        probabilities = measured[question]["probabilities"]
        assert min(probabilities["auc"].values()) >= least
        assert max(probabilities["calibration_error"].values()) <= 0.05
        assert probabilities["log_loss"] < probabilities["log_loss_of_shares"]
    assert "language model" in card["labels"]
    assert sum(file.stat().st_size for file in shipped("models").iterdir()) < 3_000_000


def test_what_is_said_of_a_night_is_what_is_said_of_a_chat(tmp_path: Path) -> None:
    """A conversation reaches the model as a training chat does: bots and notices left out, masks and width folded."""
    path = tmp_path / "chats.jsonl"
    path.write_text(chat("T", TALKS["发票"]), encoding="utf-8")
    (transcript,) = read_all(path, Config())
    conversation = segment(transcript, Segmenter())
    moods = {0: RoundMood(0, "neutral", NO_MOOD), 2: RoundMood(2, "positive", GLAD)}
    text = chat_text(conversation, moods)
    assert text.customer == ("电子发票能换开成纸质专票吗,税号要改", "好的,谢谢")
    assert text.moods == (NO_MOOD, GLAD)
    assert not text.customer_spoke_last


# ------------------------------------------------------------------------------------------------ applies_when: topic


def topic_rule(topic: str) -> str:
    return rule_text(applies_when=f"{{topic: {topic}}}")


def test_a_rule_can_be_about_a_topic(tmp_path: Path) -> None:
    folder = write_standard(tmp_path / "standard", {"ATT-03": topic_rule("[物流配送, 退款]")})
    auditor = Auditor.open(Config(), standard=folder)
    path = tmp_path / "chats.jsonl"
    path.write_text(chat("A", TALKS["物流配送"]) + chat("B", TALKS["发票"]), encoding="utf-8")
    views = auditor.judge.views(sorted(read_all(path, Config()), key=lambda t: t.id))
    results = [view.results["ATT-03"] for (view,) in views]
    assert [result.verdict for result in results] == [Verdict.PASS, Verdict.NOT_APPLICABLE]
    assert results[1].note == "不符合：会话主题为物流配送、退款"


def test_a_topic_that_nobody_knows_is_missing_data(tmp_path: Path) -> None:
    folder = write_standard(tmp_path / "standard", {"ATT-03": topic_rule("发票")})
    auditor = replace(Auditor.open(Config(), standard=folder), chat_model=None)
    path = tmp_path / "chats.jsonl"
    path.write_text(chat("A", TALKS["发票"]), encoding="utf-8")
    ((view,),) = auditor.judge.views(list(read_all(path, Config())))
    assert view.results["ATT-03"].verdict is Verdict.UNDECIDABLE
    assert view.results["ATT-03"].note == "数据不足：会话主题为发票"
    assert auditor.model_hash == auditor.model.hash


def test_a_topic_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = write_standard(tmp_path / "standard", {"ATT-03": topic_rule("物流")})
    with pytest.raises(InvalidStandard, match='topic cannot be "物流"'):
        load_standard(folder)
