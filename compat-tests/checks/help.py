"""Our help has every command, argument, option and value of the original's, in the same order."""

from harness import help_text
from harness.check import expect
from harness.programs import Programs


def names_what_the_original_names():
    theirs = help_text.read_all(Programs.of("R/R").client)
    ours = help_text.read_all(Programs.of("O/O").client)
    expect(len(theirs) > 22, f"only {len(theirs)} commands found in the original's help")
    for words, wanted in theirs.items():
        command = " ".join(["pueue", *words])
        expect(words in ours, f"{command}: not in our help")
        found = ours[words]
        expect(bool(wanted.options), f"{command}: no option found in the original's help")
        expect(found.usage == wanted.usage, f"{command}: {found.usage}, not {wanted.usage}")
        for kind in ("commands", "arguments", "options", "values"):
            expect_in_order(command, getattr(wanted, kind), getattr(found, kind))


def expect_in_order(command: str, wanted: list, found: list):
    """What is ours alone may stand between."""
    rest = iter(found)
    for each in wanted:
        expect(each in rest, f"{command}: {each} is missing or in another place: {found}")


COMPARISONS = [names_what_the_original_names]
