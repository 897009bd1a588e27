"""Cases for the cross-check: right codes, all kinds of wrong ones, and the names and dates beside them."""

import random
import unicodedata
from datetime import date, timedelta
from typing import NamedTuple

from stdnum import luhn
from stdnum.it.codicefiscale import calc_check_digit

MONTHS = "ABCDEHLMPRST"
OMOCODIA = "LMNPQRSTUV"
DIGIT_PLACES = (6, 7, 9, 10, 12, 13, 14)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

LAST_NAMES = """Rossi Bianchi Fo Esposito D'Angelo De_Luca Lo_Iacono Dall'Olio Ng Aiello Eo Wu Xhaferi Müller
    Nicolò Šimunović Çelik Quattrocchi Zù Yi Iaia Brambilla-Fumagalli dell'Aquila STRANIERO O'Neill Vu Ferrè Ayala Maya""".split()
FIRST_NAMES = """Mario Anna Gianfranco Giò Ada Al Maria_Grazia Niccolò Luca Jo Élodie Zoë Ugo Ia Piergiorgio Nicolò
    Anna-Maria José Alessandra Guglielmo Bruno Ivo Eva Massimiliano TERESA Maya Ayo""".split()
PLACES = """E897 H501 F205 L219 D612 G273 A944 F839 L736 D969 Z404 Z112 Z330 Z129 C351 A271 F052 B354 L378 A001 M376
    H703 Z611 Z100 A662""".split()  # known to both; among them suppressed and foreign ones


class Case(NamedTuple):
    code: str
    first: str = ""
    last: str = ""
    birth: str = ""
    sex: str = ""

    def line(self):
        return "\t".join(self)


def letters(name):
    folded = unicodedata.normalize("NFD", name).upper()
    return [c for c in folded if "A" <= c <= "Z"]


def name_code(name, is_first):
    consonants = [c for c in letters(name) if c not in "AEIOU"]
    vowels = [c for c in letters(name) if c in "AEIOU"]
    if is_first and len(consonants) > 3:
        del consonants[1]
    return ("".join(consonants + vowels) + "XXX")[:3]


def closed(fifteen):
    return fifteen + calc_check_digit(fifteen)


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def place(self):
        known = self.r.random() < 0.8
        return self.r.choice(PLACES) if known else self.r.choice("ABMZQ") + f"{self.r.randrange(1000):03}"

    def person(self, day=None, month=None, year=None):
        """Names, date and sex, and the first fifteen characters; `day` may be an impossible number."""
        r = self.r
        born = date(1900, 1, 1) + timedelta(days=r.randrange(46000))
        sex = r.choice("MF")
        first = r.choice(FIRST_NAMES).replace("_", " ")
        last = r.choice(LAST_NAMES).replace("_", " ")
        number = born.day + (40 if sex == "F" else 0) if day is None else day
        fifteen = (
            name_code(last, False)
            + name_code(first, True)
            + f"{born.year % 100 if year is None else year:02}"
            + MONTHS[(born.month if month is None else month) - 1]
            + f"{number:02}"
            + self.place()
        )
        return fifteen, Case("", first, last, born.isoformat(), sex)

    def valid(self):
        fifteen, case = self.person()
        return case._replace(code=closed(fifteen))

    def disagreeing(self):
        """A right code beside the data of somebody else, in part or in all."""
        mine, other = self.valid(), self.valid()
        taken = {k: getattr(other, k) for k in Case._fields[1:] if self.r.random() < 0.5}
        return mine._replace(**taken)

    def replaced(self, fifteen, places):
        text = list(fifteen)
        for i in places:
            text[i] = OMOCODIA[int(text[i])]
        return closed("".join(text))

    def omocodia(self):
        fifteen, case = self.person()
        places = [i for i in DIGIT_PLACES if self.r.random() < 0.5]
        return case._replace(code=self.replaced(fifteen, places))

    def all_omocodia(self):
        fifteen, case = self.person()
        for mask in range(128):
            places = [p for bit, p in enumerate(DIGIT_PLACES) if mask >> bit & 1]
            yield case._replace(code=self.replaced(fifteen, places))

    def mutated(self):
        code = self.r.choice([self.valid, self.omocodia])().code
        i = self.r.randrange(len(code))
        k = self.r.randrange(len(code))
        kind = self.r.randrange(6)
        if kind == 0:
            code = code[:i] + code[i + 1 :]
        elif kind == 1:
            code = code[:i] + self.r.choice(ALPHABET) + code[i:]
        elif kind == 2:
            text = list(code)
            text[i], text[k] = text[k], text[i]
            code = "".join(text)
        else:
            code = code[:i] + self.r.choice(ALPHABET) + code[i + 1 :]
            if kind > 3:  # wrong in structure or meaning only
                code = closed(code[:15])
        return Case(code)

    def bad_date(self):
        r = self.r
        kind = r.randrange(4)
        if kind == 0:  # around the ends of the two ranges
            fifteen, _ = self.person(day=r.choice([0, 32, 39, 40, 72, 79, 80, 81, 95, 99]))
        elif kind == 1:
            fifteen, _ = self.person(day=r.choice([30, 31, 70, 71]), month=2)
        elif kind == 2:
            fifteen, _ = self.person(day=r.choice([31, 71]), month=r.choice([4, 6, 9, 11]))
        else:  # right in a leap year
            fifteen, _ = self.person(day=r.choice([29, 69]), month=2, year=r.randrange(100))
        places = [i for i in DIGIT_PLACES if r.random() < 0.1]
        return Case(self.replaced(fifteen, places))

    def provisional(self):
        number = f"{self.r.randrange(1, 10**7):07}{self.r.randrange(1, 130):03}"
        code = number + luhn.calc_check_digit(number)
        kind = self.r.randrange(4)
        if kind == 0:
            i = self.r.randrange(11)
            code = code[:i] + str((int(code[i]) + self.r.randrange(1, 10)) % 10) + code[i + 1 :]
        elif kind == 1:
            code = code[: self.r.choice([9, 10])] if self.r.random() < 0.5 else code + "0"
        return Case(code, "Mario", "Rossi", "1980-01-01", "M")

    def stp(self):
        digits = "".join(self.r.choice("0123456789") for _ in range(13))
        kind = self.r.randrange(4)
        if kind == 0:
            i = self.r.randrange(13)
            digits = digits[:i] + self.r.choice("ABL") + digits[i + 1 :]
        elif kind == 1:
            digits = digits[:12]
        return Case(self.r.choice(["STP", "ENI"]) + digits)

    def spelt(self):
        case = self.valid()
        code = case.code.lower() if self.r.random() < 0.5 else case.code
        i = self.r.randrange(1, 15)
        sign = self.r.choice(["", " ", "-", ":"])
        return case._replace(code=code[:i] + sign + code[i:])

    def noise(self):
        length = self.r.choice([0, 1, 11, 15, 16, 16, 17, 40])
        return Case("".join(self.r.choice(ALPHABET + "?#.") for _ in range(length)))


def cases(count, seed):
    """`count` cases; the same for the same seed."""
    g = Generator(seed)
    made = list(g.all_omocodia())
    kinds = {
        g.valid: 22, g.disagreeing: 15, g.omocodia: 14, g.mutated: 18, g.bad_date: 14,
        g.provisional: 6, g.stp: 4, g.spelt: 5, g.noise: 2,
    }  # fmt: skip
    chosen = g.r.choices(list(kinds), list(kinds.values()), k=count - len(made))
    return made + [make() for make in chosen]
