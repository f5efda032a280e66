"""A small standard, three agents and their fictional chats, for the tests of reports and workbooks.

Everything is decided by hand in ``SCENES``: the factory only turns the notes beside each line into records.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from qa_audit.course import course_of, tenths
from qa_audit.records import (
    AgentReport,
    AgentStatistics,
    Deduction,
    Evidence,
    Factor,
    Interval,
    Message,
    Mood,
    Problem,
    Role,
    RoundMood,
    RuleResult,
    Scorecard,
    Severity,
    Transcript,
    Unanswered,
    Verdict,
)
from qa_audit.rule import Example, Grade, Rule, Section, Standard

CHINA = timezone(timedelta(hours=8))
NIGHT = "2025-11-20"
RUN_ID = "2025-11-20-7f3a"
AGENTS = ("1024 王小雨", "1031 陈立", "1057 赵敏")
SPEAKERS: dict[str, Role] = {"客": "customer", "服": "agent", "机": "bot", "系": "system"}
MOODS: dict[str, Mood] = {"-": "negative", "0": "neutral", "+": "positive"}


def local(*parts: int) -> datetime:
    """A local time as Excel holds it: without a zone."""
    year, month, day, *clock = parts
    return datetime(year, month, day, *clock)  # noqa: DTZ001 - Excel knows none


def talk(text: str) -> tuple[Message, ...]:
    """Messages from lines “客：…”, without times."""
    lines = [line.split("：", 1) for line in text.strip().splitlines()]
    return tuple(Message(i, SPEAKERS[who[0]], said) for i, (who, said) in enumerate(lines))


def example(verdict: Verdict, why: str, text: str) -> Example:
    """An example of a rule; [[…]] marks its evidence."""
    evidence = []
    plain = []
    for i, message in enumerate(talk(text)):
        start, end = message.text.find("[["), message.text.find("]]")
        if start >= 0:
            evidence.append((i, start, end - 2))
        plain.append(
            f"{'客' if message.role == 'customer' else '服'}：{message.text.replace('[[', '').replace(']]', '')}"
        )
    transcript = Transcript(id="example", messages=talk("\n".join(plain)))
    return Example(verdict, why, transcript, line=1, evidence=tuple(evidence), talk=text)


def rule(rule_id: str, title: str, section: str, severity: Severity, points: float, **more: object) -> Rule:
    """A rule with what reports read of it."""
    given: dict[str, object] = {
        "status": "live", "per": "chat", "why": f"{title}直接影响客户的感受。", "source": "客服规范 第3条", "message": title,
        "advice": "您好，很高兴为您服务。", "check": "require", "path": f"{rule_id}.yml",
    }  # fmt: skip
    return Rule(
        id=rule_id,
        name=rule_id.lower(),
        title=title,
        section=section,
        severity=severity,
        points=points,
        **(given | more),
    )  # type: ignore[arg-type]


FAIL, PASS = Verdict.FAIL, Verdict.PASS
MAJOR, MINOR, CRITICAL, ALERT, BONUS = (
    Severity.MAJOR,
    Severity.MINOR,
    Severity.CRITICAL,
    Severity.ALERT,
    Severity.BONUS,
)
RULES = (
    rule("RESP-01", "及时接起/首次响应", "响应时效", MAJOR, 5, check="limit", limits={"chat": {"first_response_s": 30}, "phone": {"rings": 3}},
         advice="您好，让您久等了，我马上为您查看。", measured_on="真实标注",
         examples=(example(FAIL, "第31秒才回复", "客：在吗\n服：您好，请问有什么可以帮您？"), example(PASS, "第30秒（含界限）", "客：在吗\n服：您好，在的。"))),
    rule("RESP-02", "首响均值超2分钟", "响应时效", ALERT, 0, check="limit", per="agent", limits={"chat": {"mean_first_response_s": 120}}),
    rule("RESP-03", "长时间未回应", "响应时效", MAJOR, 5, check="limit", limits={"chat": {"longest_wait_s": 180}}, advice="查询还需要两分钟，请您稍等，我一直在线。"),
    rule("OPEN-01", "主动问候", "开场与识别", MAJOR, 5, advice="您好，欢迎光临，请问有什么可以帮您？",
         examples=(example(FAIL, "上来就问订单", "客：在吗\n服：订单号发一下"), example(PASS, "先问候", "客：在吗\n服：[[您好]]，请问有什么可以帮您？"))),
    rule("COMM-01", "确认理解客户诉求", "理解与沟通", MINOR, 4, check="echo", advice="您是想把收货地址改到公司，对吗？"),
    rule("COMM-05", "模糊用语", "理解与沟通", MINOR, 2, check="forbid", advice="预计明天18点前送达，我会持续跟进。"),
    rule("COMM-10", "专业术语", "理解与沟通", MINOR, 1, check="forbid", status="trial", advice="换成客户听得懂的说法。"),
    rule("ATT-01", "责怪客户", "服务态度", CRITICAL, 0, check="forbid", advice="没关系，我们一起看一下是哪里出了问题。", measured_on="对照样例",
         examples=(example(FAIL, "直接归咎", "客：怎么用不了\n服：这是[[您自己操作错]]了，没办法。"), example(PASS, "为客户开脱", "客：是我弄错了吗\n服：不是您的问题，是系统延迟，非常抱歉。"))),
    rule("ATT-03", "生硬、不耐烦、反问", "服务态度", MAJOR, 8, check="forbid", per="hit", advice="我理解您着急，我这就帮您催一下。"),
    rule("ATT-05", "安抚共情", "服务态度", MAJOR, 6, check="respond", advice="非常抱歉给您添麻烦了，换作是我也会着急。"),
    rule("HOLD-01", "礼貌请客户等待", "等待礼仪", MINOR, 4, advice="麻烦您稍等一分钟，我核实一下好吗？"),
    rule("SOLV-01", "承诺带时限", "解决与跟进", MAJOR, 5, advice="我会在今天18点前给您回复。"),
    rule("CLOSE-01", "询问其他需求", "结束", MINOR, 4, advice="请问还有其他可以帮您的吗？"),
    rule("CLOSE-02", "礼貌结束语", "结束", MAJOR, 5, advice="感谢您的理解，祝您生活愉快，再见！"),
    rule("CLOSE-04", "邀请评价", "结束", BONUS, 2, advice="方便的话请对我的服务做个评价，谢谢您！"),
    rule("COMP-04", "引导站外/私下交易", "合规", CRITICAL, 0, check="forbid", advice="请您在平台内下单付款，这样才有保障。"),
    rule("MOOD-01", "情绪未平复", "客户情绪", ALERT, 0, check="mood"),
    rule("MOOD-02", "升级风险", "客户情绪", ALERT, 0, check="forbid"),
)  # fmt: skip
STANDARD = Standard(
    title="客服服务标准",
    version="2025.11",
    mode="deduct",
    sections=tuple(
        Section(name, letter, cap)
        for name, letter, cap in (
            ("响应时效", "A", None), ("开场与识别", "B", None), ("理解与沟通", "C", 20.0), ("服务态度", "D", 24.0), ("等待礼仪", "E", None),
            ("解决与跟进", "F", 12.0), ("结束", "G", None), ("合规", "H", 30.0), ("客户情绪", "I", None),
        )
    ),
    grades=(Grade("优秀", 95), Grade("良好", 85), Grade("合格", 70), Grade("待改进", 0)),
    fatal_grade="致命",
    rules=RULES,
    hash="a1b2c3",
    lexicon_hash="d4e5f6",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """One fictional chat. Lines are “客12-：…”: speaker, seconds since the line before, the customer's mood.

    ``said`` fails with these words, ``missing`` fails for what was searched, ``good`` passes with these words,
    ``waived`` gives a fail's reason, ``unsure`` are undecidable.
    """

    topic: str
    lines: str
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    good: dict[str, str] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)


SCENES = (
    Scene(
        "物流配送",
        """
