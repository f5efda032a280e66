"""Pictures of every sheet of a night's three workbooks, for docs/workbooks.md.

Usage: python docs/pictures.py NIGHT AGENT, with the folder of a night that is written and the name of an agent's
workbook in it. Needs LibreOffice, pdftoppm and pdftotext (poppler-utils) and pngquant.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
DOTS = "90"  # an inch
COLOURS = "48"
AGENT = {
    "总览": "overview",
    "逐通评分": "chats",
    "扣分明细": "deductions",
    "会话全文": "transcripts",
    "规则说明": "rules",
}
TEAM = {
    "总览": "overview", "坐席对比": "agents", "一级指标": "sections", "规则命中": "rule-hits", "分数分布": "scores", "时段分布": "hours",
    "主题分布": "topics", "解决情况": "outcomes", "客户情绪": "emotions", "规则说明": "rules",
}  # fmt: skip
REVIEW = {
    "使用说明": "guide", "必查队列": "queue", "无人应答": "unanswered", "随机抽检": "sample", "会话全文": "transcripts", "未能质检": "problems", "规则说明": "rules",
}  # fmt: skip


def main(night: Path, agent: str) -> None:
    """Draws the first page of each sheet."""
    books = (
        ("agent", night / "agents" / f"{agent}.xlsx", AGENT),
        ("team", night / "team.xlsx", TEAM),
        ("review", night / "review.xlsx", REVIEW),
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, book, sheets in books:
            pdf = printed(book, Path(folder))
            for sheet, page in first_pages(pdf).items():
                if sheet in sheets:
                    draw(pdf, page, PICTURES / f"{name}-{sheets[sheet]}.png")


def printed(book: Path, folder: Path) -> Path:
    """The workbook as LibreOffice prints it."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the caller's own workbook
    return folder / f"{book.stem}.pdf"


def first_pages(pdf: Path) -> dict[str, int]:
    """The first page of each sheet; its name ends the first line of every page, the header."""
    command = ["pdftotext", "-layout", str(pdf), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - as above
    pages: dict[str, int] = {}
    for number, page in enumerate(text.split("\f"), start=1):
        header = next((line.split() for line in page.splitlines() if line.strip()), [])
        if header:
            pages.setdefault(header[-1], number)
    return pages


def draw(pdf: Path, page: int, picture: Path) -> None:
    """One page as a small PNG."""
    base = picture.with_suffix("")
    command = ["pdftoppm", "-png", "-singlefile", "-r", DOTS, "-f", str(page), str(pdf), str(base)]
    subprocess.run(command, check=True)  # noqa: S603 - as above
    subprocess.run(["pngquant", "--force", "--ext", ".png", COLOURS, str(picture)], check=True)  # noqa: S603, S607 - as above


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
