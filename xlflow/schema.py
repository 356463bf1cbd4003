"""What a team's workbook is: the four tables, declared once.

To add a column, add one declaration here. The template gets the column with its
width, choices and header note; the reader finds it; the basic rules check it;
the store keeps it; the data dictionary lists it.

The tables, their columns and their keys are those of the marketing teams' guide;
``guide=False`` marks the columns that xlflow adds to them.
"""

from __future__ import annotations

import copyreg
from typing import Any

from xlflow.columns import (
    Amount,
    Choice,
    Date,
    Days,
    Deadline,
    Deviation,
    Month,
    Option,
    Owner,
    People,
    Priority,
    RecordText,
    Table,
    Text,
    column,
    table,
)

IMPACT = (
    Option("高", "High", ("大", "严重", "H")),
    Option("中", "Medium", ("中等", "一般", "M")),
    Option("低", "Low", ("小", "轻微", "L")),
)
NOT_STARTED, IN_PROGRESS, DONE, CANCELLED = "未开始", "进行中", "已完成", "已取消"
STATUS = (
    Option(NOT_STARTED, "Not started", ("待开始", "未启动")),
    Option(
        IN_PROGRESS,
        "In progress",
        (
            *(
                "处理中",
                "执行中",
                "推进中",
                "实施中",
                "落实中",
                "办理中",
                "正在进行",
                "正在推进",
                "在做",
            ),
            *("延期", "已延期", "延期中", "延误", "逾期", "已逾期", "未完成", "尚未完成", "未做完"),
            *("没完成", "部分完成", "Ongoing", "Delayed", "Overdue", "Not done"),
        ),
    ),
    Option(DONE, "Done", ("完成", "已办结", "已经完成", "完成了", "已做完", "Completed")),
    Option(CANCELLED, "Cancelled", ("取消", "已作废", "Canceled")),
)
HIGHER, LOWER = "越高越好", "越低越好"
DIRECTION = (
    Option(HIGHER, "Higher is better", ("高好", "正向")),
    Option(LOWER, "Lower is better", ("低好", "反向", "负向")),
)


def _remarks() -> Any:
    return column(
        "系统提示",
        en="Remarks",
        owner=Owner.XLFLOW,
        guide=False,
        width=34,
        help=(
            "由 xlflow 填写：这一行有哪些要核对的地方。请勿手工填写。",
            "Written by xlflow: what to check in this row. Please don't fill it in.",
        ),
    )


def _record() -> Any:
    return column(
        "系统记录",
        en="Record",
        owner=Owner.XLFLOW,
        guide=False,
        width=8,
        hidden=True,
        help=(
            "由 xlflow 填写：这一行的标识。请保留，不要修改。",
            "Written by xlflow: this row's identity. Please keep it as it is.",
        ),
    )


def _late() -> Any:
    return column(
        "逾期",
        en="Overdue",
        owner=Owner.XLFLOW,
        guide=False,
        width=12,
        help=(
            "由 xlflow 填写：超过期限多久。请勿手工填写。",
            "Written by xlflow: how long past the deadline. Please don't fill it in.",
        ),
    )


