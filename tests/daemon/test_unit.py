"""The unit that is shipped: what systemd says of it, and the real program under it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from syncd.errors import ConfigError
from tests.crash.conftest import MakeStand
from tests.daemon.supervisor import Supervisor, unit
from tests.engine.agreement import differences
from tests.polling import polled

UNIT = Path(__file__).parents[2] / "systemd" / "syncd.service"
SYNCD = Path(sys.executable).with_name("syncd")


def test_the_unit_is_what_the_program_needs() -> None:
    lines = unit(UNIT)
    assert lines["ExecStart"][0].split()[1:] == ["--config", "/etc/syncd/syncd.yaml", "daemon"]
    assert lines["RestartPreventExitStatus"] == [str(ConfigError.exit_code)]
    assert lines["WorkingDirectory"] == [f"/var/lib/{lines['StateDirectory'][0]}"]


def test_systemd_finds_no_mistake_in_it_and_little_exposure(tmp_path: Path) -> None:
    """Where systemd's own tools are; a machine without them cannot run the unit either."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        assert not Path("/run/systemd/system").exists()
        return
    program = tmp_path / "syncd"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    here = tmp_path / "syncd.service"
    text = UNIT.read_text(encoding="utf-8").replace("/usr/local/bin/syncd", str(program))
    here.write_text(text, encoding="utf-8")
    verified = subprocess.run([tool, "verify", here], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        [tool, "security", "--offline=true", "--no-pager", here], capture_output=True, text=True
    )
    [exposure] = re.findall(r"exposure level for \S+: ([\d.]+)", rated.stdout)
    assert float(exposure) <= 2.5


def test_start_work_reload_a_hang_and_the_end(stand_of: MakeStand, tmp_path: Path) -> None:
    """The installed program with its secrets from credentials alone. It is frozen in the middle of
    a write, killed by the watchdog, started again, and nothing is there twice."""
    stand = stand_of()
    books, crm = stand.world.books, stand.world.crm
    file = stand.folder / "syncd.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["pairs"]["main"]["every"] = 1
    for side in content["connections"].values():
        side |= {"doubt_time": "1"} if "doubt_time" in side else {}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    kept = (stand.folder / "secrets").rename(stand.folder / "elsewhere")
    replaced = {"/usr/local/bin/syncd": str(SYNCD), "/etc/syncd/syncd.yaml": str(file)}
    credentials = [f"{side}.token:{kept}/{side}.token" for side in ("books", "crm")]
    drop_in = {"LoadCredential": credentials, "WatchdogSec": ["3"]}
    with Supervisor(UNIT, tmp_path, replaced, drop_in) as systemd:
        systemd.start()
        books.add_customer("ООО «Ромашка»")
        polled(lambda: not differences(stand.world), "the first card")
        systemd.reload()
        hold = stand.hold("POST /crm/account*", "after")
        books.add_customer("株式会社サンプル")
        assert hold.reached.wait(20)
        systemd.freeze()
        hold.released.set()

        def restarted() -> bool:
            systemd.look()
            return len(systemd.starts) == 2

        polled(restarted, "killed by the watchdog and restarted")
        polled(lambda: not differences(stand.world), "the second card", 40)
        assert len(crm.objects["account"]) == 2
        assert systemd.stop() == 0


@pytest.mark.parametrize("mistake", ["every: often", "evry: 5"])
def test_a_file_to_be_mended_is_no_reason_to_start_again(
    stand_of: MakeStand, tmp_path: Path, mistake: str
) -> None:
    stand = stand_of()
    file = stand.folder / "syncd.yaml"
    text = file.read_text(encoding="utf-8").replace("books: books", f"{mistake}\n    books: books")
    file.write_text(text, encoding="utf-8")
    ended = subprocess.run([SYNCD, "--config", file, "daemon"], capture_output=True, text=True)
    assert str(ended.returncode) in unit(UNIT)["RestartPreventExitStatus"]
    assert f"syncd.yaml:{text.splitlines().index(f'    {mistake}') + 1}:" in ended.stderr
