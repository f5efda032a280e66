"""The configuration file: defaults, and every fault at once with its place and remedy."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from qa_audit.config import Config, load_config
from qa_audit.errors import InvalidConfiguration


def test_no_file_means_the_defaults() -> None:
    config = load_config(None)
    assert config == Config()
    assert (config.timezone, config.segmenter, config.mask, config.standard) == (
        "Asia/Shanghai",
        "rjieba",
        True,
        None,
    )
    assert config.service_minutes == (540, 1380)
    assert config.zone.key == "Asia/Shanghai"


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "qa-audit.yml"
    path.write_text("# later\n", encoding="utf-8")
    assert load_config(path) == Config()


def test_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "qa-audit.yml"
    (tmp_path / "mine").mkdir()
    path.write_text(
        """\
timezone: Asia/Hong_Kong
segmenter: jieba
service_hours: "20:00-02:00"
mask: no
masks: ['\\[电话\\]']
columns: {text: 消息体, id: [工单, 单号]}
roles: {小二: agent, 机器人: system}
standard: mine
""",
        encoding="utf-8-sig",
    )
    config = load_config(path)
    assert (
        config.model_dump()
        == Config(
            timezone="Asia/Hong_Kong",
            segmenter="jieba",
            service_hours="20:00-02:00",
            mask=False,
            masks=("\\[电话\\]",),
            columns={"text": ("消息体",), "id": ("工单", "单号")},
            roles={"小二": "agent", "机器人": "system"},
            standard=tmp_path / "mine",
        ).model_dump()
    )
    assert config.service_minutes == (1200, 120)
    assert [config.role_of(word) for word in ("小二", "机器人", " 买家 ", "Agent", "老板")] == [
        "agent", "system", "customer", "agent", None,
    ]  # fmt: skip


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "qa-audit.yml"
    path.write_text(
        """\
timezon: Asia/Shanghai
timezone: Asia/Shangai
segmenter: jiba
service_hours: 9-23
mask: nope
masks: ["[", "a*", ok]
columns:
  txt: [a]
  id: {a: b}
roles: {老板: boss}
standard: nowhere
mask: yes
""",
        encoding="utf-8",
    )
    with pytest.raises(InvalidConfiguration) as raised:
        load_config(path)
    assert raised.value.errors == [
        f"{path}:{fault}"
        for fault in (
            '12: key "mask" is repeated (first in line 5); keep one of them',
            '1: unknown key "timezon"; did you mean "timezone"?',
            '2: "timezone": "Asia/Shangai" is no time zone; did you mean "Asia/Shanghai"?',
            '3: "segmenter" cannot be "jiba"; did you mean "jieba"?; one of rjieba, jieba is wanted',
            '4: "service_hours": "9-23" is no span of hours; write it like "09:00-23:00"',
            '5: "mask" "nope": true or false is wanted',
            '6: "masks", item 1: "[" is no RE2 regular expression (missing ]: [)',
            '6: "masks", item 2: "a*" also matches nothing; let it need at least one character',
            '8: unknown key "txt"; did you mean "text"?',
            '9: "id": a list is wanted',
            '10: "老板" cannot be "boss"; one of customer, agent, bot, system is wanted',
            f'11: "standard": there is no folder "{tmp_path / "nowhere"}"; make it with "qa-audit standard init"',
        )
    ]


@pytest.mark.parametrize("hours", ["9:00-25:00", "09:75-10:00", "09:00-09:00"])
def test_hours_that_no_day_has(hours: str, tmp_path: Path) -> None:
    path = tmp_path / "qa-audit.yml"
    path.write_text(f'service_hours: "{hours}"\n', encoding="utf-8")
    with pytest.raises(InvalidConfiguration) as raised:
        load_config(path)
    assert raised.value.errors == [
        f'{path}:1: "service_hours": "{hours}" is no span of hours of one day; round the clock is "00:00-24:00"'
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "qa-audit.yml"
    with pytest.raises(InvalidConfiguration) as raised:
        load_config(path)
    assert raised.value.errors == [f"{path}: cannot be read (No such file or directory); check --config"]
    path.write_bytes("mask: 是".encode("gb18030"))
    with pytest.raises(InvalidConfiguration) as raised:
        load_config(path)
    assert raised.value.errors == [f"{path}: is not UTF-8; save it as UTF-8"]
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(InvalidConfiguration) as raised:
        load_config(path)
    assert raised.value.errors == [f"{path}:1: keys and values are wanted, such as timezone: Asia/Shanghai"]


def test_the_configuration_goes_to_worker_processes() -> None:
    config = Config(roles={"小二": "agent"})
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 - our own bytes