客0-：我周一买的电饭煲到现在还没动静，你们到底发没发货啊
服31：在的
客9-：物流三天没更新了，我妈等着用呢
服22：可能是仓库那边忙吧，你自己看物流不就知道了
客15-：我要是看得明白还用问你？再这样我就打12315投诉了
服40：我帮您催一下
客6-：你说帮我催，什么时候能有结果
服18：尽快的
""",
        said={"COMM-05": ("可能是",), "ATT-03": ("你自己看物流不就知道了",), "MOOD-02": ("打12315投诉",), "MOOD-01": ("什么时候能有结果",)},
        missing={"OPEN-01": "问候或欢迎", "ATT-05": "致歉或共情", "SOLV-01": "带时限的承诺", "CLOSE-01": "询问还有无其他需求", "CLOSE-02": "感谢、祝福或道别"},
    ),
    Scene(
        "退换货售后",
        """
客0-：收到的玻璃杯碎了两个，怎么办
服8：您好，欢迎光临，非常抱歉让您收到破损的杯子，您手没划伤吧？
客12：手没事，就是挺扫兴的
服16：您是想补发这两只杯子，还是直接退款呢？
客7：补发吧
服20：好的，麻烦您稍等一分钟，我为您登记补发，可以吗？
客5：行
服46：让您久等了，已经登记好，今天18点前发出，运费我们承担。
客10+：太好了，谢谢你
服8：请问还有其他可以帮您的吗？
客4+：没有了
服6：感谢您的体谅，祝您生活愉快，方便的话请给我的服务做个评价~
""",
        good={
            "OPEN-01": "您好，欢迎光临", "COMM-01": "您是想补发这两只杯子，还是直接退款呢？", "ATT-05": "非常抱歉让您收到破损的杯子", "HOLD-01": "麻烦您稍等一分钟",
            "SOLV-01": "今天18点前发出", "CLOSE-01": "请问还有其他可以帮您的吗", "CLOSE-02": "祝您生活愉快", "CLOSE-04": "请给我的服务做个评价",
        },
    ),
    Scene(
        "发票",
        """
