"""``repeat``, ``echo`` and ``state``: texts compared with earlier ones, with the customer's, with the policy."""

from __future__ import annotations

import pytest
from talks import decide, words

from qa_audit.check.values import said_again
from qa_audit.records import Evidence, Excused, RuleResult, Verdict

PASS, FAIL = Verdict.PASS, Verdict.FAIL


def failed(*evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", FAIL, evidence=evidence)


def passed(*evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", PASS, evidence=evidence)


def not_applicable(note: str) -> RuleResult:
    return RuleResult("TST-01", Verdict.NOT_APPLICABLE, note=note)


# --- repeat ------------------------------------------------------------------------------------------------------

STIFF = """
    check: repeat
    similar: {threshold: 0.9, times: 3, min_characters: 8}
    except: [lexicon:hold_request, 正在为您查询]
"""
AGAIN = """
    check: repeat
    where: {side: customer}
    similar: {threshold: 0.8, times: 2, look_back: 2, min_characters: 4}
    look_for: [我说过了, 问过一遍]
    unless: [negated]
"""
REPLY = "我们会尽快为您处理这个问题"


@pytest.mark.parametrize(
    ("keys", "said", "result"),
    [
        (STIFF, f"客服：{REPLY}\n客户：a\n客服：{REPLY}", passed()),
        (
            STIFF,
            f"客服：{REPLY}\n客户：a\n客服：{REPLY}~\n客户：b\n客服：您好，{REPLY}！",
            failed(Evidence(4, 3, 16, REPLY)),
        ),
        # in one round it is said once
        (STIFF, f"客服：{REPLY}\n客服：{REPLY}\n客服：{REPLY}", passed()),
        # too short, too different, excepted
        (STIFF, "客服：好的马上\n客户：a\n客服：好的马上\n客户：b\n客服：好的马上", passed()),
        (
            STIFF,
            f"客服：{REPLY}\n客户：a\n客服：{REPLY}\n客户：b\n客服：仓库会尽快安排那件商品发出",
            passed(),
        ),
        (
            STIFF,
            "客服：还请您稍等正在为您查询\n客户：a\n客服：还请您稍等正在为您查询\n客户：b\n客服：还请您稍等正在为您查询",
            passed(),
        ),
        # but a hold in a longer clause is not what the clause says
        (
            STIFF,
            f"客服：稍等{REPLY}\n客户：a\n客服：稍等{REPLY}\n客户：b\n客服：稍等{REPLY}",
            failed(Evidence(4, 0, 15, f"稍等{REPLY}")),
        ),
        # what an anonymiser put in is no word of the agent
        (
            STIFF,
            "客服：[数字x][订单x][姓名x]\n客户：a\n客服：[数字x][订单x][姓名x]\n客户：b\n客服：[数字x][订单x][姓名x]",
            passed(),
        ),
        (
            STIFF,
            f"客服：{REPLY}[数字x]\n客户：a\n客服：[订单x]{REPLY}\n客户：b\n客服：{REPLY}**",
            failed(Evidence(4, 0, 13, REPLY)),
        ),
        (STIFF + "    where: {rounds: first 2}", "客户：在\n客服：您好", passed()),
        # a customer who has to ask again
        (
            AGAIN,
            "客户：什么时候发货\n客服：嗯\n客户：什么时候发货啊",
            failed(Evidence(2, 0, 7, "什么时候发货啊")),
        ),
        (
            AGAIN,
            "客户：什么时候发货\n客服：嗯\n客户：一\n客服：嗯\n客户：二\n客服：嗯\n客户：什么时候发货",
            passed(),
        ),
        # words that say so; in their first round they were said to nobody here
        (AGAIN, "客户：在吗\n客服：嗯\n客户：我说过了", failed(Evidence(2, 0, 4, "我说过了"))),
        (AGAIN, "客户：我说过了\n客服：嗯", passed()),
        (
            AGAIN,
            "客户：在吗\n客服：嗯\n客户：并非我说过了",
            RuleResult("TST-01", PASS, excused=(Excused(Evidence(2, 2, 6, "我说过了"), "否定：并非"),)),
        ),
        (AGAIN, "客服：您好", not_applicable("检测范围内没有发言")),
        (STIFF + "    where: {after: {look_for: 投诉}}", "客服：您好", not_applicable("检测范围内没有发言")),
    ],
)
def test_what_is_said_again(keys: str, said: str, result: RuleResult) -> None:
    assert decide(keys, said) == result


def test_a_longer_clause_may_hold_a_shorter_one_up_to_three_times_its_length() -> None:
    for tail, verdict in (
        ("啊", FAIL),
        ("你们给个准话行不行", FAIL),
        ("你们今天能不能给我一个准话行不行我很着急", PASS),
    ):
        said = f"客户：什么时候发货\n客服：嗯\n客户：什么时候发货{tail}"
        assert decide(AGAIN, said).verdict is verdict


ASKED = """
    check: repeat
    where: {side: customer}
    of: ['re:[?吗]']
    similar:
      threshold: 0.6
      min_characters: 3
      ignoring: [什么时候, 能不能, 吗]
      no_answer: [您好, 请稍等]
"""


@pytest.mark.parametrize(
    ("said", "hits"),
    [
        ("客户：能改地址吗\n客服：这款是棉的\n客户：能改地址吗", ["能改地址吗"]),
        # a statement said again is no question put again, unless nothing has answered it
        ("客户：我要改地址\n客服：这款是纯棉的不会掉色\n客户：我要改地址", []),
        ("客户：我要改地址\n客服：您好，请稍等\n客户：我要改地址", ["我要改地址"]),
        ("客户：我要改地址\n客服：您好，这款是棉的不会掉色\n客户：我要改地址", []),
        ("客户：我要改地址\n客服：您好，一二三四五六七八\n客户：我要改地址", ["我要改地址"]),
        ("客户：我要改地址\n客服：您好，一二三四五六七八九\n客户：我要改地址", []),
        # the words of every question do not make two of them one
        ("客户：什么时候发货？\n客服：明天\n客户：什么时候到货？", []),
        ("客户：什么时候发货？\n客服：您好\n客户：什么时候能发货？", ["什么时候能发货"]),
        ("客户：能不能？\n客服：您好\n客户：能不能？", ["能不能"]),
    ],
)
def test_a_question_put_again(said: str, hits: list[str]) -> None:
    assert words(decide(ASKED, said)) == hits


INSISTED = (
    ASKED
    + """
      insisting: [到底, 所以]
      answer: ['re:(?:^|,)(?:能|可以)的']
"""
)


@pytest.mark.parametrize(
    ("said", "hits"),
    [
        # insisting, one word in common is enough
        ("客户：吊牌剪了还能不能退货\n客服：建议先试穿\n客户：到底能退货吗", ["到底能退货吗"]),
        ("客户：吊牌剪了还能不能退货\n客服：建议先试穿\n客户：到底有券吗", []),
        ("客户：吊牌剪了还能不能退货\n客服：建议先试穿\n客户：我是想退货呢吗", []),
        # X不X asks as 吗 does, and is about the same
        ("客户：这锁支持指纹吗\n客服：是铜的\n客户：所以支不支持指纹", ["所以支不支持指纹"]),
        # a word of the answer makes it the next question
        ("客户：几号装空调吗\n客服：周四装\n客户：周四几号装空调吗", []),
        # so does another word after a plain answer, but not after none
        ("客户：寄到新疆吗\n客服：可以的\n客户：寄到新疆驿站吗", []),
        ("客户：寄到新疆吗\n客服：新款上架了\n客户：寄到新疆驿站吗", ["寄到新疆驿站吗"]),
        # a heading is not yet said
        ("客户：退货\n客服：您好\n客户：退货 几天到账吗", []),
    ],
)
def test_a_question_insisted_on_or_answered(said: str, hits: list[str]) -> None:
    assert words(decide(INSISTED, said)) == hits


# --- repeat, whole replies -----------------------------------------------------------------------------------------

STOCK = """
    check: repeat
    similar: {threshold: 0.9, times: 3, min_characters: 8, unit: reply, ignoring: [亲, 哦]}
    except: [请您稍等, 抱歉]
"""


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (
            f"客服：{REPLY}\n客户：a\n客服：亲，{REPLY}哦\n客户：b\n客服：{REPLY}~",
            failed(Evidence(4, 0, 13, REPLY)),
        ),
        (f"客服：{REPLY}\n客户：a\n客服：{REPLY}\n客户：b\n客服：好", passed()),
        # the same beginning, but each goes on in its own way
        (
            f"客服：{REPLY}，今天发\n客户：a\n客服：{REPLY}，已经退款了\n客户：b\n客服：{REPLY}，仓库在找货",
            passed(),
        ),
        # one form, three answers
        (
            "客服：尾号11的订单已经取消\n客户：a\n客服：尾号12的订单已经取消\n客户：b\n客服：尾号13的订单已经取消",
            passed(),
        ),
        # short replies add up, within a round
        (
            "客服：正在审核中。这周内退款\n客户：a\n客服：正在审核中 这周内退款\n客户：b\n客服：正在审核中。这周内退款",
            failed(Evidence(4, 0, 5, "正在审核中"), Evidence(4, 6, 11, "这周内退款")),
        ),
        ("客服：正在审核中\n客户：a\n客服：正在审核中\n客户：b\n客服：正在审核中", passed()),
        # nothing is left of a hold
        (
            "客服：亲请您稍等哦抱歉\n客户：a\n客服：亲请您稍等哦抱歉\n客户：b\n客服：亲请您稍等哦抱歉",
            passed(),
        ),
    ],
)
def test_a_stock_reply(said: str, result: RuleResult) -> None:
    assert decide(STOCK, said) == result