@table(
    sheet=("流程现状分析", "Workflow analysis"),
    title=("营销流程现状分析表", "Marketing workflow analysis"),
    purpose=(
        "把拖慢流程的环节逐条写下来，影响大、耗时短的先改。",
        "One row for each stage that slows the workflow; what has a high impact and is quick to "
        "fix comes first.",
    ),
    aliases=("营销流程现状分析表", "表1", "现状分析"),
    name="problem",
)
class WorkflowProblem:
    """One thing that slows the workflow down."""

    stage: Text = column(
        "流程环节",
        en="Stage",
        key=True,
        aliases=("环节", "流程阶段", "Process stage"),
        help=(
            "流程中的哪个环节，如“需求调研”“跨部门评审”。",
            "Which stage of the workflow, such as research or review.",
        ),
    )
    owner: People = column(
        "当前负责人",
        en="Current owner",
        aliases=("负责人", "现负责人"),
        help=(
            "谁在负责；多人用“+”或“、”分开。",
            "Who is responsible; separate several with + or a comma.",
        ),
    )
    days: Days = column(
        "耗时(天)",
        en="Days",
        in_figures=True,
        aliases=("耗时", "耗时天数", "Duration (days)"),
        width=10,
        help=(
            "这个环节现在要花几天，只填数字，可以有小数。",
            "How many days the stage takes now: a number, decimals allowed.",
        ),
    )
    description: Text | None = column(
        "问题描述",
        en="Problem",
        aliases=("问题", "问题说明", "Description"),
        width=38,
        help=("具体卡在哪里，造成什么后果。", "What gets stuck, and with what consequences."),
    )
    impact: Choice = column(
        "影响程度(高/中/低)",
        en="Impact",
        in_figures=True,
        choices=IMPACT,
        aliases=("影响程度", "影响", "Impact (high/medium/low)"),
        width=14,
        help=("从下拉列表选：高、中、低。", "Choose from the list: High, Medium, Low."),
    )
    priority: Priority | None = column(
        "改进优先级",
        en="Priority",
        owner=Owner.COMPUTED,
        aliases=("优先级", "改进优先次序"),
        width=12,
        help=(
            "自动计算：先看影响程度，再看耗时，短的在前。也可以填自己的判断，xlflow 不会覆盖。",
            "Computed: impact first, then the shorter time. "
            "Your own value is kept if you type one.",
        ),
    )
    remarks: Text | None = _remarks()
    record: RecordText | None = _record()


@table(
    sheet=("流程优化计划", "Improvement plan"),
    title=("营销流程优化计划表", "Workflow improvement plan"),
    purpose=(
        "每条改进写清目标、负责人和完成时间；做完把状态改为“已完成”并填实际完成时间。",
        "Give each improvement a goal, an owner and a due date; "
        "once done, set the status and the day it was done.",
    ),
    aliases=("营销流程优化计划表", "表2", "优化计划"),
)
class Plan:
    """One improvement that somebody has promised by a date."""

    stage: Text = column(
        "优化环节",
        en="Stage",
        key=True,
        aliases=("环节", "流程环节"),
        help=("要优化的流程环节。", "The stage to be improved."),
    )
    goal: Text = column(
        "优化目标",
        en="Goal",
        key=True,
        aliases=("目标", "Objective"),
        width=24,
        help=(
            "可衡量的目标，如“通过率提升至90%”。",
            "A goal that can be measured, such as 'pass rate up to 90%'.",
        ),
    )
    measures: Text | None = column(
        "具体措施",
        en="Measures",
        aliases=("措施", "Actions"),
        width=30,
        help=("打算怎么做。", "What will be done."),
    )
    owners: People = column(
        "责任人",
        en="Owner",
        aliases=("负责人", "Owners"),
        help=(
            "谁负责；多人用“+”或“、”分开。",
            "Who is responsible; separate several with + or a comma.",
        ),
    )
    due: Date = column(
        "完成时间",
        en="Due",
        in_figures=True,
        aliases=(
            "计划完成时间",
            "计划完成日期",
            "计划完成日",
            "预计完成时间",
            "预计完成日期",
            "要求完成时间",
            "要求完成日期",
            "应完成时间",
            "完成期限",
            "完成日期",
            "截止时间",
            "截止日期",
            "截止日",
            "Due date",
            "Deadline",
        ),
        width=13,
        help=(
            "计划哪天完成，如 2024-06-30；也可以写“6月底”。",
            "The day it is due, such as 2024-06-30.",
        ),
    )
    acceptance: Text | None = column(
        "验收标准",
        en="Acceptance",
        aliases=("验收", "Acceptance criteria"),
        width=24,
        help=(
            "怎样算做到，写出数字，如“≤1天”“3个以上”。",
            "How to tell that it is done, with a figure, such as '≤1 day'.",
        ),
    )
    status: Choice | None = column(
        "状态",
        en="Status",
        in_figures=True,
        guide=False,
        choices=STATUS,
        blank=NOT_STARTED,
        aliases=("进度", "完成状态"),
        width=10,
        help=(
            "从下拉列表选；留空等于“未开始”。",
            "Choose from the list; blank means Not started.",
        ),
    )
    started_on: Date | None = column(
        "开始时间",
        en="Started",
        in_figures=True,
        guide=False,
        aliases=("开始日期", "启动时间", "实际开始时间", "实际开始日期", "Start date"),
        width=13,
        help=(
            "实际哪天开始，用来计算周期。",
            "The day the work began; cycle times count from it.",
        ),
    )
    done_on: Date | None = column(
        "实际完成时间",
        en="Done on",
        in_figures=True,
        guide=False,
        aliases=("实际完成日期", "实际完成日", "Completed on"),
        aliases_beside=("due", ("完成时间", "完成日期", "完成日")),
        width=13,
        blanks=(
            "未完成",
            "尚未完成",
            "还未完成",
            "没完成",
            "还没完成",
            "未做完",
            "没做完",
            "进行中",
        ),
        help=("实际哪天做完，做完后再填。", "The day it was done; fill it in afterwards."),
    )
    late: Text | None = _late()
    remarks: Text | None = _remarks()
    record: RecordText | None = _record()