客0：公司报销要专票，怎么开
服12：您好，很高兴为您服务。专票请提供税号、开户行和银行账号。
客35：税号和账号都发你邮箱了
服14：收到，您是要把抬头开成公司全称，对吗？
客8：对的
服30：好的，发票预计3个工作日内寄出。
客6+：好的谢谢
服5：不客气，感谢您的支持，再见！
""",
        good={"OPEN-01": "您好，很高兴为您服务", "COMM-01": "您是要把抬头开成公司全称，对吗", "SOLV-01": "3个工作日内寄出", "CLOSE-02": "感谢您的支持，再见"},
        missing={"CLOSE-01": "询问还有无其他需求"},
        waived={"CLOSE-01": "客户已明确致谢收尾"},
    ),
    Scene(
        "支付",
        """
客0：优惠券用不了，下单还是原价
服25：您好，请问是哪一张券呢？
客20：满300减40那张
服38：这张券昨天到期了，这是您自己没看清时间，跟我们没有关系。
客11-：你这话说的，页面上写的是今天到期
服190：哦，那我问一下
客8-：算了不买了
""",
        said={"ATT-01": ("您自己没看清时间",), "MOOD-01": ("算了不买了",)},
        missing={"ATT-05": "致歉或共情", "CLOSE-02": "感谢、祝福或道别"},
        good={"OPEN-01": "您好"},
        waived={"CLOSE-02": "处理中断，已计入 ATT-01"},
    ),
    Scene(
        "商品咨询",
        """
客0：这款羽绒服会不会钻绒
服6：亲，您好！面料是高密防绒的，正常穿着不会钻绒哦~
客18：身高172体重65穿什么码
服15：建议您选L码，您平时喜欢宽松一点还是合身一点呢？
客9：合身的
服10：那L码正合适。请问还有其他想了解的吗？
客5+：没了，谢谢
服4：感谢您的光临，祝您购物愉快！
""",
        good={"OPEN-01": "您好", "COMM-01": "您平时喜欢宽松一点还是合身一点呢", "CLOSE-01": "请问还有其他想了解的吗", "CLOSE-02": "祝您购物愉快"},
    ),
    Scene(
        "退款",
        """