# --- echo --------------------------------------------------------------------------------------------------------

RESTATED = """
    check: echo
    look_for: [您是想, 对吗]
    except: 明白了对吗
    similar: {threshold: 0.5, look_back: 2, min_characters: 4}
"""


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("客户：收货地址要改一下\n客服：改收货地址是吧", passed(Evidence(1, 0, 7, "改收货地址是吧"))),
        ("客户：我要退\n客服：您是想退货", passed(Evidence(1, 0, 3, "您是想"))),
        ("客户：我要退\n客服：好的", RuleResult("TST-01", FAIL, searched=(1,), wanted="所需用语")),
        (
            "客户：我要退\n客服：明白了对吗",
            RuleResult(
                "TST-01",
                FAIL,
                searched=(1,),
                wanted="所需用语",
                excused=(Excused(Evidence(1, 3, 5, "对吗"), "例外用语"),),
            ),
        ),
        # said before the customer asked, it restates nothing
        (
            "客服：改收货地址\n客户：收货地址要改",
            RuleResult("TST-01", FAIL, searched=(0,), wanted="所需用语"),
        ),
        # too far back
        (
            "客户：收货地址要改\n客服：嗯\n客户：一\n客服：嗯\n客户：二\n客服：改收货地址",
            RuleResult("TST-01", FAIL, searched=(1, 3, 5), wanted="所需用语"),
        ),
    ],
)
def test_a_request_comes_back(said: str, result: RuleResult) -> None:
    assert decide(RESTATED, said) == result


