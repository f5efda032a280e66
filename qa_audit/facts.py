"""Named facts of one agent's part of a chat, for ``applies_when`` and ``waive_when``.

Each is one small function; None means that the data to know it is missing. ``LEXICONS`` names what they read.
"""

from __future__ import annotations

from collections.abc import Callable

from qa_audit.rule import Expression, Procedure
from qa_audit.segment import clauses, is_own, speaker
from qa_audit.view import FEW_CHARACTERS, AgentView, Said, gives_result, says_nothing_else, says_only

Fact = Callable[[AgentView], bool | None]
LEXICONS = (
    "acknowledgement",
    "acknowledgement_only",
    "anything_else",
    "asks_order",
    "back_channel",
    "bare_answer",
    "closing",
    "explanation",
    "found_out",
    "greeting",
    "general_question",
    "handed_on",
    "handover",
    "hold_request",
    "in_progress",
    "no_content",
    "order_given",
    "order_matter",
    "own_order",
    "question",
    "sees_order",
    "short_duration",
    "small_talk",
)

TIME_TO_ANSWER_S = 30  # as for the first response
RITUAL = ("greeting", "bare_answer", "back_channel", "hold_request")
SHORT_ROUNDS = 3  # 在吗, the matter, thanks
BUSY = ("in_progress", "hold_request")


def mid_handling(view: AgentView) -> bool:
    """坐席最后一轮仍在处理中（查询、核实、请稍等、等客户提供信息），会话到此中断。"""
    if not view.own:
        return False
    lexicons = view.language.lexicons
    busy, after = False, 0
    for message in view.own[-1].messages:
        if view.says("closing", message) or view.says("anything_else", message):
            return False
        ends = [end for name in BUSY for _, end in view.hits(lexicons[name], message)]
        if ends:
            busy, after = True, 0
        if busy and gives_result(view, message, after=max(ends, default=0)):
            return False
        # what was said after it would be the result
        after += sum(c.isalnum() for c in view.conversation.text(message)[max(ends, default=0) :])
    return busy and after <= FEW_CHARACTERS


def asked_question(view: AgentView) -> bool:
    """客户提过问题。"""
    return any(view.says("question", m) for r in view.customer for m in r.messages)


def announced_hold(view: AgentView) -> bool:
    """坐席请客户等待过。"""
    return any(view.says("hold_request", m) for r in view.own for m in r.messages)


def explained(view: AgentView) -> bool:
    """坐席作过解释或提出过方案。"""
    return any(_explains(view, m) for r in view.own for m in r.messages)


def _explains(view: AgentView, message: int) -> bool:
    """Whether a message explains, answers or proposes: whatever is no greeting, question, request or hold."""
    no_content = view.language.lexicons["no_content"]
    return view.says("explanation", message) or not says_nothing_else(view, no_content, [message])


def order_matter(view: AgentView) -> bool:
    """客户的问题涉及订单。"""
    return any(view.says("order_matter", m) for r in view.customer for m in r.messages)


def order_unknown(view: AgentView) -> bool:
    """客户的事要看具体订单，客户没有给过订单，坐席已经作答或去问了，又看不出手上有这张订单。"""
    own = [m for r in view.own for m in r.messages]
    asked = next((m for m in own if view.says("asks_order", m)), None)
    if _order_given(view, asked if asked is not None else view.end):
        return False
    if asked is not None:
        return True
    if not view.last or not answered(view):
        return False
    needed = any(_needs_order(view, m) for r in view.customer for m in r.messages)
    return needed and not any(view.says("sees_order", m) for m in own)


def _order_given(view: AgentView, before: int) -> bool:
    """Whether an order was named or its card sent, to a bot or colleague too, before a message."""
    return any(
        m.role in ("customer", "system") and (m.kind == "card" or view.says("order_given", m.index))
        for m in view.transcript.messages[:before]
    )