客0-：退款都五天了还没到账，你们是不是不想退
服18：您好，抱歉让您久等了，我马上帮您查。
客4：嗯
服52：查到了，退款昨天已经原路退回，银行到账大概还要一天，应该没问题。
客16：确定明天能到吗
服20：差不多吧
客10-：什么叫差不多
服26：银行那边的处理时间我们控制不了呀
客12：行吧
服9：还有别的事吗？没有的话祝您生活愉快。
""",
        said={"COMM-05": ("应该没问题", "差不多吧"), "ATT-03": ("我们控制不了呀",)},
        good={"OPEN-01": "您好", "ATT-05": "抱歉让您久等了", "CLOSE-01": "还有别的事吗", "CLOSE-02": "祝您生活愉快"},
        missing={"COMM-01": "复述或核对客户的诉求"},
        unsure={"MOOD-01": "情绪概率介于阈值之间"},
    ),
    Scene(
        "订单",
        """
机0：您好，我是智能助手，请描述您的问题。
客6：转人工
系2：已为您转接人工客服
客3：收货地址写错了，想改到公司
服14：您好，您是想把地址改到公司，对吗？
客6：对
服45：已经改好了，明天上午会按新地址配送。
客5+：效率真高
服7：应该的，感谢您的信任，再见。
""",
        good={"OPEN-01": "您好", "COMM-01": "您是想把地址改到公司，对吗", "SOLV-01": "明天上午会按新地址配送", "CLOSE-02": "感谢您的信任，再见"},
        missing={"CLOSE-01": "询问还有无其他需求"},
    ),
    Scene(
        "价格优惠",
        """
客0：我前天买的今天降了80块，能补差价吗
服20：您好，能的，这个商品支持30天价保。
客10：怎么弄
服24：您在订单页点“价格保护”，系统核算后原路退回，走的是POP侧逆向单。
客15：什么单？听不懂
服16：就是自动退给您的意思，您看可以吗？
客6+：可以，谢谢
服5：不客气，祝您生活愉快！
""",
        said={"COMM-10": ("POP侧逆向单",)},
        good={"OPEN-01": "您好", "CLOSE-02": "祝您生活愉快"},
        missing={"CLOSE-01": "询问还有无其他需求", "COMM-01": "复述或核对客户的诉求"},
    ),
    Scene(
        "安装维修",
        """
客0：空调什么时候来装
服42：您好，请说一下订单后四位
客12：8806
服70：师傅明天下午联系您
客9：几点
服14：这个要看师傅安排，加我微信吧，私下给您便宜点上门费，直接转我就行
客18：不用了，我等平台的
服6：好的
""",
        said={"COMP-04": ("加我微信吧，私下给您便宜点上门费",)},
        good={"OPEN-01": "您好", "SOLV-01": "明天下午联系您"},
        missing={"CLOSE-01": "询问还有无其他需求", "CLOSE-02": "感谢、祝福或道别", "COMM-01": "复述或核对客户的诉求"},
    ),
    Scene(
        "账户会员",
        """
客0：会员自动续费了，我没同意啊
服15：您好，别着急，我帮您看看。
客8-：扣了我148
服29：理解您的心情，这笔我为您申请退回，今天20点前给您答复。
客13：好
服10：请问还有其他可以帮您的吗？
客6：没有
服5：感谢您的耐心，祝您生活愉快！
""",
        good={
            "OPEN-01": "您好", "ATT-05": "理解您的心情", "SOLV-01": "今天20点前给您答复", "CLOSE-01": "请问还有其他可以帮您的吗", "CLOSE-02": "祝您生活愉快",
        },
        missing={"COMM-01": "复述或核对客户的诉求"},
        waived={"COMM-01": "诉求单一，无需复述"},
    ),
    Scene(
        "物流配送",
        """
客0：快递放驿站了，能送上门吗
服9：您好，能的，我联系派送员今晚8点前送到您家。
客10+：太感谢了
服6：不客气，还有什么可以帮您？
客5：没有啦
服4：祝您晚安，再见~
""",
        good={"OPEN-01": "您好", "SOLV-01": "今晚8点前送到您家", "CLOSE-01": "还有什么可以帮您", "CLOSE-02": "祝您晚安，再见"},
    ),
    Scene(
        "其他",
        """