def test_without_similarity_only_the_words_count() -> None:
    keys = "check: echo\nlook_for: 对吗"
    assert decide(keys, "客户：改地址\n客服：改地址").verdict is FAIL
    assert decide(keys, "客户：改地址\n客服：对吗").verdict is PASS


FRAMED = """
    check: echo
    look_for: 没理解错吧
    except: 电话对吗
    similar: {threshold: 0.5, framed: [对吗, 总结一下], ignoring: [我要, 可以]}
"""


@pytest.mark.parametrize(
    ("said", "hits"),
    [
        ("客户：我要两箱苏打水\n客服：总结一下，两箱苏打水", ["总结一下，两箱苏打水"]),
        ("客户：我要两箱苏打水\n客服：两箱苏打水对吗。可以", ["两箱苏打水对吗。"]),
        # an answer uses the customer's words too
        ("客户：我要两箱苏打水\n客服：两箱苏打水没货", []),
        # the frame alone, and a frame that is excepted
        ("客户：我要两箱苏打水\n客服：总结一下，请拍照上传", []),
        ("客户：我要改两个电话\n客服：改两个电话对吗", []),
        # where the words have shown it, nothing is compared
        ("客户：我要两箱苏打水\n客服：两箱苏打水对吗，没理解错吧", ["没理解错吧"]),
    ],
)
def test_words_taken_up_in_a_frame(said: str, hits: list[str]) -> None:
    result = decide(FRAMED, said)
    assert (result.verdict, words(result)) == (PASS if hits else FAIL, hits)


def test_an_echo_needs_rounds_to_stand_in() -> None:
    keys = RESTATED + "    where: {after: {look_for: 投诉}}"
    assert decide(keys, "客户：改地址\n客服：嗯") == not_applicable("检测范围内没有发言")


