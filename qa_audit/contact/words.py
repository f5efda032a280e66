"""Words of topics and of how chats end, in groups: what was never seen in training still counts as its group.

Written for this project. At most five characters each, since they are found in the same pass as the n-grams; a word
may belong to several groups (退款 is a word of 退款 and of 退换货售后). Numbers are spelled 0, as ``turns.clean`` leaves
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_audit.records import TOPICS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 5

_TOPICS = {
    "物流配送": "快递 物流 配送 送货 派送 派件 发货 到货 送到 收到 催 运输 站点 快递员 配送员 送来 什么时候到 几天到 何时到 还没到 没收到 签收 自提 驿站 丢件 中转 分拣 预约送 运单 单号 包裹 到了吗 能到 今天到 明天到 出库 转运 投递 揽收 派件员 仓库 冷链 小哥 放门口",
    "订单": "取消订单 改地址 修改地址 地址 下单 拍错 订单 预约 预售 没货 无货 缺货 有货 补货 抢购 删除订单 锁定 恢复 收货人 改电话 拆单 合并 取消 下错 订单状态 拦截 重新下单 现货 买重了 砍单 备注",
    "退换货售后": "退货 换货 售后 返修 坏了 破损 质量 少发 漏发 发错 取件 上门取 维修 七天 0天无理由 退换 换新 瑕疵 假货 检测 过敏 坏 碎 漏 寄回 换一 退掉 包装 退了 问题件 少了 补发 拒收 赔 换个 裂 取件码 退货单",
    "退款": "退款 到账 退钱 退到 款项 原路 退回 返还 退还 还没退 退的钱 退款进度 多久到账 钱款 银行卡 钱呢 退给我",
    "发票": "发票 开票 电子发票 专票 增票 税号 抬头 纸质发票 报销 普票 增值税 换开 资质 购物清单 发票内容 开具 邮箱 补开 公司名称 红冲 单位名称",
    "商品咨询": "正品 型号 尺寸 规格 参数 怎么用 适合 尺码 颜色 区别 材质 保质期 生产日期 支持 配置 容量 功能 使用 多大 说明书 国行 推荐 哪个好 哪款 保修 能用 可以用 兼容 电池 口味 重量 充电 下载 成分 接口 能不能用",
    "价格优惠": "优惠 优惠券 降价 价保 保价 差价 活动 便宜 满减 券 打折 折扣 赠品 红包 双00 涨价 价格 补差 领券 东券 京东券 贵 免邮 运费 返现 减 秒杀 优惠码 叠加 原价 凑单 定金 预售价",
    "支付": "支付 付款 白条 微信 支付宝 信用卡 分期 货到付款 扣款 刷卡 支付失败 付不了 余额 银行 转账 额度 付钱 网银 付了 免息 还款 刷pos 支付密码 礼品卡 重复扣",
    "账户会员": "账号 账户 密码 登录 会员 京豆 plus 手机号 绑定 注册 实名 积分 登陆 注销 验证码 京享值 等级 解绑 用户名 钢镚 冻结 被盗 风控 帐号 帐户 e卡 开通 试用 自动续费 豆子",
    "安装维修": "安装 师傅 维修 上门安装 装 调试 售后电话 厂家 保修 修 挂架 墙 空调 热水器 测量 拆机 移机 打孔 工程师 电视 洗衣机 预约安装 支架 鉴定 报修 收费 上门费",
    "其他": "人工 投诉 反馈 举报 客服电话 转人工 在吗 招聘 商家 入驻 合作 客服 工号 咨询 电话 联系方式",
}
_ENDINGS = {
    "thanks": "谢 辛苦 麻烦你了 麻烦您了 感激 0q thx",
    "agrees": "好的 好吧 行 可以 嗯 哦 ok 知道了 明白 了解 收到 好 恩 清楚了",
    "settled": "没有了 没了 没事了 不用了 可以了 解决了 好了 搞定 成功了 收到了 就这样 没问题了",
    "gives_up": "算了 不要了 不买了 取消吧 退了吧 无语 随便 不说了 不问了 再见吧 呵呵 就这样吧",
    "still": "还没 还是 又 一直 到现在 没有收到 没收到 没用 不行 怎么还 为什么 到底 还不 没人",
    "asks": "吗 怎么 什么 多久 几 哪 能不能 是否 呢 ? 如何 咋",
    "upset": "投诉 差评 垃圾 骗 失望 生气 太慢 太差 不满 不合理 坑 无语 退货 举报 着急 急",
    "waits": "等 再看看 先这样 到时候 明天再 等等 等着 我等",
    "done": "已经 已为您 已帮您 已给您 成功 解决 处理好 提交了 申请了 取消了 办好 登记了 补发 修改好 帮您开 发送 好了",
    "promise": "会 将 尽快 反馈 小时内 工作日 核实 跟进 催促 联系您 短信 回复您 0天内 加急 催 升级 预计 留意 关注 保持手机",
    "cannot": "无法 不能 不支持 没有办法 没办法 不可以 没有权限 暂时没有 不了 暂不 不好意思 抱歉 无权 不提供 没有货 查不到",
    "yourself": "建议您 您联系 自行 您可以 您自己 拨打 您咨询 请您 您在 您点 您看下 您这边",
    "else": "还有其他 还有什么 还有别的 其他问题 其它问题 可以帮到您 帮到您的",
    "closing": "再见 祝您 感谢您 愉快 支持 评价 生活",
    "hold": "稍等 查询 正在 看一下 看下 帮您查 请等",
    "needs": "提供 请问 麻烦您 订单号 告诉我 是吗 哪个 对吗",
}
CUSTOMER_ENDINGS = ("thanks", "agrees", "settled", "gives_up", "still", "asks", "upset", "waits")
AGENT_ENDINGS = ("done", "promise", "cannot", "yourself", "else", "closing", "hold", "needs", "asks")

assert tuple(_TOPICS) == TOPICS, "every topic has its words"


def _listed(groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words.split()) for name, words in groups.items()}


TOPIC_WORDS = _listed(_TOPICS)
ENDING_WORDS = _listed(_ENDINGS)
