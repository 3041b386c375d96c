"""Messages as people type them, made from what they are to mean: each rule of DOMAIN s4, alone or with the others.

Telex is typed here letter by letter from the accented spelling, so that what is expected does not come from the code
under test.
"""

import datetime as dt
import unicodedata

from syntax.fold import fold
from syntax.model import Accents, Choice, CitizenId, Date, FreeText, OldId, Page, RecordCommand
from syntax.parser import name_of

BLANKS = (
    " ",
    "  ",
    "\u00a0",
    "\t",
    "\u3000",
    " \u200b",
    "_",
    "˽",
    "<dấu cách>",
    " (dấu cách) ",
    " - ",
    "] [",
    ". ",
    "\n",
    "\r\n",
)
QUOTES = (
    ('"', '"'),
    ("“", "”"),
    ("[", "]"),
    ("<", ">"),
    ("(", ")"),
    ("", "."),
    ("", "!"),
    ("\n", " "),
    ("«", "»"),
    ("", " 🙏"),
)
BEFORE = ("Soạn ", "soạn tin: ", "SOAN TIN NHAN ", "Nhắn tin ", "Soạn: ")
AFTER = (
    " gửi 5505",
    " gui toi 5505",
    ". Gửi đến số 5505",
    " gởi 5505.",
    " gửi về tổng đài 5505",
    ", gửi tới đầu số 5505",
)
SIGNATURES = ("\nNguyễn Văn An", "\n--\nBình (Hà Nội)", "\n\nTrân trọng cảm ơn!", "\nĐậu Thị Trang")
TEXTS = ("DN4010120806898", "Nguyễn Văn An", "04486.G/2019/08708", "H'Hen Niê", "K 12")
WORDS = ("DN4010120806898", "An", "G08708", "HS12")

TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
SHAPES = {"â": "a", "ê": "e", "ô": "o", "ă": "w", "ơ": "w", "ư": "w", "đ": "d"}


def typed_by_telex(word, draw):
    """The keys of a word: accents behind their letter or at the end, the tone before or after the shape."""
    keys, late = "", ""
    for letter in unicodedata.normalize("NFC", word).lower():
        tone = next((TONES[mark] for mark in unicodedata.normalize("NFD", letter) if mark in TONES), "")
        bare = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", letter) if c not in TONES))
        shape = SHAPES.get(bare, "")
        keys += "d" if bare == "đ" else unicodedata.normalize("NFD", bare)[0]
        if shape and (shape == "d" or draw.random() < 0.7):
            keys, shape = keys + shape, ""
        if tone and draw.random() < 0.5:
            keys, tone = keys + tone, ""
        late += shape + tone
    return keys + "".join(sorted(set(late), key=late.index))