客0：=SUM(1,2) 这个公式你会吗
服28：您好，这个超出我的业务范围了，抱歉帮不上您。
客9：那店里的笔记本能装Excel吗
服33：能的，等一下我查配置
客4：嗯
服65：查好了，全系列都支持 <Office> & WPS。
客6：谢了
服5：不客气，祝您工作顺利！
""",
        said={"HOLD-01": ("等一下我查配置",)},
        good={"OPEN-01": "您好", "CLOSE-02": "祝您工作顺利"},
        missing={"CLOSE-01": "询问还有无其他需求"},
    ),
)  # fmt: skip


def scorecard(scene: Scene, chat_id: str, agent: str, opened: datetime) -> Scorecard:
    """A scene as a scored chat of one agent."""
    messages, moods, at = [], [], opened
    for index, line in enumerate(scene.lines.strip().splitlines()):
        head, text = line.split("：", 1)
        mood = head[-1] if head[-1] in "-+" else "0"
        at += timedelta(seconds=int(head[1:].rstrip("-+")))
        role = SPEAKERS[head[0]]
        messages.append(Message(index, role, text, agent=agent if role == "agent" else None, at=at))
        if role == "customer":
            moods.append(
                RoundMood(
                    index,
                    MOODS[mood],
                    {"-": (0.9, 0.08, 0.02), "0": (0.1, 0.8, 0.1), "+": (0.02, 0.08, 0.9)}[mood],
                )
            )
    transcript = Transcript(
        chat_id,
        tuple(messages),
        opened_at=opened,
        closed_at=at,
        assigned_agent=agent,
        customer=f"客户{chat_id[-4:]}",
        source="chats.jsonl",
    )
    round_of = _rounds(messages)
    first = _first_response(messages)
    results = tuple(_result(rule, scene, messages, round_of, first) for rule in RULES if rule.per != "agent")
    deductions = tuple(d for result in results for d in _deductions(result))
    bonus = 2.0 if any(r.rule_id == "CLOSE-04" and r.verdict is PASS for r in results) else 0.0
    fatal = any(d.severity is CRITICAL for d in deductions)
    before = max(0.0, min(100.0, 100 - sum(d.points for d in deductions) + (0 if fatal else bonus)))
    score = 0.0 if fatal else before
    grade = "致命" if fatal else next(g.name for g in STANDARD.grades if score >= g.at_least)
    alerts = tuple(
        r.rule_id for r in results if r.verdict is FAIL and STANDARD.rule(r.rule_id).severity is ALERT
    )
    return Scorecard(
        transcript, agent, round_of, results, tuple(moods), deductions, 0.0 if fatal else bonus, score, before, grade,
        decided=sum(r.verdict in (PASS, FAIL) for r in results), alerts=alerts,
        measures={"first_response_s": first, "longest_wait_s": max(first, 60.0)}, counts_for_30s=True, topic=scene.topic, customer_key=chat_id,
        outcome="no" if moods[-1].label == "negative" else "yes", emotion="angry" if moods[-1].label == "negative" else "none", end_mood=moods[-1].label,
        course=course_of(moods), **(_feared(messages) if moods[-1].label == "negative" else {"escalation": 0.01, "dissatisfied": 0.02}),
    )  # fmt: skip


def _feared(messages: Sequence[Message]) -> dict[str, Any]:
    """What is feared of a customer who left upset."""
    last = [m for m in messages if m.role == "customer"][-1]
    words = (Evidence(last.index, 0, len(last.text), last.text),)
    return {
        "escalation": 0.6, "escalation_factors": (Factor("angry", 2.0, words), Factor("end_mood", 1.5), Factor("wait", -0.1)),
        "dissatisfied": 0.7, "emotions": {"none": 0.1, "anxious": 0.0, "angry": 0.9, "disappointed": 0.0}, "emotion_evidence": words,
    }  # fmt: skip


def _rounds(messages: Sequence[Message]) -> tuple[int, ...]:
    turns, turn, last = [], -1, ""
    for message in messages:
        if message.role == "system":
            turns.append(-1)
            continue
        turn += message.role != last
        last = message.role
        turns.append(turn)
    return tuple(turns)


def _first_response(messages: Sequence[Message]) -> float:
    human = next(m for m in messages if m.role == "agent")
    asked = [m for m in messages[: human.index] if m.role == "customer"][-1]
    assert human.at is not None
    assert asked.at is not None
    return (human.at - asked.at).total_seconds()


def _find(messages: Sequence[Message], words: str) -> Evidence:
    message = next(m for m in messages if words in m.text)
    start = message.text.index(words)
    return Evidence(message.index, start, start + len(words), words)


def _result(
    rule: Rule, scene: Scene, messages: Sequence[Message], round_of: Sequence[int], first: float
) -> RuleResult:
    waived = scene.waived.get(rule.id, "")
    if rule.id == "RESP-01":
        return RuleResult(rule.id, FAIL if first > 30 else PASS, measured=first, limit=30, unit="秒")
    if rule.id in scene.said:
        return RuleResult(
            rule.id,
            FAIL,
            evidence=tuple(_find(messages, words) for words in scene.said[rule.id]),
            waived=waived,
        )
    if rule.id in scene.missing:
        own = [round_of[m.index] for m in messages if m.role == "agent"]
        searched = own[:2] if rule.id == "OPEN-01" else own[-3:]
        return RuleResult(
            rule.id,
            FAIL,
            searched=tuple(dict.fromkeys(searched)),
            wanted=scene.missing[rule.id],
            waived=waived,
        )
    if rule.id in scene.good:
        return RuleResult(rule.id, PASS, evidence=(_find(messages, scene.good[rule.id]),))
    if rule.id in scene.unsure:
        return RuleResult(rule.id, Verdict.UNDECIDABLE, note=scene.unsure[rule.id])
    never_arises = rule.check != "forbid" and rule.id not in ("RESP-03", "MOOD-01")
    return RuleResult(rule.id, Verdict.NOT_APPLICABLE if never_arises else PASS)


def _deductions(result: RuleResult) -> tuple[Deduction, ...]:
    of = STANDARD.rule(result.rule_id)
    if result.verdict is not FAIL:
        return ()
    free = bool(result.waived) or of.status == "trial"
    found: tuple[Evidence | None, ...] = result.evidence or (None,)
    return tuple(
        Deduction(of.id, of.severity, 0.0 if free or (i and of.per == "chat") else of.points, evidence, result.waived)
        for i, evidence in enumerate(found)
    )  # fmt: skip


def scorecards(agent: str, *, chats: int = 12) -> tuple[Scorecard, ...]:
    """The chats of one agent; the three agents meet the scenes in different shares."""
    number = AGENTS.index(agent)
    opened = datetime(2025, 11, 20, 9, 5, 12, tzinfo=CHINA) + timedelta(minutes=7 * number)
    picked = [(i * (1, 2, 5)[number] + number) % len(SCENES) for i in range(chats)]
    return tuple(
        scorecard(SCENES[scene], f"S{number + 1}{i + 1:04d}", agent, opened + timedelta(minutes=31 * i % 600)) for i, scene in enumerate(picked)
    )  # fmt: skip


def interval(values: Sequence[float]) -> Interval:
    """Mean with a rough 95 % interval."""
    if not values:
        return Interval(None, None, None, 0)
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / max(len(values) - 1, 1))
    half = 1.96 * spread / math.sqrt(len(values))
    return Interval(mean, max(mean - half, 0.0), min(mean + half, 100.0), len(values))


def share(hits: int, n: int) -> Interval:
    """A rate with its Wilson interval."""
    if not n:
        return Interval(None, None, None, 0)
    p, z = hits / n, 1.96
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(p, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n), n)


def statistics(agent: str, cards: Iterable[Scorecard]) -> AgentStatistics:
    """The figures of these chats."""
    cards = tuple(cards)
    scores = [c.score_before_fatal for c in cards if c.score_before_fatal is not None]
    first = sorted(c.measures["first_response_s"] for c in cards)
    costs: dict[str, tuple[float, int]] = {}
    for card in cards:
        for rule_id in dict.fromkeys(d.rule_id for d in card.deductions if not d.waived):
            points, count = costs.get(rule_id, (0.0, 0))
            costs[rule_id] = (
                points + sum(d.points for d in card.deductions if d.rule_id == rule_id),
                count + 1,
            )
    mean = interval(scores)
    negative_first = [c.moods[0].label == "negative" for c in cards]
    negative_last = [c.moods[-1].label == "negative" for c in cards]
    courses = [tenths(c.moods) for c in cards if c.moods]
    return AgentStatistics(
        agent=agent, chats=len(cards), mean_score=mean,
        grade=next((g.name for g in STANDARD.grades if mean.value is not None and mean.value >= g.at_least), ""),
        fatal=sum(c.grade == "致命" for c in cards), sections=_sections(cards),
        rate_30s=share(sum(f <= 30 for f in first), len(first)),
        mean_first_response_s=sum(first) / len(first) if first else None, median_first_response_s=first[len(first) // 2] if first else None,
        longest_wait_s=max((c.measures["longest_wait_s"] for c in cards), default=None), mean_wait_s=24.5 if cards else None,
        mood_worse=share(sum(b and not a for a, b in zip(negative_first, negative_last, strict=True)), len(cards)),
        mood_better=share(sum(a and not b for a, b in zip(negative_first, negative_last, strict=True)), len(cards)),
        negative_end=share(sum(negative_last), len(cards)),
        rule_costs=tuple((r, *pc) for r, pc in sorted(costs.items(), key=lambda item: (-item[1][0], item[0]))),
        alerts=(RuleResult("RESP-02", FAIL, measured=131.0, limit=120, unit="秒"),) if agent == AGENTS[1] else (),
        mood_tenths=tuple(round(sum(tenth) / len(courses), 6) for tenth in zip(*courses, strict=True)),
    )  # fmt: skip


def _sections(cards: Sequence[Scorecard]) -> dict[str, Interval]:
    """Shares of points kept, with rough intervals."""
    scores = {}
    for section in STANDARD.sections:
        rules = {
            r.id: r.points
            for r in RULES
            if r.section == section.name and r.severity in (MAJOR, MINOR) and r.status == "live"
        }
        decided = [r for c in cards for r in c.results if r.rule_id in rules and r.verdict in (PASS, FAIL)]
        total = sum(rules[r.rule_id] for r in decided)
        if total:
            kept = 100 * sum(rules[r.rule_id] for r in decided if r.verdict is PASS or r.waived) / total
            n = sum(any(r in decided for r in c.results) for c in cards)
            scores[section.name] = Interval(kept, max(kept - 5, 0.0), min(kept + 5, 100.0), n)
    return scores


def report(agent: str = AGENTS[0], *, chats: int = 12, not_audited: int = 1) -> AgentReport:
    """One agent's night beside the team of all three."""
    cards = scorecards(agent, chats=chats)
    team = statistics("团队", (card for name in AGENTS for card in scorecards(name, chats=chats)))
    own = statistics(agent, cards)
    earlier = tuple(
        (
            f"2025-11-{day:02d}",
            None if day == 12 else 78.0 + (day * 7) % 13,
            20 + day % 5,
            "a1b2c3" if day > 14 else "000000",
        )
        for day in range(7, 20)
    )
    return AgentReport(
        own,
        team,
        cards,
        (*earlier, (NIGHT, own.mean_score.value, own.chats, "a1b2c3")),
        NIGHT,
        RUN_ID,
        not_audited,
    )


