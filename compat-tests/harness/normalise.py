"""What may differ between two runs: times, random names, source positions, environments."""

import re
import time

from harness.scenario import Output

STRING = r'"(?:[^"\\]|\\.)*"'
ENVIRONMENT = re.compile(rf'"envs":\{{{STRING}:{STRING}(?:,{STRING}:{STRING})*\}}')

# In this order. Replacements have the width of what they replace wherever a table may hold it.
PADDED = r"(?m)^((?:\x1b\[1m)?(?:Command:|   Path:|  Label:|  Start:|    End:).*?)[ ]+$"
RFC2822 = r"\b[A-Z][a-z]{2}, +\d+ [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
RULES = [
    # Positions in the original's source.
    (re.compile(r"(?m)^Location:\n.*$"), "Location:\n   {LOCATION}"),
    (re.compile(r"(?m)^Location: .*$"), "Location: {LOCATION}"),
    (re.compile(r'"[+-]?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*"'), '"{TS}"'),
    (re.compile(RFC2822), "{RFC2822}"),
    (re.compile(r"(?<!\d)20\d\d-\d\d-\d\d(?!\d)"), "yyyy-mm-dd"),
    (re.compile(r"(?<!\d)\d\d:\d\d:\d\d(?!\d)"), "hh:mm:ss"),
    (ENVIRONMENT, '"envs":{ENVS}'),
    # Padding that follows from the width of a date.
    (re.compile(PADDED), r"\1"),
    (re.compile(r"/\.tmp[A-Za-z0-9]{6}\b"), "/.tmpXXXXXX"),
]

# Below the messages of an error report the original prints a frame of its own; only the messages
# are compared.
REPORT = re.compile(
    r"(?m)^(Error: \n(?:   +.*\n)+)(?:\nLocation:\n.*\n)?"
    r"(?:\nBacktrace omitted\..*\nRun with RUST_BACKTRACE=full .*\n)?"
)

TIMESTAMP = re.compile(r'"(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*"')


def without_recent_times(message: str) -> str:
    """Replies to requests: a time far away was asked for, and has to come back as it was."""
    this_year = time.gmtime().tm_year

    def one(match: re.Match) -> str:
        return '"{TS}"' if abs(int(match[1]) - this_year) <= 1 else match[0]

    return TIMESTAMP.sub(one, message)


def normalise_text(text: str) -> str:
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text


def without_report_frame(text: str) -> str:
    return REPORT.sub(r"\1", text)


def normalise(output: Output, with_ours: bool) -> Output:
    stderr = normalise_text(output.stderr)
    return Output(
        stdout=normalise_text(output.stdout),
        stderr=without_report_frame(stderr) if with_ours else stderr,
        code=output.code,
        messages=[without_recent_times(message) for message in output.messages],
    )