@table(
    sheet=("跨部门协作沟通", "Cross-team messages"),
    title=("跨部门协作沟通表", "Cross-department communication"),
    purpose=(
        "请别的部门配合的事逐条登记，写明多久之内要反馈；收到反馈就填实际反馈时间。",
        "One row for each request to another department, with its deadline; "
        "fill in when the answer came.",
    ),
    aliases=(
        "跨部门协作沟通表",
        "表3",
        "跨部门协作",
        "跨部门沟通",
        "Cross-department communication",
    ),
)
class Message:
    """One request to another department, and whether it was answered in time."""

    topic: Text = column(
        "协作事项",
        en="Topic",
        key=True,
        aliases=("事项", "协作内容", "Subject"),
        width=20,
        help=("请对方配合什么事。", "What the other department is asked to do."),
    )
    sender: People = column(
        "发起部门",
        en="From",
        key=True,
        aliases=("发起方", "From department"),
        width=12,
        help=("由哪个部门提出。", "The department that asks."),
    )
    partners: People = column(
        "协作部门",
        en="To",
        key=True,
        aliases=("配合部门", "协作方", "To department"),
        help=(
            "需要哪些部门配合；多个用“、”分开。",
            "The departments that are asked; separate several with a comma.",
        ),
    )
    owners: People = column(
        "负责人",
        en="Owner",
        aliases=("责任人", "对接人", "Owners"),
        help=(
            "谁在跟进；多人用“+”或“、”分开。",
            "Who follows it up; separate several with + or a comma.",
        ),
    )
    content: Text | None = column(
        "沟通内容",
        en="Content",
        aliases=("内容", "沟通事项"),
        width=32,
        help=("要对方确认或提供的内容。", "What is to be confirmed or provided."),
    )
    deadline: Deadline = column(
        "反馈时限",
        en="Answer within",
        in_figures=True,
        aliases=(
            "反馈期限",
            "回复时限",
            "回饋時限",
            "要求反馈时间",
            "计划反馈时间",
            "反馈截止时间",
            "Answer due",
            "Reply within",
        ),
        width=14,
        help=(
            "如“24小时”“2个工作日”“3天内”“每日17:00前”，或一个日期。",
            "Such as '24 hours', '2 working days', 'daily by 17:00', or a date.",
        ),
    )
    channel: Text | None = column(
        "记录方式",
        en="Recorded in",
        aliases=("留痕方式", "记录"),
        width=20,
        help=("在哪里留痕，如飞书文档评论区。", "Where it is recorded, such as a shared document."),
    )
    asked_at: Date | None = column(
        "发起时间",
        en="Asked at",
        in_figures=True,
        guide=False,
        aliases=("发起日期", "提出时间", "Asked on"),
        width=17,
        help=(
            "哪天几点提出，如 2024-07-01 09:30；只写日期也可以。",
            "When it was asked, such as 2024-07-01 09:30; a date alone will do.",
        ),
    )
    answered_at: Date | None = column(
        "实际反馈时间",
        en="Answered at",
        in_figures=True,
        guide=False,
        aliases=("反馈时间", "实际反馈日期", "实际回复时间", "Answered on"),
        width=17,
        blanks=(
            "未反馈",
            "尚未反馈",
            "没反馈",
            "还没反馈",
            "未回复",
            "尚未回复",
            "待反馈",
            "待回复",
        ),
        help=("对方哪天几点反馈，收到后再填。", "When the answer came; fill it in afterwards."),
    )
    late: Text | None = _late()
    remarks: Text | None = _remarks()
    record: RecordText | None = _record()