def reports(*, chats: int = 12) -> tuple[AgentReport, ...]:
    """The night of all three agents."""
    return tuple(report(agent, chats=chats) for agent in AGENTS)


def unanswered() -> tuple[Unanswered, ...]:
    """Two chats that nobody answered: one with a known agent, one without times."""
    said = Message(
        0, "customer", "在吗？我的快递被退回去了，急", at=datetime(2025, 11, 20, 21, 3, 5, tzinfo=CHINA)
    )
    known = Transcript(
        "U90001",
        (said,),
        opened_at=said.at,
        closed_at=said.at,
        assigned_agent=AGENTS[1],
        source="chats.jsonl",
        line=88,
    )
    result = RuleResult("RESP-01", FAIL, limit=30, unit="秒", note="无人应答")
    timeless = Transcript(
        "U90002",
        (
            Message(0, "customer", "有人吗"),
            Message(1, "customer", "算了"),
        ),
        source="old.csv",
        line=12,
    )
    return (Unanswered(known, AGENTS[1], result), Unanswered(timeless, None, None))


def problems() -> tuple[Problem, ...]:
    """Two inputs that could not be audited."""
    return (
        Problem("chats.jsonl", 17, "S10099", "没有客户消息", "确认导出时包含双方消息"),
        Problem("旧系统.csv", 3, "", "时间“13:61:00”无法识别", "改为 2025-11-20 13:01:00 这样的格式"),
    )
