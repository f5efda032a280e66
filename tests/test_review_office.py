"""The way back through an office program: opened, edited, sorted, saved by LibreOffice, then collected."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import factory
import pyarrow.parquet as pq
import pytest
from returned import FIRST, REVIEW, fetch, make_night

from qa_audit.review.collect import collect
from qa_audit.review.kept import read_kept

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice (soffice) is not installed: no workbook went through an office program and back",
)
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/>
</library:libraries>"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Module1"/>
</library:library>"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{}</script:module>"""
TOOLS = """
Function Col(sheet, title)
  For i = 0 To 120
    If sheet.getCellByPosition(i, 0).String = title Then
      Col = i
      Exit Function
    End If
  Next
  Col = -1
End Function

Function Last(sheet)
  cursor = sheet.createCursor()
  cursor.gotoEndOfUsedArea(False)
  Last = cursor.RangeAddress.EndRow
End Function

Sub Put(sheet, first, value, second, other, title, text)
  ' into the first row with these two texts, under a heading
  For r = 1 To Last(sheet)
    If sheet.getCellByPosition(Col(sheet, first), r).String = value Then
      If second = "" Or sheet.getCellByPosition(Col(sheet, second), r).String = other Then
        cell = sheet.getCellByPosition(Col(sheet, title), r)
        If IsNumeric(text) Then
          cell.Value = text
        Else
          cell.String = text
        End If
        Exit Sub
      End If
    End If
  Next
End Sub

Sub SortBy(sheet, title)
  Dim fields(0) As New com.sun.star.table.TableSortField
  fields(0).Field = Col(sheet, title)
  fields(0).IsAscending = False
  Dim how(1) As New com.sun.star.beans.PropertyValue
  how(0).Name = "SortFields"
  how(0).Value = fields()
  how(1).Name = "ContainsHeader"
  how(1).Value = True
  cursor = sheet.createCursor()
  cursor.gotoEndOfUsedArea(False)
  sheet.getCellRangeByPosition(0, 0, cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow).sort(how())
End Sub

Sub MoveToFront(sheet, title)
  sheet.Columns.insertByIndex(0, 1)
  from = Col(sheet, title)
  sheet.moveRange(sheet.getCellByPosition(0, 0).CellAddress, sheet.getCellRangeByPosition(from, 0, from, Last(sheet)).RangeAddress)
  sheet.Columns.removeByIndex(from, 1)
End Sub

Sub Edit(source As String, target As String)
  Dim opening(0) As New com.sun.star.beans.PropertyValue
  opening(0).Name = "Hidden"
  opening(0).Value = True
  doc = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, opening())
  Change(doc)
  Dim saving(0) As New com.sun.star.beans.PropertyValue
  saving(0).Name = "FilterName"
  saving(0).Value = "Calc MS Excel 2007 XML"
  doc.storeToURL(ConvertToURL(target), saving())
  doc.close(True)
End Sub
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("night")
    make_night(out)
    return out


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of LibreOffice that may run our macros: it is made by a first start, which reads none."""
    profile = tmp_path_factory.mktemp("office") / "profile"
    office(profile, "--terminate_after_init")
    basic = profile / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    (basic / "script.xlc").write_text(LIBRARIES, "utf-8")
    (basic / "Standard" / "script.xlb").write_text(LIBRARY, "utf-8")
    return profile


def office(profile: Path, *arguments: str) -> None:
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def edited_in_libreoffice(path: Path, change: str, *, profile: Path, folder: Path) -> Path:
    """The workbook as LibreOffice saves it after a macro (Basic, ``doc`` is the document) has changed it."""
    code = f"{TOOLS}\nSub Change(doc)\n{change}\nEnd Sub\n"
    module = profile / "user" / "basic" / "Standard" / "Module1.xba"
    module.write_text(MODULE.format(escape(code, {'"': "&quot;"})), "utf-8")
    source, target = folder / "in.xlsx", folder / "back" / "out.xlsx"  # a macro's address takes no Chinese
    target.parent.mkdir(parents=True)
    shutil.copy(path, source)
    office(profile, f'macro:///Standard.Module1.Edit("{source}","{target}")')
    assert target.exists(), "the macro did not run to its end"
    return target


