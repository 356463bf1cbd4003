"""Validate workbooks with pandera, as far as it can: ``validate.py FOLDER``.

It reads them with calamine, and checks that cells are filled, of their type, from their
list and unique, and that two dates are in order. It knows no deadlines in words, no
working days, no amounts with units, no similar rows, and nothing of the version before.
"""

import sys
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

IMPACT, STATUS = ["高", "中", "低"], ["未开始", "进行中", "已完成", "已取消"]


def filled(**options: object) -> pa.Column:
    return pa.Column(object, pa.Check(lambda cells: cells.astype(str).str.strip() != ""), **options)


def is_date(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells, errors="coerce").notna()


def in_order(frame: pd.DataFrame) -> pd.Series:
    started = pd.to_datetime(frame["开始时间"], errors="coerce")
    done = pd.to_datetime(frame["实际完成时间"], errors="coerce")
    return ~(done < started)


def of_type_number(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce") > 0


def done_has_its_day(frame: pd.DataFrame) -> pd.Series:
    return (frame["状态"] != "已完成") | frame["实际完成时间"].notna()


DATE = pa.Column(object, pa.Check(is_date), nullable=True)
SCHEMAS = {
    "流程现状分析": pa.DataFrameSchema(
        {
            "流程环节": filled(),
            "当前负责人": filled(),
            "耗时(天)": pa.Column(object, pa.Check(of_type_number)),
            "影响程度(高/中/低)": pa.Column(object, pa.Check.isin(IMPACT)),
        }
    ),
    "流程优化计划": pa.DataFrameSchema(
        {
            "优化环节": filled(),
            "优化目标": filled(),
            "责任人": filled(),
            "完成时间": pa.Column(object, pa.Check(is_date)),
            "验收标准": pa.Column(object, pa.Check.str_matches(r".*\d"), nullable=True),
            "状态": pa.Column(object, pa.Check.isin(STATUS), nullable=True),
            "开始时间": DATE,
            "实际完成时间": DATE,
        },
        checks=[pa.Check(in_order), pa.Check(done_has_its_day)],
        unique=["优化环节", "优化目标"],
    ),
    "跨部门协作沟通": pa.DataFrameSchema(
        {
            "协作事项": filled(),
            "发起部门": filled(),
            "协作部门": filled(),
            "负责人": filled(),
            "反馈时限": filled(),
            "发起时间": DATE,
            "实际反馈时间": DATE,
        },
        unique=["协作事项", "发起部门", "协作部门"],
    ),
    "活动效果跟踪": pa.DataFrameSchema(
        {
            "活动名称": filled(),
            "关键指标": filled(),
            "目标值": pa.Column(object, pa.Check.str_matches(r"[\d.]+"), coerce=True),
            "统计月份": pa.Column(object, pa.Check.str_matches(r"\d{4}-\d{2}$"), nullable=True),
        },
        unique=["活动名称", "关键指标", "统计月份"],
    ),
}

findings = 0
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    sheets = pd.read_excel(path, sheet_name=list(SCHEMAS), header=2, engine="calamine")
    for name, schema in SCHEMAS.items():
        try:
            schema.validate(sheets[name].dropna(how="all").astype(object), lazy=True)
        except pandera.errors.SchemaErrors as error:
            findings += len(error.failure_cases)
print(findings)