class Message:
    """What is to be said, and what it must be read as."""

    def __init__(self, command, views, draw):
        self.command = command
        self.draw = draw
        spelling = draw.choice((command.keyword, *command.aliases))
        self.parts = [("word", word) for word in spelling.split()]
        self.values = []
        self.conditions = []
        self.accented = command.accented
        self.page = 1
        self.open = False  # whether a name below it would be taken for a value
        self.set_apart = False
        chosen = []
        parameters = command.parameters
        for index, parameter in enumerate(parameters):
            last = all(isinstance(following, (Page, Accents)) for following in parameters[index + 1 :])
            if isinstance(parameter, FreeText):
                self.parts.append(("break", ""))
            optional = isinstance(parameter, (Page, Accents)) or parameter.optional
            taken = 0 if optional and draw.random() < 0.5 else 1
            if taken and getattr(parameter, "repeated", False):
                taken = draw.choice((1, 1, 2, 3, 5))
            if isinstance(parameter, FreeText) and (not taken or parameter.repeated):
                self.open = True
            for _ in range(taken):
                self._take(parameter, chosen, phrase=last)
        if chosen:
            fields = tuple(dict.fromkeys(field for view in chosen for field in views[view].fields))
        else:
            fields = views[command.view].fields if isinstance(command, RecordCommand) else ()
        self.fields = fields

    def _take(self, parameter, chosen, *, phrase):
        draw = self.draw
        match parameter:
            case CitizenId():
                value = draw.choice(("001085012345", "079301000100", "038190111111"))
                self.parts.append(("number", value))
            case OldId():
                value = draw.choice(("012345678", "271100110"))
                self.parts.append(("number", value))
            case Date():
                value = dt.date(draw.randrange(1900, 2100), draw.randrange(1, 13), draw.randrange(1, 29))
                self.parts.append(("date", value))
            case FreeText():
                text = draw.choice(TEXTS if phrase and not parameter.repeated else WORDS)
                self.parts.append(("text", text))
                value = fold(text)
            case Choice():
                option = draw.choice(parameter.options)
                value = option.view
                chosen.append(value)
                self.parts += [("word", word) for word in draw.choice(option.words).split()]
            case Page():
                value = self.page = draw.choice((1, 2, 3, 10, 12, 99))
                self.parts += [("word", draw.choice(parameter.words)), ("page", str(value))]
            case Accents():
                self.accented = True
                self.parts += [("word", word) for word in draw.choice(parameter.words).split()]
                return
        self.values.append((name_of(parameter), value))
        if field := getattr(parameter, "equals", None):
            self.conditions.append((field, value))

    def meant(self, reading):
        """Whether a reading is what was to be said."""
        return (
            (reading.command, reading.page, reading.accented) == (self.command.name, self.page, self.accented)
            and (reading.view.fields, reading.values) == (self.fields, tuple(self.values))
            and reading.conditions == tuple(self.conditions)
        )

    def rendered(self, share):
        """One way to type it; `share`: how often each rule is used."""
        draw = self.draw
        text, apart = "", False
        blanks = [blank for blank in BLANKS if blank.strip(" \u200b") or draw.random() < 0.8]
        for kind, what in self.parts:
            if kind == "break":
                apart = True
                continue
            if text:
                text += (
                    draw.choice(blanks) if draw.random() < share else " " if apart or draw.random() > share / 4 else ""
                )
            text += getattr(self, "_" + kind)(what, share)
        if draw.random() < share:
            text = draw.choice(BEFORE) + text
        after = draw.choice(AFTER) if draw.random() < share else ""
        if draw.random() < share:
            text = text.join(draw.choice(QUOTES))
        text += after
        if draw.random() < share:
            text = draw.choice((str.lower, str.upper, str.capitalize, str.swapcase))(text)
        if not self.open and draw.random() < share:
            text += draw.choice(SIGNATURES)
        return self._characters(text, share)

    def _word(self, word, share):
        draw = self.draw
        if draw.random() < share / 2:
            return typed_by_telex(word, draw)
        if draw.random() < 0.5:
            word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
        return word.translate(str.maketrans("Đđ", draw.choice(("Dd", "Đđ", "Ðð"))))

    def _number(self, digits, share):
        draw = self.draw
        if draw.random() < share:
            sizes = draw.choice(((3, 3, 6), (3, 3, 3, 3), (4, 4, 4), (6, 6), (2, 10), (1,) * 12))
            groups, at = [], 0
            for size in sizes:
                groups.append(digits[at : at + size])
                at += size
            digits = draw.choice((" ", ".", "-", " - ")).join(filter(None, groups))
        if draw.random() < share:
            groups = digits.split(" ") if " " in digits else [digits]
            digits = " ".join(self._letters(group) for group in groups)
        return digits

    def _letters(self, group):
        """Letters for a few of the digits, where enough true ones are left beside them."""
        if "." in group or "-" in group:
            return group
        typed = "".join(
            self.draw.choice({"0": "Oo0", "1": "lIi1"}.get(c, c)) if self.draw.random() < 0.4 else c for c in group
        )
        return typed if sum(map(str.isdigit, typed)) * 2 >= len(typed) and any(map(str.isdigit, typed)) else group

    def _page(self, digits, share):
        return digits

    def _date(self, day, share):
        written = (
            f"{day:%d/%m/%Y}",
            f"{day.day}/{day.month}/{day.year}",
            f"{day:%d.%m.%Y}",
            f"{day:%d-%m-%Y}",
            f"{day:%d%m%Y}",
            f"{day:%d %m %Y}",
            f"ngày {day.day} tháng {day.month} năm {day.year}",
            f"{day:%d} thang {day:%m} nam {day:%Y}",
        )
        return self.draw.choice(written) if self.draw.random() < share else written[0]

    def _text(self, text, share):
        return text

    def _characters(self, text, share):
        draw = self.draw
        if draw.random() < share / 2:
            text = "".join(chr(ord(c) + 0xFEE0) if "!" < c < "~" and draw.random() < 0.2 else c for c in text)
        if draw.random() < share / 2:
            text = "".join(c + "\u200b" if draw.random() < 0.1 else c for c in text)
        if draw.random() < share:
            composed = (lambda c: unicodedata.normalize("NFC", c), lambda c: unicodedata.normalize("NFD", c), _half)
            text = "".join(draw.choice(composed)(c) for c in unicodedata.normalize("NFC", text))
        return text


def _half(letter):
    """A letter of its own with the tone apart, as some keyboards send it."""
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in parts if mark in TONES)
    return unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES)) + tone