AGENT_CHANGES = """
  chats = doc.Sheets.getByName("逐通评分")
  For r = 1 To Last(chats)
    chats.getCellByPosition(Col(chats, "复核人"), r).String = "周敏"
  Next
  Put(chats, "序号", "2", "", "", "复核得分", 88)
  Put(chats, "序号", "1", "", "", "申诉", "是")
  Put(chats, "序号", "1", "", "", "申诉结果", "成立")
  found = doc.Sheets.getByName("扣分明细")
  Put(found, "序号", "1", "规则编号", "ATT-03", "复核判定", "通过")
  Put(found, "序号", "1", "规则编号", "OPEN-01", "复核判定", "不适用")
  Put(found, "序号", "4", "规则编号", "ATT-01", "复核判定", "通过")
  said = doc.Sheets.getByName("会话全文")
  Put(said, "_key", "S10001|1024 王小雨|4", "", "", "情绪更正", "中性")
"""
MOVES = """
  SortBy(found, "规则编号")
  SortBy(chats, "得分")
  found.Rows.getByIndex(3).IsVisible = False
  found.Rows.removeByIndex(1, 1)
  found.Columns.insertByIndex(2, 1)
  found.getCellByPosition(2, 0).String = "备注"
  MoveToFront(found, "复核判定")
  chats.Rows.insertByIndex(0, 2)
  chats.getCellByPosition(0, 0).String = "第三周"
  doc.Sheets.insertNewByName("草稿", 0)
  doc.Sheets.removeByName("规则说明")
"""


@pytest.mark.parametrize("moved", [False, True], ids=["in place", "sorted, moved, hidden, inserted"])
def test_what_is_written_in_libreoffice_is_collected(
    out: Path, profile: Path, tmp_path: Path, *, moved: bool
) -> None:
    nights = Path(shutil.copytree(out, tmp_path / "out"))
    original = fetch(nights / factory.NIGHT, FIRST, tmp_path / "fetched")
    back = edited_in_libreoffice(
        original, AGENT_CHANGES + (MOVES if moved else ""), profile=profile, folder=tmp_path / "office"
    )
    done = collect([back], tmp_path / "final", out=nights)
    assert done.problems == ()
    assert (done.verdicts, done.scores, done.moods) == (3, 1, 1)
    rows = {row["chat"]: row for row in pq.read_table(tmp_path / "final" / "final.parquet").to_pylist()}
    assert {chat: rows[chat]["final_score"] for chat in ("S10001", "S10002", "S10004", "S10005")} == {
        "S10001": 73.0, "S10002": 88.0, "S10004": 94.0, "S10005": 100.0,
    }  # fmt: skip
    assert (rows["S10001"]["reviewers"], rows["S10001"]["appeal_result"]) == (["周敏"], "成立")


def test_the_review_workbook_comes_back_through_libreoffice_with_its_strata(
    out: Path, profile: Path, tmp_path: Path
) -> None:
    nights = Path(shutil.copytree(out, tmp_path / "out"))
    original = fetch(nights / factory.NIGHT, REVIEW, tmp_path / "fetched")
    change = """
  sample = doc.Sheets.getByName("随机抽检")
  For r = 1 To Last(sample)
    sample.getCellByPosition(Col(sample, "判定"), r).String = "通过"
    sample.getCellByPosition(Col(sample, "复核人"), r).String = "李真"
  Next
  SortBy(sample, "规则编号")
  nobody = doc.Sheets.getByName("无人应答")
  Put(nobody, "会话ID", "U90001", "", "", "跟进情况", "已联系")
"""
    back = edited_in_libreoffice(original, change, profile=profile, folder=tmp_path / "office")
    done = collect([back], tmp_path / "final", out=nights)
    assert done.problems == ()
    kept = read_kept(nights, factory.NIGHT)
    assert {one.verdict for one in kept.judgements} == {"pass"}
    assert {one.reviewer for one in kept.judgements} == {"李真"}
    drawn = {
        (one.rule_id, one.machine, one.new, one.sampled, one.population)
        for one in kept.judgements
        if one.population
    }
    assert drawn == {(s.rule_id, s.verdict, s.new, s.sampled, s.population) for s in kept.strata}
    assert [(one.chat, one.state) for one in kept.follow_ups] == [("U90001", "已联系")]