@table(
    sheet=("活动效果跟踪", "Campaign results"),
    title=("营销活动效果跟踪表", "Campaign results"),
    purpose=(
        "每个活动每个指标一行；活动结束填实际值，偏差大的写清原因和改进方向。",
        "One row for each campaign and metric; fill in the result when it is over, "
        "with cause and next step where it is far off.",
    ),
    aliases=("营销活动效果跟踪表", "表4", "活动跟踪", "效果跟踪"),
)
class Campaign:
    """One metric of one campaign: what was aimed at and what came out."""

    name: Text = column(
        "活动名称",
        en="Campaign",
        key=True,
        aliases=("活动", "Campaign name"),
        width=20,
        help=("活动的名称。", "The campaign's name."),
    )
    metric: Text = column(
        "关键指标",
        en="Metric",
        in_figures=True,
        key=True,
        aliases=("指标", "KPI", "Key metric"),
        width=14,
        help=(
            "衡量什么，如“线索量”“转化率”。",
            "What is measured, such as leads or conversion.",
        ),
    )
    target: Amount = column(
        "目标值",
        en="Target",
        in_figures=True,
        aliases=("目标", "目标数值"),
        width=12,
        help=(
            "目标，可以带单位，如“5000条”“8%”“1.2万”。",
            "The target, with its unit if it has one, such as 5000 or 8%.",
        ),
    )
    actual: Amount | None = column(
        "实际值",
        en="Actual",
        in_figures=True,
        aliases=("实际", "实际数值", "完成值", "Result"),
        width=12,
        help=("结果，单位与目标值一致；进行中可以留空。", "The result, in the target's unit."),
    )
    deviation: Deviation | None = column(
        "差异率",
        en="Deviation",
        owner=Owner.COMPUTED,
        aliases=("差异", "偏差率", "差異比率", "Variance"),
        width=16,
        help=(
            "自动计算：（实际值 − 目标值）÷ |目标值|。也可以填自己的数，xlflow 不会覆盖。",
            "Computed: (actual − target) / |target|. Your own value is kept if you type one.",
        ),
    )
    cause: Text | None = column(
        "原因分析",
        en="Cause",
        aliases=("原因", "偏差原因"),
        width=32,
        help=(
            "与目标差得多时，写清原因。",
            "Why the result differs, where it is far from the target.",
        ),
    )
    next_step: Text | None = column(
        "改进方向",
        en="Next step",
        aliases=("改进措施", "后续改进"),
        width=32,
        help=("下次怎么改，或怎样保持。", "What to change, or to keep, next time."),
    )
    direction: Choice | None = column(
        "指标方向",
        en="Direction",
        in_figures=True,
        guide=False,
        choices=DIRECTION,
        blank=HIGHER,
        width=12,
        help=(
            "从下拉列表选；留空等于“越高越好”。",
            "Choose from the list; blank means Higher is better.",
        ),
    )
    month: Month | None = column(
        "统计月份",
        en="Month",
        in_figures=True,
        key=True,
        guide=False,
        aliases=("月份", "统计月", "所属月份"),
        width=11,
        help=("计入哪个月，如 2024-07。", "The month it counts for, such as 2024-07."),
    )
    remarks: Text | None = _remarks()
    record: RecordText | None = _record()


PROBLEM: Table = WorkflowProblem.table  # type: ignore[attr-defined]
PLAN: Table = Plan.table  # type: ignore[attr-defined]
MESSAGE: Table = Message.table  # type: ignore[attr-defined]
CAMPAIGN: Table = Campaign.table  # type: ignore[attr-defined]

TABLES: tuple[Table, ...] = (PROBLEM, PLAN, MESSAGE, CAMPAIGN)
BY_NAME: dict[str, Table] = {t.name: t for t in TABLES}


def named(name: str) -> Table:
    """Return one of the four tables by its name in code."""
    return BY_NAME[name]


# A table is one thing, and rows that come from another process are rows of it.
copyreg.pickle(Table, lambda table: (named, (table.name,)))