VALUES = """
    check: echo
    values:
      look_for: ['re:1[0-9]{10}', '[数字x]', 're:[0-9]点']
      bare: re:[0-9]{4}
      asked: [电话多少, 卡号多少]
      except: [卡号多少, 're:打过1[0-9]{10}']
    look_for: [确认一下, 记下了]
    within: {rounds: 2}
"""
PHONE = "13800001234"


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (f"客户：打{PHONE}\n客服：{PHONE}对吗", passed(Evidence(1, 0, 11, PHONE))),
        (f"客户：打{PHONE}\n客服：尾号１２３４", passed(Evidence(1, 2, 6, "１２３４"))),
        (f"客户：打{PHONE}\n客服：记下了", passed(Evidence(1, 0, 3, "记下了"))),
        ("客户：3点来\n客服：好的3点", passed(Evidence(1, 2, 3, "3"))),
        ("客户：打[数字x]\n客服：是[数字x]吗", passed(Evidence(1, 1, 6, "[数字x]"))),
        (
            f"客户：打{PHONE}\n客服：好的",
            RuleResult(
                "TST-01", FAIL, evidence=(Evidence(0, 1, 12, PHONE),), searched=(1,), wanted="所需用语"
            ),
        ),
        # in time: two rounds
        (f"客户：打{PHONE}\n客服：嗯\n客户：唉\n客服：1234", passed(Evidence(3, 0, 4, "1234"))),
        (
            f"客户：打{PHONE}\n客服：嗯\n客户：唉\n客服：哦\n客户：喂\n客服：1234",
            RuleResult(
                "TST-01", FAIL, evidence=(Evidence(0, 1, 12, PHONE),), searched=(1, 3), wanted="所需用语"
            ),
        ),
        # one of what a round gives is enough
        (f"客户：打{PHONE}，3点来\n客服：1234", passed(Evidence(1, 0, 4, "1234"))),
        (
            f"客户：打{PHONE}，3点来\n客服：好",
            RuleResult(
                "TST-01",
                FAIL,
                evidence=(Evidence(0, 1, 12, PHONE), Evidence(0, 13, 15, "3点")),
                searched=(1,),
                wanted="所需用语",
            ),
        ),
        # what was asked for needs no more words
        (
            "客服：电话多少\n客户：8899\n客服：好",
            RuleResult(
                "TST-01", FAIL, evidence=(Evidence(1, 0, 4, "8899"),), searched=(2,), wanted="所需用语"
            ),
        ),
        ("客服：在吗\n客户：8899\n客服：好", not_applicable("客户没有提供需要复述的信息")),
        ("客服：卡号多少\n客户：8899\n客服：好", not_applicable("客户没有提供需要复述的信息")),
        (f"客户：打过{PHONE}\n客服：好", not_applicable("客户没有提供需要复述的信息")),
        ("客户：在吗\n客服：在", not_applicable("客户没有提供需要复述的信息")),
        (f"客服：请讲\n客户：打{PHONE}", not_applicable("客户提供信息之后坐席没有机会复述")),
        (f"客服：{PHONE}\n客户：嗯", not_applicable("客户没有提供需要复述的信息")),
    ],
)
def test_a_value_comes_back(said: str, result: RuleResult) -> None:
    assert decide(VALUES, said) == result


@pytest.mark.parametrize(
    ("value", "text", "again"),
    [
        ("13800001234", "尾号1234", "1234"),
        ("13800001234", "138****1234", "138****1234"),
        ("13800001234", "138 0000 1234", "138 0000 1234"),
        ("13800001234", "13900005678", None),
        ("幺三八零零零零一二三四", "13800001234", "13800001234"),
        ("13800001234", "一二三四", "一二三四"),
        ("[电话x]", "是[电话x]", "[电话x]"),
        ("[电话x]", "尾号[数字x]", "[数字x]"),
        ("[地址x]", "尾号[数字x]", None),
        ("上海[地址x]", "到上海", "上海"),
        ("浦东新区世纪大道100号", "浦东那边", "浦东"),
        ("浦东新区世纪大道100号", "100号", "100"),
        ("浦东新区世纪大道100号", "这个大道", None),
        ("周日下午", "星期天", "期天"),
        ("周日", "周六", None),
        ("下午3点", "15点", "15"),
        ("十五号", "15号", "15"),
        ("18元", "十八块", "十八"),
        ("18元", "18小时", None),
        ("18元", "好的", None),
        ("14:00", "下午两点", "两"),
        ("14:00", "下午四点", None),
        ("幺八零六", "1806", "1806"),
        # a part that comes back wrong
        ("12号楼2单元", "12号楼3单元", None),
        ("12号楼2单元", "3号楼的12号楼2单元", "12"),
        ("6栋1802", "6栋1082", None),
        ("6栋1802", "6幢1802", "6"),
        ("明天上午十点", "明天上午九点", None),
        ("明天上午十点", "后天上午十点", None),
        ("明天上午十点", "周四上午十点", "十"),
        ("周六上午", "周日上午", None),
        ("周六上午", "周六下午", None),
        ("明早九点", "明天晚上九点", None),
        ("明早九点", "明天上午九点", "九"),
        ("2楼", "明天送到2楼，5分钟前打电话", "2"),
    ],
)
def test_a_value_in_part_or_in_other_figures(value: str, text: str, again: str | None) -> None:
    span = said_again(value, text)
    assert (span and text[slice(*span)]) == again
