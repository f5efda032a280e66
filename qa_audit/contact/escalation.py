"""How likely a matter goes further: to a complaint, an authority, the press, a court, or to another company.

A logistic score over what can be seen of the chat. Nothing in the data says which customers went further, so the
weights below are set by hand, from what each sign means, and none of them is learned; what they were checked against
stands in the docs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_audit.contact.conversation import round_words, words_of
from qa_audit.contact.predict import strongest
from qa_audit.course import course_of, value
from qa_audit.records import EMOTIONS, Contact, Estimate, Evidence, Factor, RoundMood
from qa_audit.segment import Conversation

BASE = -4.5  # log-odds of a chat that shows nothing: one in a hundred
# log-odds that a sign adds; those of moods and of models are multiplied with their probability
WEIGHTS: Mapping[str, float] = {
    "authority": 5.0,  # names an authority, a court, the police, the press: as good as on the way
    "complaint": 4.0,  # says that they will complain, or tell everybody
    "supervisor": 2.0,  # wants somebody else to decide
    "leaving": 2.5,  # means to go, times P(negative) of the round that says so
    "repeated": 1.0,  # is not here for the first time
    "angry": 2.0,  # times P(angry)
    "worst_mood": 1.0,  # times P(negative) of the worst round
    "end_mood": 2.0,  # times P(negative) - P(positive) of the last round
    "worse": 0.5,  # left in a worse mood than they came in
    "unresolved": 1.5,  # times P(not resolved)
    "wait": 0.5,  # had to wait longer than LONG_WAIT_S
}
LONG_WAIT_S = 300.0
MOST_TOLD = 3  # places shown for one sign

AUTHORITY = re.compile(
    r"(?<!\d)1\d{4}(?!\d)|315|消协|消保|消委|消费者协会|工商|市监|市场监|监管|工信|通管|通信管理|银保监|银监|民航局|交通局|教育局|"
    r"卫健委|住建|信访|市长|政府|法院|法庭|起诉|诉讼|律师|仲裁|法律|报警|报案|警察|派出所|公安|110|"
    r"记者|媒体|电视台|报社|新闻|热搜|曝光|微博|抖音|小红书|快手|黑猫|聚投诉"
)
_NEED = r"(?:叫|让|找|喊|换|转|请|要求|要|给我|联系|接)[^,，。！？!?\n]{0,6}"
_HEAD = r"(?:领导|主管|(?<!客户)(?<!大堂)(?<!产品)经理|负责人|值班长|班长|组长|老总|总监|上级|能做主的|做得了主的|说了算的|管事的)"
_NO_MORE = r"(?:再也|以后|今后|下次|绝对?|永远)(?:都|再)?不(?:会|想|敢)?(?:再)?[^,，。！？!?\n]{0,6}(?:买|来|用|坐|订|住|找你|光顾|续|选)"
SAID: Mapping[str, re.Pattern[str]] = {
    "supervisor": re.compile(
        rf"{_NEED}{_HEAD}|(?:你们?|您)的?{_HEAD}[^,，。！？!?\n]{{0,4}}(?:呢|电话|出来|是谁|在哪)"
    ),
    "leaving": re.compile(
        r"销户|销号|转网|退网|拆机|退会|卸载|取关|拉黑|注销(?:掉|了|吧)|退(?:租|保|卡|学|订)(?:了|吧|算了)|"
        r"换(?:一?家|个?别家|别的|个?平台|个?银行|个?公司|个?运营商)|(?:去|转|搬|存|改)(?:到|用)?(?:别家|别的|其他家|对家|隔壁)|"
        r"不(?:会)?(?:再)?续(?:费|保|约|租)?了|不用你们|不在你们|"
        rf"{_NO_MORE}"
    ),
    "repeated": re.compile(
        r"第(?:[二三四五六七八九十几n\d]|好几|多少)(?:次|遍|回|趟)|"
        r"(?:打|问|催|找|说|跑|来|报|反映|反馈|投诉|联系|报修|重复|修|换|加急|备注|等)(?:了|过)(?:你们|您|你)?(?:有|都|快|起码|至少|不下)?"
        r"(?:[两二三四五六七八九十几\d]|好几|好多|多少|无数|八百)(?:十|百)?(?:来|多)?(?:次|遍|回|趟|个电话|通电话|通)|"
        r"(?:每次|次次|每回|回回|天天)(?:都(?:要|得|让|是?这样|打|来|问|说|催)|打|来|问|说|催)|(?:又|还)(?:要|得|让|叫)我(?:从头|重新|再|自己)|"
        r"(?:上次|昨天|前天|上周|上回|前两天)(?:你们?|您|他们)?(?:也|就|都|不是)*(?:说|答应|承诺|打过|问过|找过|反映|反馈|投诉|报修)|一推再推|踢皮球|推来推去|转来转去"
    ),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What can be seen of a chat: its words, the moods of the customer's rounds in order, what models say of it.

    ``announced`` are the words by which the customer says that they will go further, as the standard finds them;
    ``longest_wait_s`` is None where the record has no times.
    """

    conversation: Conversation
    moods: Sequence[RoundMood]
    contact: Contact
    announced: Sequence[Evidence] = ()
    longest_wait_s: float | None = None


