"""The rows of the demo's five workbooks, and the deliberate mistakes of one team.

Their dates are in the summer of 2024: the first team has two overdue plan items as of
2024-07-16, and one as of 2024-07-01. A row is a tuple in the order of :data:`FIELDS`,
with choices in Chinese.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from xlflow.columns import Words
from xlflow.facts import ErrorValue, address
from xlflow.schema import (
    BY_NAME,
    CAMPAIGN,
    CANCELLED,
    DONE,
    HIGHER,
    IN_PROGRESS,
    LOWER,
    NOT_STARTED,
)
from xlflow.templates.column_formats import FormattedNumber
from xlflow.templates.table_sheet import FIRST_ROW, HEADER_ROW

Sample = dict[str, list[tuple[Any, ...]]]
"""The rows of one team: table name → rows."""

FIELDS: dict[str, tuple[str, ...]] = {
    "problem": ("stage", "owner", "days", "description", "impact", "priority"),
    "plan": (
        *("stage", "goal", "measures", "owners", "due", "acceptance"),
        *("status", "started_on", "done_on"),
    ),
    "message": (
        *("topic", "sender", "partners", "owners", "content", "deadline", "channel"),
        *("asked_at", "answered_at"),
    ),
    "campaign": (
        *("name", "metric", "target", "actual", "deviation", "cause", "next_step"),
        *("direction", "month"),
    ),
}
"""The columns that the samples fill; any other column stays blank."""

JULY = "2024-07"


def _percent(text: str) -> FormattedNumber:
    """Return a typed percentage as Excel stores it: 0.08 with the format ``0%``."""
    places = len(text.partition(".")[2])
    return FormattedNumber(Decimal(text) / 100, "0." + "0" * places + "%" if places else "0%")


def _day(month: int, day: int) -> date:
    return date(2024, month, day)


def _moment(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute)


GUIDE_TEAM = "市场一部"
GUIDE: Sample = {
    "problem": [
        ("需求调研", "小张", 3, "需求文档不清晰,导致方案反复修改", "高", None),
        ("跨部门评审", "刘经理", 2, "部门反馈不及时,平均延迟1天", "中", None),
        ("活动执行", "小陈", 10, "设计资源依赖外部,响应慢", "高", None),
    ],
    "plan": [
        (
            "需求调研",
            "需求文档通过率提升至90%",
            "制定《需求调研模板》,明确必备字段(目标用户、核心KPI)",
            "小张",
            _day(6, 30),
            "后续方案因需求问题修改次数≤1次",
            IN_PROGRESS,
            _day(6, 3),
            None,
        ),
        (
            "活动执行",
            "设计资源响应时间缩短至1天",
            "建立内部设计资源池,明确设计人员优先级规则",
            "刘经理+设计主管",
            _day(7, 15),
            "设计需求平均响应时间≤1天",
            IN_PROGRESS,
            _day(6, 17),
            None,
        ),
    ],
    "message": [
        (
            "活动方案评审",
            "市场部",
            "销售部、产品部",
            "刘经理",
            "活动目标、预算、渠道选择",
            "24小时",
            "飞书文档评论区留痕",
            _moment(7, 8, 10),
            _moment(7, 9, 9, 30),
        ),
        (
            "线索数据对接",
            "市场部",
            "销售部",
            "小陈+李姐",
            "线索来源、标签、跟进状态",
            "每日17:00前",
            "CRM系统实时同步",
            _moment(7, 16, 9),
            _moment(7, 16, 16, 40),
        ),
    ],
    "campaign": [
        (
            "夏季新品推广",
            "线索量",
            "5000条",
            "4200条",
            None,
            "渠道投放预算不足,社群触达率低",
            "增加社群运营投入,优化渠道投放比例",
            HIGHER,
            JULY,
        ),
        (
            "用户裂变活动",
            "转化率",
            _percent("8"),
            _percent("10"),
            None,
            "奖励机制设置合理,用户参与度高",
            "固化奖励机制,应用到后续活动",
            HIGHER,
            JULY,
        ),
    ],
}

CLEAN_TEAM = "市场二部"
CLEAN: Sample = {
    "problem": [
        ("需求调研", "王敏", 4, "访谈多为老客户，新客户的需求覆盖不足", "高", None),
        ("方案策划", "周涛", 6, "预算口径不统一，定稿前平均改三稿", "高", None),
        ("资源协调", "林悦", 2, "设计排期靠口头约定，临时加单多", "中", None),
        ("活动执行", "何佳", 8, "素材过审往返次数多，上线时间常往后挪", "中", None),
        ("效果复盘", "周涛+王敏", 2.5, "渠道数据分散在三个后台，靠人工核对", "低", None),
    ],
    "plan": [
        (
            "方案策划",
            "每个方案的修改次数降至1次以内",
            "立项会先定目标、预算和口径，财务部同时到会",
            "周涛",
            _day(6, 28),
            "每个方案修改次数≤1次",
            DONE,
            _day(6, 3),
            _day(6, 26),
        ),
        (
            "需求调研",
            "每个项目的新客户访谈不少于5人",
            "与销售部共建新客户访谈名单，每月更新",
            "王敏",
            _day(7, 5),
            "每份《需求调研报告》的新客户访谈≥5人",
            DONE,
            _day(6, 11),
            _day(7, 4),
        ),
        (
            "活动执行",
            "素材一次过审率提升至95%",
            "法务部给出常用文案清单，设计前先自查",
            "何佳",
            _day(7, 12),
            "素材一次过审率≥95%",
            DONE,
            _day(6, 17),
            _day(7, 11),
        ),
        (
            "资源协调",
            "设计排期确认缩短至1天",
            "设计需求统一进排期表，每周一上午锁定本周排期",
            "林悦+设计主管",
            _day(7, 31),
            "排期确认≤1天",
            IN_PROGRESS,
            _day(7, 8),
            None,
        ),
        (
            "效果复盘",
            "活动结束后3个工作日内交复盘报告",
            "复盘模板与数据看板打通，数字自动带入",
            "周涛+王敏",
            _day(8, 16),
            "复盘报告按时率≥95%",
            NOT_STARTED,
            None,
            None,
        ),
    ],
    "message": [
        (
            "秋季新品上市节奏",
            "市场部",
            "产品部、销售部",
            "周涛",
            "上市时间、首批铺货城市、价格政策",
            "2个工作日",
            "飞书文档评论区",
            _moment(7, 2, 10),
            _moment(7, 3, 16, 20),
        ),
        (
            "直播样品调拨",
            "市场部",
            "供应链部",
            "何佳",
            "样品清单、到货时间、退回方式",
            "24小时",
            "邮件",
            _moment(7, 9, 9, 30),
            _moment(7, 10, 8, 50),
        ),
        (
            "会员标签口径",
            "市场部",
            "数据部",
            "王敏",
            "新老客划分、活跃度分层",
            "3天内",
            "飞书任务",
            _moment(7, 10, 14),
            _moment(7, 12, 11),
        ),
        (
            "八月联合促销预算",
            "市场部",
            "财务部、销售部",
            "周涛",
            "费用分摊、核销方式",
            _day(7, 19),
            "邮件",
            _moment(7, 15, 9),
            None,
        ),
    ],
    "campaign": [
        ("暑期校园行", "到店人数", "3000人", "3120人", None, None, None, HIGHER, JULY),
        (
            "暑期校园行",
            "单客成本",
            "45元",
            "42元",
            None,
            "两所高校免场地费",
            "下学期沿用校方合作",
            LOWER,
            JULY,
        ),
        ("会员日直播", "成交额", "80万元", "78万元", None, None, None, HIGHER, JULY),
        (
            "会员日直播",
            "转化率",
            _percent("6"),
            _percent("6.3"),
            None,
            None,
            None,
            HIGHER,
            JULY,
        ),
        ("秋季新品预热", "预约量", "2000份", None, None, None, None, HIGHER, JULY),
    ],
}

TRADITIONAL_TEAM = "华东市场部"
TRADITIONAL: Sample = {
    "problem": [
        ("需求調研", "陳思遠", "４", "各城市門店回報格式不一，彙整費時", "高", None),
        ("跨部門評審", "吳怡君", 2, "評審意見散落在群組，事後難以追溯", "高", None),
        ("活動執行", "許志豪", 6.5, "戶外檔期確認慢，常錯過黃金週末", "中", None),
    ],
    "plan": [
        (
            "需求調研",
            "門店回報彙整時間縮短至1天",
            "統一回報表單，每週五中午前提交",
            "陳思遠",
            "2024/6/28",
            "彙整時間≤1天",
            DONE,
            _day(6, 3),
            _day(7, 2),
        ),
        (
            "跨部門評審",
            "評審意見按時回覆率提升至90%",
            "評審單改為線上表單，逾時自動提醒",
            "吳怡君+許志豪",
            "2024年7月12日",
            "按時回覆率≥90%",
            "進行中",
            _day(6, 17),
            None,
        ),
        (
            "活動執行",
            "戶外檔期提前15天鎖定",
            "與場地方簽訂季度框架協議",
            "許志豪",
            _day(8, 30),
            "檔期提前15天以上鎖定",
            NOT_STARTED,
            None,
            None,
        ),
    ],
    "message": [
        (
            "秋裝陳列標準",
            "華東市場部",
            "產品部、零售部",
            "吳怡君",
            "主推款、陳列圖、到貨時間",
            "兩個工作日",
            "郵件",
            _moment(7, 4, 10),
            _moment(7, 8, 9, 30),
        ),
        (
            "上海快閃店物料",
            "華東市場部",
            "設計部",
            "許志豪",
            "主視覺、尺寸、交付格式",
            "３天內",
            "飛書任務",
            _moment(7, 10, 15),
            _moment(7, 12, 18),
        ),
    ],
    "campaign": [
        (
            "外灘快閃店",
            "客流量",
            "1.2万",
            "１３５００",
            None,
            "週末夜場加開，客流高於預期",
            "十月檔期延續夜場",
            HIGHER,
            JULY,
        ),
        (
            "外灘快閃店",
            "銷售額",
            "３５萬元",
            "36.2萬元",
            None,
            None,
            None,
            HIGHER,
            JULY,
        ),
        (
            "社區團購拉新",
            "新增會員",
            "１，２００人",
            "980人",
            None,
            "梅雨季線下地推場次減少",
            "八月補開十二場，改在室內商場",
            HIGHER,
            JULY,
        ),
    ],
}

FAULTY_TEAM = "品牌部"
FAULTY: Sample = {
    "problem": [
        ("需求调研", "孙倩", 3, "竞品资料更新慢，提案时才发现数据过期", "高", "优先3"),
        ("方案策划", "赵航", 500, "主视觉方向反复，创意会开了又开", "高", None),
        ("跨部门评审", "孙倩", "看情况", "法务和公关先后提意见，口径不一致", "中", None),
        ("资源协调", "赵航", 2, "摄影棚档期与产品到样时间对不上", "中等偏上", None),
        ("活动执行", "孙倩", "8", "达人寄样和发布时间靠人工跟进", "中", None),
        ("效果复盘", "赵航", -2, "品牌声量没有统一的统计口径", "低", None),
        ("需求调查", "孙倩", 5, "问卷发放靠各门店自愿，回收率低", "中", None),
    ],
    "plan": [
        (
            "需求调研",
            "竞品月报按时率提升至95%",
            "每月25日锁定竞品清单，分工采集",
            "孙倩",
            "2024-06-31",
            "竞品月报按时率≥95%",
            IN_PROGRESS,
            _day(6, 3),
            None,
        ),
        (
            "方案策划",
            "主视觉定稿轮次降至2轮以内",
            "提案前先定三个方向，一次评审选定",
            "赵航",
            _day(7, 10),
            "主视觉定稿≤2轮",
            DONE,
            _day(6, 11),
            None,
        ),
        (
            "跨部门评审",
            "法务意见回复缩短至1天",
            "常用文案提前报备，评审只看改动",
            "孙倩",
            _day(7, 12),
            "法务意见回复≤1天",
            IN_PROGRESS,
            _day(6, 17),
            _day(7, 8),
        ),
        (
            "资源协调",
            "拍摄改期次数降至每月1次以内",
            "到样确认后再锁棚，预留半天机动",
            "赵航",
            _day(7, 12),
            "拍摄改期每月≤1次",
            DONE,
            _day(7, 9),
            _day(7, 2),
        ),
        (
            "活动执行",
            "达人按时发布率提升至90%",
            "签约时写明发布日，提前2天提醒",
            "孙倩",
            _day(7, 13),
            "达人按时发布率≥90%",
            IN_PROGRESS,
            _day(6, 24),
            None,
        ),
        (
            "效果复盘",
            "复盘报告提前至活动结束后5天内",
            "声量口径固定为三个平台的互动数",
            "赵航",
            "7月19日",
            "复盘报告≤5天",
            IN_PROGRESS,
            _day(7, 1),
            None,
        ),
        (
            "跨部门评审",
            "让评审更顺畅",
            "评审材料提前一天发出",
            "孙倩",
            _day(7, 26),
            "每场评审≤1小时",
            NOT_STARTED,
            None,
            None,
        ),
        (
            "方案策划",
            "每季度沉淀3个可复用的创意模板",
            "季度末集中整理，放进素材库",
            "赵航",
            _day(9, 27),
            "领导满意",
            NOT_STARTED,
            None,
            None,
        ),
        (
            "资源协调",
            "寄样差错降至每月2单以内",
            "寄样单由系统导出，双人复核",
            None,
            _day(8, 9),
            "寄样差错每月≤2单",
            NOT_STARTED,
            None,
            None,
        ),
        (
            "活动执行",
            "活动物料返工率降至3%",
            None,
            "赵航",
            _day(8, 16),
            "物料返工率≤3%",
            NOT_STARTED,
            None,
            None,
        ),
        (
            "效果复盘",
            "舆情日报在9点前发出的比例达到95%",
            "值班表排到周，节假日由两人轮值",
            "孙倩",
            _day(8, 23),
            "按时发出率≥95%",
            NOT_STARTED,
            None,
            None,
        ),
        (
            "效果复盘",
            "舆情日报在9点前发出的比例达到95%",
            "值班表排到周，节假日由两人轮值",
            "孙倩",
            _day(8, 23),
            "按时发出率≥95%",
            NOT_STARTED,
            None,
            None,
        ),
    ],
    "message": [
        (
            "周年庆主视觉",
            "品牌部",
            "设计部、品牌部",
            "赵航",
            "主视觉方向、延展尺寸",
            "2个工作日",
            "飞书文档评论区",
            _moment(7, 3, 10),
            _moment(7, 4, 15),
        ),
        (
            "代言人物料授权",
            "品牌部",
            "法务部",
            "孙倩",
            "授权范围、使用期限",
            "3天内",
            "邮件",
            _moment(7, 9, 14),
            _moment(7, 5, 11),
        ),
        (
            "媒体名单更新",
            "品牌部",
            "公关部",
            "孙倩",
            "重点媒体、对接人",
            "尽快",
            "邮件",
            _moment(7, 10, 9, 30),
            None,
        ),
        (
            "会员礼盒打样",
            "品牌部",
            "采购部、产品部",
            "赵航",
            "材质、工期、报价",
            "3天内",
            "飞书任务",
            _moment(7, 8, 11),
            _moment(7, 10, 17),
        ),
        (
            "会员礼盒质检",
            "品牌部",
            None,
            "赵航",
            "抽检比例、不合格处理",
            "24小时",
            "飞书任务",
            _moment(7, 11, 10),
            _moment(7, 12, 9),
        ),
    ],
    "campaign": [
        (
            "周年庆预热",
            "曝光量",
            "200万次",
            ErrorValue("#N/A"),
            None,
            None,
            None,
            HIGHER,
            JULY,
        ),
        ("周年庆预热", "互动量", "５０００条", "5100条", None, None, None, HIGHER, JULY),
        ("达人种草", "线索量", "3000条", _percent("8"), None, None, None, HIGHER, JULY),
        ("达人种草", "互动率", _percent("4"), 10, None, None, None, HIGHER, JULY),
        (
            "品牌快闪",
            "到场人数",
            "2000人",
            "1500人",
            None,
            None,
            "下次避开高考周末",
            HIGHER,
            JULY,
        ),
        (
            "品牌快闪",
            "单客成本",
            "30元",
            "36元",
            None,
            "搭建费超支，客流又低于预期",
            None,
            LOWER,
            JULY,
        ),
        ("媒体专访", "发稿量", "40篇", "38篇", "-20%", None, None, HIGHER, JULY),
        ("会员礼盒", "领取量", "1000份", "1040份", None, None, None, HIGHER, JULY),
    ],
}

HIDDEN_ROW = ("campaign", 7)
"""A hidden row of the faulty team: table, index."""
MERGED_ROWS = ("message", "partners", 3, 4)
"""Two rows of the faulty team with one merged cell: table, field, first and last index."""
RENAMED_HEADER = ("message", "channel", Words("备注", "Note"))
"""A column whose header the faulty team replaced: table, field, new header."""
DOUBLED_HEADER = ("campaign", "target")
"""A header that the faulty team repeated in a column of its own at the right."""


class Mistake(NamedTuple):
    """One deliberate mistake: its cell (None for the whole sheet), and the rule that finds it."""

    table: str
    cell: str | None
    rule: str


def _mistake(table: str, row: int, field: str, rule: str) -> Mistake:
    """Return a mistake in a data row, counted from 0."""
    fields = [column.field for column in BY_NAME[table].columns]
    return Mistake(table, address(FIRST_ROW + row, fields.index(field) + 1), rule)


MISTAKES = (
    _mistake("problem", 0, "priority", "own_priority_disagrees"),
    _mistake("problem", 1, "days", "implausible_days"),
    _mistake("problem", 2, "days", "not_a_number"),
    _mistake("problem", 3, "impact", "not_a_choice"),
    _mistake("problem", 4, "days", "number_as_text"),
    _mistake("problem", 5, "days", "negative_days"),
    _mistake("problem", 6, "stage", "stage_not_in_register"),
    _mistake("plan", 0, "due", "no_such_date"),
    _mistake("plan", 1, "done_on", "done_without_date"),
    _mistake("plan", 2, "status", "date_without_done"),
    _mistake("plan", 3, "done_on", "done_before_it_began"),
    _mistake("plan", 4, "due", "due_on_a_day_off"),
    _mistake("plan", 5, "due", "year_assumed"),
    _mistake("plan", 6, "goal", "goal_without_a_figure"),
    _mistake("plan", 7, "acceptance", "acceptance_without_a_figure"),
    _mistake("plan", 8, "owners", "required_cell_blank"),
    _mistake("plan", 9, "measures", "goal_without_measures"),
    _mistake("plan", 11, "stage", "row_twice"),
    _mistake("message", 0, "partners", "own_department_as_partner"),
    _mistake("message", 1, "answered_at", "answered_before_asked"),
    _mistake("message", 2, "deadline", "deadline_not_understood"),
    _mistake("message", 3, "partners", "merged_cells"),
    Mistake("message", None, "column_missing"),
    _mistake("campaign", 0, "actual", "error_value"),
    _mistake("campaign", 1, "target", "full_width_typing"),
    _mistake("campaign", 2, "actual", "units_differ"),
    _mistake("campaign", 3, "actual", "bare_number_against_percent"),
    _mistake("campaign", 4, "cause", "deviation_without_cause"),
    _mistake("campaign", 5, "next_step", "deviation_without_next_step"),
    _mistake("campaign", 6, "deviation", "own_deviation_disagrees"),
    Mistake("campaign", None, "hidden_rows"),
    Mistake("campaign", address(HEADER_ROW, len(CAMPAIGN.columns) + 1), "header_twice"),
)
"""Every mistake in the faulty team's workbook."""

