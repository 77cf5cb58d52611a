"""Every automation: its manifest, its recordings, and the results that its manifest promises."""

from __future__ import annotations

import ast
import json
import re
import sysconfig
import tempfile
import unittest
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, List

from gatelet.play import Recording, play, play_folder
from stage import AUTOMATIONS, PROJECT, folders, manifest, misshapen

EXAMPLE = PROJECT / "docs/examples/automation"


def libraries(folder: Path) -> List[str]:
    """Where the libraries of an automation are, if it needs any."""
    return [sysconfig.get_path("purelib")] if (folder / "requirements.lock").exists() else []


class Catalog(unittest.TestCase):
    def test_every_automation_is_whole(self) -> None:
        found = list(folders())
        self.assertGreater(len(found), 0)
        for folder in found:
            with self.subTest(automation=folder.name):
                told = manifest(folder)
                self.assertLessEqual(len(told["summary"]), 200)
                self.assertIs(told["inputs"]["additionalProperties"], False)
                for schema in told["inputs"]["properties"].values():
                    self.assertTrue(schema["title"] and schema["description"])
                    if "x-sample" in schema:
                        self.assertTrue((folder / schema["x-sample"]).is_file())
                self.assertTrue(list((folder / "recorded").glob("*.json")))

    def test_every_automation_is_described(self) -> None:
        page = (AUTOMATIONS / "README.md").read_text("utf-8")
        for folder in folders():
            self.assertIn(f"## `{folder.name}`", page)

    def test_what_is_locked_is_pinned_with_its_hash(self) -> None:
        locks = sorted(AUTOMATIONS.glob("*/requirements.lock"))
        for lock in locks:
            text = re.sub(r"\\\n", " ", lock.read_text("utf-8"))
            for line in filter(None, (line.strip() for line in text.splitlines())):
                if not line.startswith("#"):
                    self.assertRegex(line, r"^[a-z0-9-]+==[0-9][0-9a-z.]* +--hash=sha256:[0-9a-f]{64}")

    def test_the_libraries_of_these_tests_are_those_that_are_locked(self) -> None:
        for lock in sorted(AUTOMATIONS.glob("*/requirements.lock")):
            for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE):
                with self.subTest(automation=lock.parent.name, library=name):
                    self.assertEqual(metadata.version(name), version)

    def test_a_script_declares_each_step_with_a_class_that_its_manifest_allows(self) -> None:
        for folder in folders():
            classes = {found for found in classes_of(folder / "main.py")}
            with self.subTest(automation=folder.name):
                self.assertTrue(classes)
                if manifest(folder)["effect"] == "reads":
                    self.assertEqual(classes, {"R"})
                else:
                    self.assertTrue(classes - {"R"})

    def test_a_script_needs_nothing_newer_than_python_3_9(self) -> None:
        for path in sorted(AUTOMATIONS.rglob("*.py")):
            with self.subTest(path=path.name):
                ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def classes_of(script: Path) -> List[str]:
    """The classes in the calls of `step` and `once`."""
    calls = [node for node in ast.walk(ast.parse(script.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("step", "once")]
    return [str(ast.literal_eval(call.args[1])) for call in named if len(call.args) > 2]


class Recordings(unittest.TestCase):
    def test_every_recording_is_played_as_expected(self) -> None:
        played = 0
        for folder in [*folders(), EXAMPLE]:
            for path in sorted((folder / "recorded").glob("*.json")):
                with self.subTest(automation=folder.name, recording=path.stem):
                    self.assertEqual(play(Recording(folder, path), libraries(folder)), [])
                    played += 1
        self.assertGreater(played, len(list(folders())))

    def test_every_recorded_result_has_the_form_that_the_manifest_declares(self) -> None:
        for folder in [*folders(), EXAMPLE]:
            results = 0
            for path in sorted((folder / "recorded").glob("*.json")):
                expect = json.loads(path.read_text("utf-8"))["expect"]
                self.assertTrue({"result", "failure"} & set(expect), f"{path.name} expects no end")
                if "result" in expect:
                    results += 1
                    with self.subTest(automation=folder.name, recording=path.stem):
                        self.assertEqual(misshapen(expect["result"], manifest(folder)["result"]), [])
            self.assertGreater(results, 0)

    def test_the_recording_of_the_documentation_is_played(self) -> None:
        self.assertTrue((EXAMPLE / "recorded" / "announced.json").is_file())


class Player(unittest.TestCase):
    """What the player must notice."""

    def played(self, script: str, **recording: Any) -> List[str]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "main.py").write_text("from gatelet import Web, main\ndef run(run):\n" + script + "\nmain(run)\n", "utf-8")
            (folder / "one.json").write_text(json.dumps({"expect": {}, **recording}), "utf-8")
            return play(Recording(folder, folder / "one.json"))

    def test_it_notices_another_result_and_another_failure(self) -> None:
        self.assertEqual(self.played("  return 1", expect={"result": 1}), [])
        self.assertNotEqual(self.played("  return 2", expect={"result": 1}), [])
        self.assertNotEqual(self.played("  run.fail('no', 'No.')", expect={"result": 1}), [])
        self.assertEqual(self.played("  run.fail('no', 'No.')", expect={"failure": {"code": "no"}}), [])
        self.assertNotEqual(self.played("  return 1", expect={"failure": {"code": "no"}}), [])

    def test_it_notices_a_request_that_was_not_recorded_and_one_that_was_not_made(self) -> None:
        asks = "  Web(run.credentials('c')['url'], 't-t-t-t').get('/a')"
        given = {"credentials": {"c": {"url": "{http}"}}}
        self.assertEqual(self.played(asks, http=[{"ask": "GET /a", "answer": {}}], **given), [])
        self.assertNotEqual(self.played(asks, http=[], **given), [])
        self.assertNotEqual(self.played("  return 1", http=[{"ask": "GET /a"}], **given), [])
        self.assertNotEqual(self.played(asks, http=[{"ask": "GET /a", "answer": {}, "with": {"x": "y"}}], **given), [])

    def test_it_notices_a_credential_wherever_it_is_said(self) -> None:
        credentials = {"c": {"token": "hidden-token", "region": "eu-central-1"}}
        for said in ("print(t)", "run.result(t)", "run.artifact('a.txt', t)", "run.progress(1, 2, t)"):
            with self.subTest(said=said):
                script = f"  t = run.credentials('c')['token']\n  {said}"
                self.assertNotEqual(self.played(script, credentials=credentials), [])
        self.assertEqual(self.played("  run.log(run.credentials('c')['token'])", credentials=credentials), [])

    def test_a_recording_with_a_member_that_nobody_reads_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            self.played("  return 1", expects={})

    def test_a_folder_without_recordings_has_not_passed(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            import contextlib
            import io

            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(play_folder(Path(scratch), []), 1)
