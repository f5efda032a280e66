"""Words of the customer's mood in groups, so that what was never seen in training still counts as its group.

Written for this project. At most four characters each, since they are found in the same pass as the n-grams;
a word belongs to one group. Numbers are spelled 0, as ``turns.clean`` leaves them.
"""

from __future__ import annotations

_GROUPS = {
    "urgent": "急用 着急 很急 急死 好急 急需 挺急 太急 急着 真急 赶时间 来不及 等不了 等不及 火烧眉毛",
    "hurry": "赶紧 赶快 尽快 快点 快些 抓紧 催 马上 立刻 立即 早点",
    "not_yet": "还没 都没 没到 没有到 没收到 没有收到 未收到 没发货 不发货 未发货 没更新 一直没 还不 没来 没送 没退 没有退 还未 到现在 至今 迟迟 没人 没有人 无人 没反应 没消息 没动静 不动",
    "waited": "等了 等到 好久 多久 几天了 多天 半天 一天了 0天了 天了 小时了 这么久 那么久 太久 太慢 很慢 这么慢 一直 每次 每天 又是 再等 还要等 还得等",
    "why": "怎么还 为什么 为啥 为何 凭什么 凭啥 怎么回事 什么意思 啥意思 怎么会 怎么能 怎么可以 怎么不 怎么没 怎么这 怎么又 怎么就 怎么才 咋回事 咋办 怎么办",
    "rhetoric": "难道 竟然 居然 明明 不是说 说好 你们说 你说 不就是 那还 还能 反正 根本 到底 究竟 本来 早知 偏偏 何必 总是 老是",
    "resigned": "好吧 算了 唉 哎 无奈 无语 晕 郁闷 伤心 失望 可惜 遗憾 悲催 肉疼 心疼 心塞 呵呵 服了 醉了 头疼 头大 难受 崩溃 累 烦",
    "bad": "垃圾 骗 坑 太差 很差 真差 这么差 差劲 差评 恶心 欺负 耍 敷衍 推卸 踢皮球 扯 忽悠 不负责 投诉 举报 曝光 假货 假的 次品 坏了 坏的 烂 破 臭 不好用 不靠谱 质量问题 有问题 瑕疵 漏 裂 碎 气死 生气 火大 过分 不合理 不爽 不满 不像话 离谱 荒唐 太贵 浪费 费劲 损失 吃亏 上当 后悔 可恶 妈的 滚 傻 屁",
    "worry": "担心 怕 会不会 不会是 万一 是不是 焦虑 心慌 耽误 影响 过期 来得及 不会吧 不会又",
    "unanswered": "人呢 人那 在吗 在不在 回答 回复 说话 不理 没回 回话 喂 还在吗 在么 有人吗 ??",
    "cannot": "没用 没有用 不行 不能 不了 不到 不给 不让 不支持 没办法 没法 没货 无货 失败 不成功 打不通 不接 没接 联系不上 找不到 收不到 不对 不是 错",
    "price": "降价 涨价 差价 便宜 贵了 价保 保价 才买 刚买 买完 运费 扣",
    "refuse": "不要了 不想要 取消 退货 退款 拒收 不买 不用了 不再 再也",
    "turn": "但 可是 却 结果 然后 不过 反而 而且 还是 都 就",
    "thanks": "谢 蟹蟹 thx 0q 辛苦 麻烦你了 麻烦您了 麻烦了 感激",
    "praise": "赞 棒 不错 很好 真好 太好 好评 满意 开心 高兴 喜欢 给力 厉害 贴心 耐心 热情 专业 祝 愉快 快乐 幸福 么么 哈哈 嘻嘻 嘿嘿 😊 👍 ❤ 🌹 太快了 及时 惊喜 放心了",
    "question": "请问 咨询 吗 呢 什么 怎么 多少 可以 能不能 是否 哪 几 么 啥",
    "polite": "您 请 麻烦 你好 帮",
    "plea": "拜托 求 帮帮 一定 必须 务必 千万 尽量",
    "fine": "好的 嗯 哦 恩 是的 行 知道了 明白 收到 对 ok 没有了 没了",
    "exclaimed": "!",
    "asked": "?",
    "trailing": ".. … 。。 ,,",
    "particle": "啊 呀 嘛 咯 呗 吧 哈 哟 喔",
    "upset_face": "😂 😭 😡 😤 😢 😓 😅 😠 💔 👎 [怒] [哭] [流泪] [大哭] [生气]",
}

GROUPS: tuple[str, ...] = tuple(_GROUPS)
WORDS: tuple[str, ...] = tuple(word for words in _GROUPS.values() for word in words.split())
GROUP_OF_WORD: tuple[int, ...] = tuple(
    number for number, words in enumerate(_GROUPS.values()) for _ in words.split()
)