def escalation_of(signs: Signs) -> Estimate | None:
    """The probability with what it is made of; None for a customer who said nothing."""
    if not signs.moods:
        return None
    factors = (*_of_words(signs), *_of_moods(signs), *_of_the_rest(signs))
    log_odds = BASE + sum(factor.log_odds for factor in factors)
    return Estimate(1.0 / (1.0 + math.exp(-log_odds)), strongest(factors))


def _of_words(signs: Signs) -> Iterator[Factor]:
    graver = [words for words in signs.announced if AUTHORITY.search(words.text)]
    for name, words in (("authority", graver), ("complaint", () if graver else signs.announced)):
        if words:
            yield Factor(name, WEIGHTS[name], tuple(words)[:MOST_TOLD])
    negative = {mood.message: mood.probabilities[0] for mood in signs.moods}
    for name, pattern in SAID.items():
        found = list(_found(signs.conversation, pattern))
        if found:
            # how an account is closed may be asked calmly
            share = max(negative.get(first, 0.0) for first, _ in found) if name == "leaving" else 1.0
            yield Factor(name, WEIGHTS[name] * share, tuple(words for _, words in found)[:MOST_TOLD])


def _found(conversation: Conversation, pattern: re.Pattern[str]) -> Iterator[tuple[int, Evidence]]:
    """The customer's words, each with the first message of their round."""
    for round_ in conversation.rounds:
        if round_.role == "customer":
            for message in round_.messages:
                for hit in pattern.finditer(conversation.text(message)):
                    yield round_.messages[0], words_of(conversation, message, hit.span())


def _of_moods(signs: Signs) -> Iterator[Factor]:
    course = course_of(signs.moods)
    assert course is not None, "only asked where there are moods"
    for name, mood, share in (
        ("worst_mood", course.worst, course.worst.probabilities[0]),
        ("end_mood", course.end, -value(course.end)),
    ):
        yield Factor(name, WEIGHTS[name] * share, round_words(signs.conversation, mood.message))
    if course.change == "worse":
        yield Factor("worse", WEIGHTS["worse"])


def _of_the_rest(signs: Signs) -> Iterator[Factor]:
    contact = signs.contact
    if contact.emotions:
        shown = contact.emotion_evidence if contact.emotion == "angry" else ()
        yield Factor("angry", WEIGHTS["angry"] * contact.emotions[EMOTIONS.index("angry")], shown)
    if contact.unresolved is not None:
        yield Factor("unresolved", WEIGHTS["unresolved"] * contact.unresolved)
    if signs.longest_wait_s is not None and signs.longest_wait_s > LONG_WAIT_S:
        yield Factor("wait", WEIGHTS["wait"])