def _needs_order(view: AgentView, message: int) -> bool:
    """Whether a message is about an order of the customer's own, in a sentence that asks nothing general."""
    lexicons = view.language.lexicons
    general = [start for start, _ in view.hits(lexicons["general_question"], message)]
    for span in view.hits(lexicons["own_order"], message):
        start, end = view.sentence_of(Said(message, span))
        if not any(start <= at < end for at in general):
            return True
    return False


SAID_MORE = 3  # characters: 三点到
ATTENDING = "在您我亲的呢哦哈啊呀"  # of no content: 我在的呢亲


def answered(view: AgentView) -> bool:
    """坐席除问候、应声、请客户稍等之外还说过话。"""
    lexicons = view.language.lexicons
    for message in (m for r in view.own for m in r.messages):
        text = view.unmasked(message)
        ritual = [span for name in RITUAL for span in view.hits(lexicons[name], message)]
        kept = (c for i, c in enumerate(text) if not any(low <= i < high for low, high in ritual))
        if sum(c.isalnum() and c not in ATTENDING for c in kept) >= SAID_MORE:
            return True
    return False


def took_over_from_human(view: AgentView) -> bool:
    """本坐席从另一位人工坐席接手。"""
    return view.took_over == "human"


TOLD, TOLD_BESIDE = 4, 7  # characters: 我要退货; 喂你好我那热水器打不着火


def told_before(view: AgentView) -> bool:
    """客户在转到本坐席之前已经说明过问题。"""
    before = view.transcript.messages[: view.start]
    return any(m.role == "customer" and m.index in view.found and _tells(view, m.index) for m in before)


def _tells(view: AgentView, message: int) -> bool:
    """Whether a clause of a customer's message says more than a greeting or a call for a human."""
    text, spans = view.unmasked(message), view.hits(view.language.lexicons["small_talk"], message)
    for start, end in clauses(text):
        beside = [span for span in spans if span[0] < end and start < span[1]]
        left = sum(
            text[i].isalnum() for i in range(start, end) if not any(low <= i < high for low, high in beside)
        )
        if left >= (TOLD_BESIDE if beside else TOLD):
            return True
    return False


def last_agent(view: AgentView) -> bool:
    """本坐席是最后一位接待的人工坐席。"""
    return view.last


def customer_wrote(view: AgentView) -> bool:
    """客户在本坐席的服务段内发过言。"""
    return bool(view.customer)


def outbound(view: AgentView) -> bool:
    """外呼：由坐席打给客户。"""
    return view.transcript.direction == "outbound"


def several_rounds(view: AgentView) -> bool:
    """坐席发言不止一轮。"""
    return len(view.own) > 1


def customer_ended(view: AgentView) -> bool | None:
    """通话由客户先挂断（会话由客户先结束）。"""
    ended_by = view.transcript.ended_by
    return None if ended_by is None else ended_by == "customer"


def closed_at_once(view: AgentView) -> bool:
    """客户最后一句话之后 30 秒内会话即关闭，坐席来不及回应。"""
    closed = view.transcript.closed_at
    spoke = [
        at for r in view.customer for m in r.messages if (at := view.transcript.messages[m].at) is not None
    ]
    return closed is not None and bool(spoke) and (closed - spoke[-1]).total_seconds() <= TIME_TO_ANSWER_S


def left_offline(view: AgentView) -> bool:
    """离线留言。"""
    return view.transcript.offline


def customer_left(view: AgentView) -> bool:
    """坐席最后一轮之后客户再无回应，且坐席最后一轮在提问。"""
    if not view.own or not view.last:
        return False
    last = view.own[-1]
    asked = any(view.says("question", m) for m in last.messages)
    return asked and all(r.index < last.index for r in view.customer)


def has_times(view: AgentView) -> bool | None:
    """消息带有时间。"""
    own = [m for m in view.transcript.messages if is_own(m) and speaker(m, view.transcript) == view.agent]
    return True if any(m.at is not None or m.start_s is not None for m in own) else None


def untimed(view: AgentView) -> bool:
    """消息没有时间记录，不知道等了多久。"""
    return has_times(view) is None


