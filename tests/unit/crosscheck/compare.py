"""Compares the reader of codici fiscali with python3-stdnum and with codice-fiscale-js.

    /usr/bin/python3 compare.py <cf_tool> [count [seed]]

Fails on a difference that is not in the lists below, and on an entry of a list that was never met.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter

from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.it import codicefiscale

from generate import cases

HERE = os.path.dirname(os.path.abspath(__file__))
OUR_FIELDS = ("verdict", "kind", "year", "month", "day", "sex", "place", "warnings")


def day_number(code):
    digit = {c: str(i) for i, c in enumerate("LMNPQRSTUV")}
    return int("".join(digit.get(c, c) for c in code[9:11]))


# Where stdnum judges otherwise, and why: name -> (reason, does it apply to this case?)
STDNUM_DIFFERS = {
    "stp-eni": (
        "it does not know the regions' STP and ENI codes",
        lambda code, ours, theirs: ours["kind"] == "stp" and re.fullmatch(r"(STP|ENI)\d{13}", code),
    ),
    "day-over-80": (
        "it takes the day modulo 40, so that day 81 is the first of the month",
        lambda code, ours, theirs: ours["verdict"] == "date" and theirs == "ok" and day_number(code) > 80,
    ),
    "office": (
        "it holds the office digits of a provisional code to the provinces of a partita IVA",
        lambda code, ours, theirs: ours["kind"] == "provisional" and theirs is InvalidComponent,
    ),
    "separators": (
        "it drops dashes and colons; a code is not written with them, so ours refuses them",
        lambda code, ours, theirs: re.search("[-:]", code) and theirs == "ok" and ours["verdict"] in ("length", "structure"),
    ),
}  # fmt: skip

# The same for codice-fiscale-js's verdict.
JS_DIFFERS = {
    "date": (
        "it does not check the day",
        lambda code, ours, theirs: ours["verdict"] == "date" and theirs["valid"],
    ),
    "no-person": (
        "it knows codes of 16 characters only, and of these no STP and ENI",
        lambda code, ours, theirs: ours["kind"] in ("provisional", "stp") and not theirs["valid"],
    ),
    "blanks": (
        "it does not forgive blanks",
        lambda code, ours, theirs: " " in code and ours["verdict"] == "ok" and not theirs["valid"],
    ),
}

UNKNOWN_PLACE = "it decodes known places only; an unknown one is no error for us"


def ask(command, lines):
    done = subprocess.run(command, input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    answers = done.stdout.splitlines()
    if len(answers) != len(lines):
        raise SystemExit(f"{command[0]}: {len(answers)} answers to {len(lines)} cases")
    return answers


def stdnum_verdict(code):
    try:
        codicefiscale.validate(code)
        return "ok"
    except ValidationError as error:
        return type(error)


class Comparison:
    def __init__(self):
        self.met = Counter()
        self.faults = []

    def fault(self, case, what):
        self.faults.append(f"{case.code!r} {case[1:]}: {what}")

    def verdict(self, case, ours, theirs, accepted, differences, who):
        if (ours["verdict"] == "ok") == accepted:
            return
        for name, (_, applies) in differences.items():
            if applies(case.code, ours, theirs):
                self.met[f"{who} {name}"] += 1
                return
        self.fault(case, f"ours {ours['verdict']}, {who} {theirs}")

    def decoding(self, case, ours, js):
        if ours["kind"] != "person" or not js["valid"]:
            return
        if js.get("error") == f"Comune with cc {ours['place']} doesn't exist":
            self.met["js unknown-place"] += 1
            return
        theirs = {k: str(js.get(k)) for k in ("year", "month", "day", "sex", "place")}
        if any(ours[k] != theirs[k] for k in theirs):
            self.fault(case, f"ours {ours}, js {js}")
        self.met["decoded alike"] += 1

    def warnings(self, case, ours, js):
        """What should disagree, by codice-fiscale-js's name rules and by the fields as decoded."""
        if ours["kind"] != "person":
            return
        code = case.code.upper().replace(" ", "")
        birth = tuple(map(int, case.birth.split("-"))) if case.birth else None
        decoded = tuple(int(ours[k]) for k in ("year", "month", "day"))
        expected = [
            name
            for name, differs in (
                ("last_name", case.last and js["last"] != code[:3]),
                ("first_name", case.first and js["first"] != code[3:6]),
                ("birth_date", birth and (birth[0] % 100, *birth[1:]) != decoded),
                ("sex", case.sex and case.sex != ours["sex"]),
            )
            if differs
        ]
        if ",".join(expected) != ours["warnings"]:
            self.fault(case, f"warnings {ours['warnings']}, expected {expected}")
        self.met["with warnings" if expected else "without warnings"] += 1


def main():
    tool = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261124
    made = cases(count, seed)
    lines = [case.line() for case in made]
    our_answers = ask([tool], lines)
    js_answers = ask(["node", os.path.join(HERE, "decode.mjs")], lines)
    comparison = Comparison()
    for case, our_line, js_line in zip(made, our_answers, js_answers):
        ours = dict(zip(OUR_FIELDS, our_line.split("\t")))
        js = json.loads(js_line)
        theirs = stdnum_verdict(case.code)
        comparison.met[f"ours {ours['verdict']}"] += 1
        comparison.verdict(case, ours, theirs, theirs == "ok", STDNUM_DIFFERS, "stdnum")
        comparison.verdict(case, ours, js, js["valid"], JS_DIFFERS, "js")
        comparison.decoding(case, ours, js)
        comparison.warnings(case, ours, js)
    return report(comparison, count, seed)


def report(comparison, count, seed):
    known = [f"stdnum {n}" for n in STDNUM_DIFFERS] + [f"js {n}" for n in JS_DIFFERS] + ["js unknown-place"]
    comparison.faults += [f"listed, but never met: {name}" for name in known if not comparison.met[name]]
    print(f"codice fiscale: {count} cases, seed {seed}")
    for name, times in sorted(comparison.met.items()):
        print(f"  {times:6} {name}")
    for fault in comparison.faults[:20]:
        print(f"DIFFERENCE {fault}")
    print(f"{len(comparison.faults)} unexplained differences")
    return 1 if comparison.faults else 0


if __name__ == "__main__":
    sys.exit(main())