COPIED_TEAM = "渠道部"
COPIED: Sample = {
    "plan": [
        (
            "跨部门评审",
            "经销商政策评审缩短至2个工作日",
            "政策草案先过财务模板，评审会只议差异",
            "韩磊",
            _day(7, 5),
            "评审≤2个工作日",
            DONE,
            _day(6, 12),
            _day(7, 9),
        ),
        (
            "资源协调",
            "门店物料到店及时率提升至95%",
            "物料按城市分批发货，每周三核对签收",
            "罗静+仓储主管",
            _day(7, 12),
            "到店及时率≥95%",
            DONE,
            _day(6, 18),
            _day(7, 12),
        ),
        (
            "活动执行",
            "重点门店陈列达标率提升至90%",
            "督导每两周巡店一次，拍照回传",
            "罗静",
            _day(8, 30),
            "陈列达标率≥90%",
            IN_PROGRESS,
            _day(7, 1),
            None,
        ),
        (
            "方案策划",
            "渠道促销方案提前20天定稿",
            "与大区共用促销日历，每月初锁定",
            "韩磊",
            _day(7, 26),
            "方案提前20天以上定稿",
            CANCELLED,
            None,
            None,
        ),
    ],
    "message": [
        (
            "三季度返利政策",
            "渠道部",
            "财务部、销售部",
            "韩磊",
            "返利比例、结算时间",
            "2个工作日",
            "邮件",
            _moment(7, 1, 9, 30),
            _moment(7, 4, 10),
        ),
        (
            "新品首批铺货",
            "渠道部",
            "供应链部",
            "罗静",
            "城市清单、到货时间",
            "24小时",
            "企业微信群",
            _moment(7, 10, 10),
            _moment(7, 11, 9, 15),
        ),
        (
            "巡店照片验收",
            "渠道部",
            "品牌部",
            "罗静",
            "主推位、价签、堆头",
            "3天内",
            "飞书任务",
            _moment(7, 11, 16),
            None,
        ),
    ],
    "campaign": [
        (
            "经销商订货会",
            "订货额",
            "500万元",
            "560万元",
            None,
            "首批铺货政策力度大，老客户提前下单",
            "秋季订货会沿用首单政策",
            HIGHER,
            JULY,
        ),
        ("门店焕新", "完成门店数", "120家", "114家", None, None, None, HIGHER, JULY),
        ("门店焕新", "单店费用", "6000元", "5800元", None, None, None, LOWER, JULY),
    ],
}
COPY_EDIT = ("campaign", 1, "actual", "118家")
"""The only cell in which the copy differs: table, row index, field, value in the copy."""