def customer_acknowledged(view: AgentView) -> bool:
    """坐席解释之后客户表示明白或感谢。"""
    explained_at = [m for r in view.own for m in r.messages if _explains(view, m)]
    first = explained_at[0] if explained_at else (view.own[0].messages[0] if view.own else 0)
    return any(m > first and view.says("acknowledgement", m) for r in view.customer for m in r.messages)


def settled_at_once(view: AgentView) -> bool:
    """客户只提了一件事，坐席一轮答完，客户表示明白或感谢，会话到此结束。"""
    if not view.last or not view.customer or len(view.customer) > SHORT_ROUNDS:
        return False
    last = view.customer[-1]
    content = [r for r in view.own if any(_explains(view, m) for m in r.messages)]
    return (
        len(content) == 1
        and content[0].index < last.index
        and any(view.says("acknowledgement", m) for m in last.messages)
        and not any(view.says("question", m) for m in last.messages)
    )


def only_hold(view: AgentView) -> bool:
    """坐席的全部发言只是请客户等待。"""
    hold = view.language.lexicons["hold_request"]
    own = [m for r in view.own for m in r.messages]
    return bool(own) and all(view.says("hold_request", m) and says_only(view, hold, m) for m in own)


SHOP_KEYS = ("shop", "store", "店铺", "店铺名称")  # what exports call the shop of a chat


def code_allowed(view: AgentView) -> bool | None:
    """会话涉及可以核对验证码的流程（allowed_verification.yml）。"""
    return _allowed(view, "code")


def id_allowed(view: AgentView) -> bool | None:
    """会话涉及可以核对证件的流程（allowed_verification.yml）。"""
    return _allowed(view, "id")


def card_allowed(view: AgentView) -> bool | None:
    """会话涉及可以登记银行卡的流程（allowed_verification.yml）。"""
    return _allowed(view, "card")


def _allowed(view: AgentView, asked: str) -> bool | None:
    """Whether a procedure in force, in this shop, is named by either side; None if the day or the shop is missing."""
    unsure = False
    for procedure in view.language.procedures:
        if asked in procedure.asks and _is_named(view, procedure.expression):
            in_force, here = _in_force(view, procedure), _in_shop(view, procedure)
            if in_force and here:
                return True
            unsure = unsure or (in_force is not False and here is not False)
    return None if unsure else False


def _is_named(view: AgentView, expression: Expression) -> bool:
    return any(True for _ in view.said_in(expression, (*view.customer, *view.own)))


def _in_force(view: AgentView, procedure: Procedure) -> bool | None:
    """Whether a procedure holds on the day of the chat; on an unknown day, if it has not ended."""
    began = view.transcript.began_at
    if began is None:
        return None if procedure.until is not None else True
    return procedure.since <= began.date() and (procedure.until is None or began.date() <= procedure.until)


def _in_shop(view: AgentView, procedure: Procedure) -> bool | None:
    if not procedure.shops:
        return True
    extra = view.transcript.extra
    shop = next((extra[key] for key in SHOP_KEYS if extra.get(key)), None)
    return None if shop is None else shop in procedure.shops


FACTS: dict[str, Fact] = {
    "mid_handling": mid_handling,
    "asked_question": asked_question,
    "announced_hold": announced_hold,
    "explained": explained,
    "order_matter": order_matter,
    "order_unknown": order_unknown,
    "answered": answered,
    "took_over_from_human": took_over_from_human,
    "told_before": told_before,
    "last_agent": last_agent,
    "customer_wrote": customer_wrote,
    "several_rounds": several_rounds,
    "customer_ended": customer_ended,
    "closed_at_once": closed_at_once,
    "left_offline": left_offline,
    "outbound": outbound,
    "customer_left": customer_left,
    "customer_acknowledged": customer_acknowledged,
    "has_times": has_times,
    "only_hold": only_hold,
    "untimed": untimed,
    "settled_at_once": settled_at_once,
    "code_allowed": code_allowed,
    "id_allowed": id_allowed,
    "card_allowed": card_allowed,
}
