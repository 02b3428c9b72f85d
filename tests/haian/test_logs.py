"""Logs: one JSON object a line, and no phone or citizen ID number in any of them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from haian.logs import scrubbed, without_personal

SECRETS = ["13800000001", "370211198805121234", "37021119880512123X", "37021119880512123x"]
PLACES = ["{}", "phone {}", "phone={}", "phone:{},", "('{}',)", '"{}"', "手机{}号", "+86{}", "+86 {}", "/demo/sms?phone={}",
          "a{}b", "citizen-{}-x"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_number_leaves_no_trace_wherever_it_stands(place: str, secret: str) -> None:
    event = without_personal(None, "info", {"event": place.format(secret), "n": 3})
    assert secret not in event["event"]
    assert event["n"] == 3


def test_a_number_leaves_no_trace_inside_what_is_logged_beside_it() -> None:
    event = without_personal(None, "info", {"event": "x", "given": {"phone": "13800000001", "more": ["370211198805121234"]},
                                            "number": 13800000001, "error": ValueError("13800000001")})
    assert "13800000001" not in str(event) and "370211198805121234" not in str(event)


@pytest.mark.parametrize("harmless", ["0197a1b2-1380-7000-8000-138000000012", "2026-11-22T10:00:00.123456+00:00", "12345",
                                      "trace 4bf92f3577b34da6a3ce929d0e0e4736"])
def test_ids_and_times_stay_as_they_are(harmless: str) -> None:
    assert scrubbed(harmless) == harmless


@pytest.mark.parametrize("told", [
    "DETAIL:  Failing row contains (0197a1b2-1380-7000-8000-138000000012, 王海燕, null).",
    "DETAIL:  Key (plate, during)=(鲁B12345, [2026-11-23)) conflicts with existing key (plate, during)=(鲁B12345, x)."])
def test_the_row_that_broke_a_constraint_is_not_told(told: str) -> None:
    logged = scrubbed(f"Traceback\nasyncpg.CheckViolationError: new row violates check constraint\n{told}\nHINT: x")
    assert "王海燕" not in logged and "鲁B12345" not in logged
    assert "check constraint" in logged and "HINT: x" in logged


LOGGING = """
import logging, structlog
from haian.logs import configure
configure("info")
with structlog.contextvars.bound_contextvars(request="r1"):
    structlog.get_logger("here").info("seen", phone="13800000001", text="码")
    try:
        raise LookupError("370211198805121234")
    except LookupError:
        logging.getLogger("a.library").exception("of 13800000001")
    logging.getLogger("httpx").info("noise")
"""


def test_each_line_is_json_with_the_request_and_libraries_too() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True)
    first, second = map(json.loads, done.stderr.splitlines())
    assert (first["event"], first["request"], first["level"], first["text"]) == ("seen", "r1", "info", "码")
    assert (second["event"], second["request"], second["logger"]) == ("of [removed]", "r1", "a.library")
    assert "LookupError" in second["exception"]
    assert "13800000001" not in done.stderr and "370211198805121234" not in done.stderr
